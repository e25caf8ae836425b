"""Reading SCEP messages, which pyasn1 put together."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from mdmcore.http import Request
from mdmcore.pki.scep import (
    ScepMessage,
    parse_scep_message,
    requested_message,
    scep_operation,
)
from tests.support.openssl import openssl
from tests.support.scep import CERTREP, DEVICE_NONCE, REQUEST, SERVER_NONCE, pki_message

URL = "http://scep.example.test/certsrv/mscep/mscep.dll"
ASKED = pki_message(REQUEST)


def get(query: str) -> Request:
    return Request(method="GET", url=f"{URL}?{query}")


def test_the_messages_of_the_tests_are_sound() -> None:
    for attributes in (REQUEST, CERTREP):
        verified = openssl(
            *("cms", "-verify", "-binary", "-inform", "DER", "-noverify"),
            data=pki_message(attributes),
        )
        assert verified.returncode == 0, verified.stderr
        assert verified.stdout == b"enveloped"


def test_a_certrep_is_read() -> None:
    assert parse_scep_message(pki_message(CERTREP)) == ScepMessage(
        message_type="3",
        transaction_id="4F1C",
        pki_status="0",
        sender_nonce=SERVER_NONCE,
        recipient_nonce=DEVICE_NONCE,
    )


@pytest.mark.parametrize("name", CERTREP)
def test_an_attribute_that_is_absent_or_of_another_type_is_none(name: str) -> None:
    fields = {
        "messageType": "message_type",
        "transactionID": "transaction_id",
        "pkiStatus": "pki_status",
        "senderNonce": "sender_nonce",
        "recipientNonce": "recipient_nonce",
    }
    rest = {key: value for key, value in CERTREP.items() if key != name}
    wrong = {**CERTREP, name: "x" if isinstance(CERTREP[name], bytes) else b"x"}
    for attributes in (rest, wrong):
        message = parse_scep_message(pki_message(attributes))
        assert message is not None
        assert getattr(message, fields[name]) is None
        present = [value for value in (getattr(message, each) for each in fields.values()) if value]
        assert len(present) == 4


@pytest.mark.parametrize(
    ("query", "operation"),
    [
        ("operation=GetCACaps", "GetCACaps"),
        ("operation=GetCACert&message=x", "GetCACert"),
        ("message=x", None),
        ("", None),
        ("operation", None),
        ("operation=" + "x" * 70_000, None),
    ],
)
def test_the_operation_stands_in_the_query(query: str, operation: str | None) -> None:
    assert scep_operation(get(query)) == operation


def test_a_request_may_come_by_get_or_post() -> None:
    text = base64.b64encode(ASKED).decode()
    assert "+" in text
    by_post = Request(method="POST", url=f"{URL}?operation=PKIOperation", body=ASKED)
    by_get = get(f"operation=PKIOperation&message={quote(text, safe='')}")
    careless = get(f"operation=PKIOperation&message={text}")
    for request in (by_post, by_get, careless):
        found = requested_message(request)
        assert found is not None
        assert (found.message_type, found.sender_nonce) == ("19", DEVICE_NONCE)


@pytest.mark.parametrize(
    "request_",
    [
        get("operation=GetCACaps&message=x"),
        get("operation=PKIOperation"),
        get("operation=PKIOperation&message=%"),
        Request(method="POST", url=f"{URL}?operation=PKIOperation", body=None),
        Request(method="POST", url=f"{URL}?operation=PKIOperation", body=ASKED[:-1]),
    ],
)
def test_what_is_no_message_is_none(request_: Request) -> None:
    assert requested_message(request_) is None


def test_truncation_at_each_byte_is_no_message() -> None:
    for length in range(len(ASKED)):
        assert parse_scep_message(ASKED[:length]) is None
