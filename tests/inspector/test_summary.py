"""The line for people."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.http import Headers, Request, Response, TlsFacts
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.syncml.model import Alert, Status
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    CERT_CN,
    DM_URL,
    EMAIL,
    GET,
    MESSAGE_ID,
    STORE_URL,
    Story,
    answer,
    device_cred,
    package,
    package1,
)


def test_the_lines_of_a_life() -> None:
    story = Story()
    range_request = Request(
        method="GET", url=STORE_URL, headers=Headers([("Range", "bytes=0-65535")])
    )
    part = Response(
        status=206, headers=Headers([("Content-Range", "bytes 0-65535/307200")]), body=None
    )
    told = answer("2", "212", "1", GET, GET, is_proved=False)
    lines = [
        story.probe().summary,
        story.discover().summary,
        story.policies().summary,
        story.enroll().summary,
        story.sync(package1(cred=device_cred()), told).summary,
        story.tell(range_request, part).summary,
    ]
    assert lines == [
        "Discovery probe -> 200",
        f"Discover {EMAIL}, RequestVersion 1.0 -> OnPremise",
        f"GetPolicies {EMAIL} -> key of 2048 bits",
        f"RST {EMAIL}, CSR 2048 bits SHA-1 -> CN={CERT_CN}",
        "DM session 1 message 1: Cred md5, Alert 1201, Replace DevInfo -> 212, Get x2",
        "Company Hub CompanyHub.xap GET -> 206 0-65535/307200",
    ]


@pytest.mark.parametrize(
    ("headers", "tls", "words"),
    [
        ([], None, "Alert 1201"),
        ([("MS-Signature", "AAAA")], None, "signed, Alert 1201"),
        ([("x-syncml-hmac", "mac=AAAA")], None, "HMAC, Alert 1201"),
        ([], TlsFacts(client_certificates=(b"x",)), "client certificate, Alert 1201"),
    ],
)
def test_what_proves_the_device_is_said(
    headers: list[tuple[str, str]], tls: TlsFacts | None, words: str
) -> None:
    media = ("Content-Type", SYNCML_XML_MEDIA_TYPE)
    body = serialize_syncml(package1())
    request = Request(method="POST", url=DM_URL, headers=Headers([media, *headers]), body=body)
    found = Story().tell(request, Response(status=500, headers=Headers([media]), body=b""), tls=tls)
    assert found.summary.startswith(f"DM session 1 message 1: {words}, Replace DevInfo ->")


def test_what_went_wrong_is_said() -> None:
    story = Story()
    fault = serialize_fault("Authentication", "no", MESSAGE_ID)
    said = story.policies(response=fault).summary
    assert said.endswith(
        "200 fault Authentication 0x80180002 (the server could not authenticate the user): no"
    )
    assert story.sync(b"<SyncML", b"", status=500).summary == (
        "SyncML that cannot be read -> 500 with an empty body"
    )
    assert story.sync(b"", None).summary == "SyncML without a body -> 200"
    request = Request(method="POST", url=DM_URL, headers=Headers())
    connect = Request(method="CONNECT", url="https://mdm.example.test:443", headers=Headers())
    assert story.tell(request, None, error="client left").summary.endswith("client left")
    assert story.tell(connect, None, error="TLS alert 48").summary == (
        "Connection to mdm.example.test: TLS alert 48"
    )


def test_hostile_text_stays_one_bounded_line() -> None:
    found = Story().discover(email="a\nb@" + "x" * 1000)
    assert found.summary.isprintable()
    assert len(found.summary) <= 300


def test_codes_out_of_the_ordinary_course_carry_their_names() -> None:
    story = Story()
    opened = Alert(cmd_id="1", code="1201")
    generic = Alert(cmd_id="2", code="1226")
    first = story.sync(package("1", opened, generic, cred=device_cred()), answer("2", "401", "1"))
    assert "Alert 1201, Alert 1226 generic alert" in first.summary
    assert "-> 401 invalid credentials" in first.summary
    failed = tuple(
        Status(cmd_id=str(number), msg_ref="2", cmd_ref="4", cmd="Get", data=code)
        for number, code in enumerate(("405", "505", "499", "200"), 1)
    )
    second = story.sync(package("2", *failed), answer("3", "212", "2"))
    assert (
        "Status 405 command not allowed, Status 505 DTD version not supported, Status 499 -> 212"
        in second.summary
    )


def test_the_decoded_parts_carry_name_and_meaning() -> None:
    story = Story()
    found = story.sync(package("1", Alert(cmd_id="1", code="1226")), answer("2", "401", "1"))
    (alert,) = found.decoded["request"]["syncml"]["commands"]
    assert (alert["code"], alert["name"]) == ("1226", "Generic alert")
    status = found.decoded["response"]["syncml"]["commands"][0]
    assert status["name"] == "Invalid credentials"
    assert "Chal" in status["meaning"]
    fault = serialize_fault("InvalidSecurity", "no", MESSAGE_ID)
    decoded = story.policies(response=fault).decoded["response"]["fault"]
    assert decoded["hresult"] == "0x80180007"
    assert decoded["name"] == "MENROLL_E_DEVICE_INVALIDSECURITY_ERROR"
    assert decoded["meaning"] == "the account in the security header could not be validated"


def test_the_life_says_what_refused_it() -> None:
    story = Story()
    story.discover()
    story.policies(response=serialize_fault("Authentication", "no", MESSAGE_ID))
    (life,) = story.inspector.lives()
    assert life.refusal == (
        "getpolicies: Authentication 0x80180002 (the server could not authenticate the user)"
    )
