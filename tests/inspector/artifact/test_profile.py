"""Which device an artifact is of."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.discovery import DiscoverRequest, DiscoverResponse
from mdmcore.enrollment.token import parse_rst
from mdmcore.inspector.artifact.profile import AS_ASKED, NOTHING_TELLS, profile_of
from mdmcore.inspector.artifact.values import ArtifactSettings
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.rules.decoded import Decoded, Kind
from tests.support.artifacts import rst
from tests.support.story import document

AUTO = ArtifactSettings()
PHONE_KEY = rb"HKLM\Software\Microsoft\Enrollment\OmaDmRetry"


def wap(key: bytes = PHONE_KEY) -> Decoded:
    raw = document().replace(PHONE_KEY, key)
    return Decoded(kind=Kind.RST, provisioning=read_provisioning(raw))


def test_what_was_asked_for_comes_first() -> None:
    chosen = profile_of(wap(), ArtifactSettings(profile="win10"))
    assert (chosen.profile, chosen.reason, chosen.is_known) == ("win10", AS_ASKED, True)


@pytest.mark.parametrize("decoded", [None, Decoded(kind=Kind.RST), wap(b"HKLM\\Other")])
def test_wp8_where_nothing_tells(decoded: Decoded | None) -> None:
    chosen = profile_of(decoded, AUTO)
    assert (chosen.profile, chosen.reason, chosen.is_known) == ("wp8", NOTHING_TELLS, False)


def test_the_registry_key_of_phones() -> None:
    for key in (PHONE_KEY, PHONE_KEY.lower()):
        chosen = profile_of(wap(key), AUTO)
        assert (chosen.profile, chosen.is_known) == ("wp8", True)
        assert "only phones use" in chosen.reason


def test_the_registry_key_of_pcs() -> None:
    key = rb"HKLM\Security\MachineEnrollment\OmaDmRetry"
    assert profile_of(wap(key), AUTO).profile == "win81"


@pytest.mark.parametrize(
    ("request_", "profile"),
    [
        (DiscoverRequest(email_address="a", request_version="2.0"), "wp81"),
        (
            DiscoverRequest(
                email_address="a",
                device_type="CIMClient_Windows",
                application_version="10.0.19043",
                request_version="4.0",
            ),
            "win10",
        ),
        (DiscoverRequest(email_address="a", device_type="WindowsPhone"), "wp8"),
        (DiscoverRequest(email_address="a"), "win81"),
    ],
)
def test_what_a_discover_says(request_: DiscoverRequest, profile: str) -> None:
    assert profile_of(Decoded(kind=Kind.DISCOVER, discover=request_), AUTO).profile == profile


def test_what_a_request_for_a_certificate_says() -> None:
    decoded = Decoded(kind=Kind.RST, rst=parse_rst(rst()))
    assert profile_of(decoded, AUTO).reason == (
        "DeviceType WindowsPhone, ApplicationVersion 8.0.10501.127"
    )


def test_the_version_that_an_answer_repeats() -> None:
    answer = DiscoverResponse(auth_policy="Federated", enrollment_version="4.0")
    chosen = profile_of(Decoded(kind=Kind.DISCOVER, discover_response=answer), AUTO)
    assert (chosen.profile, chosen.reason) == ("win10", "RequestVersion 4.0")
