"""Rules on what a DiscoverResponse says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.enrollment.discovery import (
    DiscoverRequest,
    DiscoverResponse,
    serialize_discover,
    serialize_discover_response,
)
from tests.support.story import (
    DISCOVERY_URL,
    EMAIL,
    ENROLLMENT_URL,
    MESSAGE_ID,
    POLICY_URL,
    Story,
    rules_of,
)

RIGHT = DiscoverResponse(
    auth_policy="OnPremise", policy_url=POLICY_URL, enrollment_url=ENROLLMENT_URL
)
BOTH = ("OnPremise", "Federated")


def found(
    response: DiscoverResponse, *, profile: str, version: str = "", offered: tuple[str, ...] = ()
) -> set[str]:
    asked = DiscoverRequest(email_address=EMAIL, request_version=version, auth_policies=offered)
    inspection = Story(profile).discover(
        request=serialize_discover(asked, message_id=MESSAGE_ID, to=DISCOVERY_URL),
        response=serialize_discover_response(response, relates_to=MESSAGE_ID),
    )
    return rules_of(inspection.findings)


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_a_right_answer_has_no_finding(profile: str) -> None:
    assert found(RIGHT, profile=profile, version="1.0") == set()


@pytest.mark.parametrize("field", ["auth_policy", "enrollment_url"])
def test_a_mandatory_field_is_missing(field: str) -> None:
    broken = replace(RIGHT, **{field: ""})
    assert found(broken, profile="wp8") == {"mandatory-discovery-field-missing"}


def test_a_policy_that_was_not_offered() -> None:
    url = "https://mdm.example.test/login"
    federated = replace(RIGHT, auth_policy="Federated", authentication_url=url)
    wrong = {"auth-policy-not-offered"}
    assert found(federated, profile="win10", offered=("OnPremise",)) == wrong
    assert found(federated, profile="win10", offered=BOTH) == set()
    assert found(federated, profile="win81") == set()
    assert found(federated, profile="wp8") == wrong


@pytest.mark.parametrize("version", ["", "1.0", "2.0"])
def test_enrollment_version_for_an_old_client(version: str) -> None:
    answer = replace(RIGHT, enrollment_version="3.0")
    wrong = {"enrollment-version-for-old-client"}
    assert found(answer, profile="wp81", version=version) == wrong
    assert found(answer, profile="wp81", version="3.0") == set()
    assert found(answer, profile="wp81", version="unknown") == set()


def test_federated_needs_its_url() -> None:
    broken = replace(RIGHT, auth_policy="Federated")
    assert found(broken, profile="win10", offered=BOTH) == {"federated-url-missing"}


def test_both_services_on_one_host() -> None:
    other = replace(RIGHT, policy_url="https://other.example.test/Policy.svc")
    assert found(other, profile="win10") == {"policy-enroll-host-mismatch"}
    upper = replace(RIGHT, policy_url=POLICY_URL.replace("mdm.example", "MDM.example"))
    assert found(upper, profile="win10") == set()


# --- discover-namespace-trailing-slash

NAMESPACE = b"http://schemas.microsoft.com/windows/management/2012/01/enrollment"


@pytest.mark.parametrize("profile", ["wp8", "win10"])
def test_a_slash_behind_the_namespace(profile: str) -> None:
    right = serialize_discover_response(RIGHT, relates_to=MESSAGE_ID)
    broken = right.replace(b'xmlns="' + NAMESPACE + b'"', b'xmlns="' + NAMESPACE + b'/"')
    assert broken != right
    (finding,) = Story(profile).discover(response=broken).findings
    assert (finding.rule, finding.severity) == ("discover-namespace-trailing-slash", "warning")
    assert finding.places[0].where == {
        "part": "response",
        "xpath": "/Envelope/Body/DiscoverResponse",
    }
    assert finding.places[0].evidence == NAMESPACE.decode() + "/"


def test_the_slash_of_printed_requests_is_nobodys_mistake() -> None:
    asked = serialize_discover(
        DiscoverRequest(email_address=EMAIL), message_id=MESSAGE_ID, to=DISCOVERY_URL
    )
    slashed = asked.replace(b'xmlns="' + NAMESPACE + b'"', b'xmlns="' + NAMESPACE + b'/"')
    assert slashed != asked
    assert Story("wp8").discover(request=slashed).findings == ()
