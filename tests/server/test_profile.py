"""Discovery as each generation of devices meets it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from mdmcore.http import Response
from mdmcore.profiles import PROFILES
from mdmcore.server import MdmServer
from mdmcore.server.profile import choose_auth_policy
from tests.server.conftest import ServerFactory
from tests.support import messages as m
from tests.support.server import post_soap

DISCOVERY = "/EnrollmentServer/Discovery.svc"
PHONE, PC = "WindowsPhone", "CIMClient_Windows"


def texts(answer: Response, name: str) -> list[str]:
    """The text of each element of that local name."""
    root = ET.fromstring(answer.body or b"")
    return [element.text or "" for element in root.iterfind(f".//{{*}}{name}")]


def offer(*policies: str) -> str:
    inner = "".join(f"<AuthPolicy>{policy}</AuthPolicy>" for policy in policies)
    return f"<AuthPolicies>{inner}</AuthPolicies>"


@pytest.mark.parametrize(
    ("device_type", "version", "expected"),
    [
        (PHONE, "", []),
        (PHONE, "1.0", []),
        (PHONE, "2.0", []),
        (PHONE, "3.0", ["3.0"]),
        (PC, "4.0", ["4.0"]),
        (PC, "9.0", ["4.0"]),
        (PC, "99.0", ["4.0"]),
        ("", "3.0", ["3.0"]),
        (PHONE, "²", []),
        (PHONE, "9" * 5000, []),
        (PHONE, "nonsense", []),
    ],
)
def test_the_enrollment_version_answers_windows_10_only(
    server: MdmServer, device_type: str, version: str, expected: list[str]
) -> None:
    body = m.discover(version=version, device_type=device_type)
    answer = post_soap(server, DISCOVERY, body)
    assert answer.status == 200
    assert texts(answer, "EnrollmentVersion") == expected


def test_domain_and_user_may_stand_for_the_address(server: MdmServer) -> None:
    answer = post_soap(server, DISCOVERY, m.discover(email="EXAMPLE\\demo"))
    assert texts(answer, "AuthPolicy") == ["OnPremise"]


def test_the_default_profile_counts_where_nothing_tells(server_factory: ServerFactory) -> None:
    body = m.discover(version="", device_type="")
    assert post_soap(server_factory(), DISCOVERY, body).status == 200
    assert (
        post_soap(
            server_factory(profile="win81", auth_policies=("OnPremise",)), DISCOVERY, body
        ).status
        == 500
    )


def test_a_device_that_cannot_do_what_is_allowed_is_told_so(server_factory: ServerFactory) -> None:
    server = server_factory(auth_policies=("OnPremise",))
    body = m.discover(version="4.0", device_type=PC, more=offer("Federated"))
    answer = post_soap(server, DISCOVERY, body)
    assert answer.status == 500
    assert texts(answer, "ErrorType") == ["NotSupported"]
    assert "Federated" in texts(answer, "Text")[0]
    old = post_soap(server, DISCOVERY, m.discover(version="", device_type=PC))
    assert old.status == 500
    assert texts(old, "ErrorType") == []


@pytest.mark.parametrize(
    ("profile", "offered", "allowed", "chosen"),
    [
        ("wp8", (), ("Federated", "OnPremise"), "OnPremise"),
        ("wp81", (), ("Federated", "OnPremise"), "Federated"),
        ("wp81", (), ("OnPremise", "Federated"), "OnPremise"),
        ("win81", (), ("OnPremise", "Federated"), "Federated"),
        ("win10", (" federated ",), ("OnPremise", "Federated"), "Federated"),
        ("win10", ("Certificate",), ("OnPremise", "Federated"), None),
        ("wp8", (), ("Federated",), None),
    ],
)
def test_the_first_allowed_policy_that_the_device_can_do_is_chosen(
    profile: str, offered: tuple[str, ...], allowed: tuple[str, ...], chosen: str | None
) -> None:
    assert choose_auth_policy(PROFILES[profile], offered=offered, allowed=allowed) == chosen
