"""Every generation from e-mail to document, and each of its requests before the schemas."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest

from mdmcore.enrollment import parse_discover, parse_rst
from mdmcore.phone import EnrolledPhone, Refusal, enroll, run
from mdmcore.profiles import PROFILES
from tests.enrollment.oracles import check_request, check_soap
from tests.phone.generations import TOKEN, SignInScript, bodies, phone_of, script_for
from tests.phone.scripted import assert_refusal
from tests.support.keys import load_key
from tests.support.openssl import request_verifies
from tests.support.server import FixedClock, counted_random
from tests.support.win10_log import request_bodies

WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
JWT = "eyJhbGciOiJub25lIn0.eyJ1cG4iOiJ1c2VyQGV4YW1wbGUudGVzdCJ9."
WAYS = [
    ("wp8", False),
    ("wp81", False),
    ("wp81", True),
    ("win81", True),
    ("win10", False),
    ("win10", True),
]


def enrolled_as(script: SignInScript, profile: str, **changes: object) -> EnrolledPhone:
    return run(
        enroll(
            phone_of(profile, **changes),
            private_key=load_key("device"),
            random=counted_random("phone"),
            clock=FixedClock(),
        ),
        script,
    )


def _without(*names: bytes) -> Callable[[bytes], bytes]:
    """A message less these elements of Discover, which MS-MDE 1 does not know."""

    def cut(message: bytes) -> bytes:
        for name in names:
            start, end = message.index(b"<" + name), message.index(b"</" + name + b">")
            message = message[:start] + message[end + len(name) + 3 :]
        return message

    return cut


def _as_it_is(message: bytes) -> bytes:
    return message


DISCOVER_SCHEMAS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    # What the first phones say beyond MS-MDE 1 is not confirmed; no schema has just that.
    "wp8": ("mdm-soap-mde1.xsd", _without(b"DeviceType")),
    "wp81": (
        "mdm-soap-mde1.xsd",
        _without(b"DeviceType", b"ApplicationVersion", b"AuthPolicies"),
    ),
    "win81": ("mdm-soap-mde1.xsd", _as_it_is),
    "win10": ("mdm-soap-windows.xsd", _as_it_is),
}


@pytest.mark.parametrize(("profile", "federated"), WAYS)
def test_a_generation_enrols_and_every_request_is_valid(profile: str, federated: bool) -> None:
    script = script_for(profile, federated=federated)
    phone = enrolled_as(script, profile)
    assert phone.auth_policy == ("Federated" if federated else "OnPremise")
    assert phone.management_certificate().found is not None
    sent = bodies(script)
    schema, reduced = DISCOVER_SCHEMAS[profile]
    check_soap(reduced(sent["discovery.svc"]), schema=schema)
    policies = sent["policy.svc"]
    if profile == "win81":  # the printed request's one deviation from XCEP (MS-MDE 4.2.1)
        assert b"<Client><lastUpdate>0001-01-01T00:00:00</lastUpdate>" in policies
        policies = policies.replace(b"Client>", b"client>")
    check_request(policies)
    check_request(sent["enrollment.svc"])
    assert request_verifies(parse_rst(sent["enrollment.svc"]).token)


@pytest.mark.parametrize("profile", ["wp81", "win81", "win10"])
def test_the_token_goes_into_both_headers_in_base64(profile: str) -> None:
    script = script_for(profile, federated=True)
    enrolled_as(script, profile)
    for service in ("policy.svc", "enrollment.svc"):
        root = ElementTree.fromstring(bodies(script)[service])
        token = root.find(f".//{WSSE}Security/{WSSE}BinarySecurityToken")
        assert token is not None
        assert base64.b64decode(token.text or "").decode() == TOKEN
        assert (token.get("ValueType") or "").endswith("Enrollment/DeviceEnrollmentUserToken")
        assert (token.get("EncodingType") or "").endswith("secext-1.0.xsd#base64binary")
        assert root.find(f".//{WSSE}UsernameToken") is None


def test_a_pc_with_an_entra_token_sees_no_page() -> None:
    script = script_for("win10", federated=True)
    phone = enrolled_as(script, "win10", user_token=JWT)
    assert phone.auth_policy == "Federated"
    assert {request.host for request in script.requests} == {
        "enterpriseenrollment.example.test",
        "mdm.example.test",
    }
    for service in ("policy.svc", "enrollment.svc"):
        message = bodies(script)[service]
        check_request(message)
        token = ElementTree.fromstring(message).find(f".//{WSSE}Security/{WSSE}BinarySecurityToken")
        assert token is not None
        assert token.get("ValueType") == "urn:ietf:params:oauth:token-type:jwt"
        assert base64.b64decode(token.text or "").decode() == JWT


def test_a_windows_8_1_pc_says_two_things_of_itself() -> None:
    script = script_for("win81")
    enrolled_as(script, "win81")
    message = bodies(script)["discovery.svc"]
    request = ElementTree.fromstring(message).find(".//{*}request")
    assert request is not None
    assert [element.tag.rpartition("}")[2] for element in request] == [
        "EmailAddress",
        "RequestVersion",
    ]
    assert request.findtext("{*}RequestVersion") in (None, "")


def test_the_discover_of_the_captured_pc() -> None:
    captured = parse_discover(request_bodies()["discover"])
    script = script_for("win10")
    enrolled_as(
        script,
        "win10",
        email=captured.email_address,
        request_version="4.0",
        os_version=captured.application_version,
    )
    assert parse_discover(bodies(script)["discovery.svc"]) == captured


@pytest.mark.parametrize("version", ["4.0", "7.0", "9.0", "99.0", "", "tomorrow"])
def test_the_request_version_can_be_chosen(version: str) -> None:
    script = script_for("win10")
    enrolled_as(script, "win10", request_version=version)
    assert parse_discover(bodies(script)["discovery.svc"]).request_version == version


@pytest.mark.parametrize("profile", list(PROFILES))
def test_who_asks_in_which_name(profile: str) -> None:
    script = script_for(profile)
    enrolled_as(script, profile)
    device = PROFILES[profile]
    probe, discover, *_ = script.requests
    assert probe.headers.get("User-Agent") == device.probe_user_agent
    assert discover.headers.get("User-Agent") == device.enrollment_user_agent


def test_windows_phone_8_knows_no_sign_in_page() -> None:
    script = script_for("wp8", federated=True)
    with pytest.raises(Refusal) as caught:
        enrolled_as(script, "wp8")
    assert_refusal(caught.value, "discovery", "AuthPolicy", "only OnPremise")


def test_a_device_with_a_token_shows_its_password_where_that_is_asked() -> None:
    script = script_for("win10", federated=False)
    assert enrolled_as(script, "win10", user_token=JWT).auth_policy == "OnPremise"
    assert b"UsernameToken" in bodies(script)["enrollment.svc"]


def test_what_each_document_left_behind() -> None:
    phones = {name: enrolled_as(script_for(name), name) for name in PROFILES}
    days = {name: phone.renewal.period_days for name, phone in phones.items()}
    assert days == {"wp8": 42, "wp81": 60, "win81": 363, "win10": 60}
    robo = {name: phone.renewal.supports_robo for name, phone in phones.items()}
    assert robo == {"wp8": False, "wp81": True, "win81": False, "win10": True}
    assert {name: phone.upn for name, phone in phones.items()} == {
        "wp8": None,
        "wp81": None,
        "win81": None,
        "win10": "user@example.test",
    }
    assert {name for name, phone in phones.items() if phone.hub is not None} == {"wp8", "wp81"}
    last = {name: phone.schedule.remaining.interval for name, phone in phones.items()}
    assert last == {"wp8": 480, "wp81": 1440, "win81": 480, "win10": 1440}
    for phone in phones.values():
        assert phone.ent_dmid == "DEVICE-0001"
        assert phone.enrollment_url == "https://mdm.example.test/EnrollmentServer/Enrollment.svc"
        assert phone.discovery_url.endswith(".example.test/EnrollmentServer/Discovery.svc")
        assert (phone.policy.key_bits, phone.policy.digest) == (2048, "sha1")
        assert not phone.is_unenrolled
