"""Messages of the enrolment with new ids, user and certificate request."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.enrollment.security import blank_username_token, user_token, username_token
from mdmcore.enrollment.soap import parse_envelope
from mdmcore.enrollment.token import parse_rst, serialize_rst
from mdmcore.errors import XmlError
from mdmcore.pki.csr import parse_pkcs10
from mdmcore.pki.request import build_phone_csr
from mdmcore.replay.soap import Renewed, User, message_id, remade_csr, renewed_message, wraps
from mdmcore.rules.decoded import CsrPart
from mdmcore.xml import Node
from tests.support.keys import load_key, spki
from tests.support.server import counted_random

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
OLD = datetime(2014, 5, 1, 12, 0, tzinfo=UTC)
CSR = build_phone_csr(load_key("device"))


def request(security: Node) -> bytes:
    return serialize_rst(
        CSR,
        security=security,
        message_id="urn:uuid:0f5c0b6e-0000-4000-8000-000000000001",
        to="https://old.test/enroll",
        context=(("DeviceType", "WindowsPhone"),),
    )


def renewed(security: Node, **new: object) -> bytes:
    values = {"message_id": "urn:uuid:new", "to": "https://new.test/enroll", "now": NOW, **new}
    return renewed_message(request(security), Renewed(**values))  # type: ignore[arg-type]


def test_ids_and_address_are_new_and_the_rest_is_not() -> None:
    before = request(username_token("joe", "old"))
    after = renewed(username_token("joe", "old"))
    assert after == before.replace(
        b"urn:uuid:0f5c0b6e-0000-4000-8000-000000000001", b"urn:uuid:new"
    ).replace(b"https://old.test/enroll", b"https://new.test/enroll")


def test_another_user() -> None:
    body = renewed(username_token("joe", "old"), user=User(name="ann & co", password="<new>"))
    message = parse_envelope(body)
    assert (message.username, message.password) == ("ann & co", "<new>")


def test_the_token_of_the_body_is_not_that_of_the_header() -> None:
    new = encode_base64(build_phone_csr(load_key("device2")))
    body = renewed(user_token("old"), token=new, user_token=encode_base64(b"fresh"))
    message = parse_envelope(body)
    assert message.user_token is not None
    assert decode_base64(message.user_token.text) == b"fresh"
    assert parse_pkcs10(parse_rst(body).token).spki == spki("device2")
    assert parse_rst(body).context == (("DeviceType", "WindowsPhone"),)


def test_the_dates_of_a_header_are_those_of_now() -> None:
    security = blank_username_token("joe", created=OLD, expires=OLD)
    body = renewed(security)
    assert b">2026-05-01T12:00:00.000Z<" in body
    assert b">2026-05-01T12:05:00.000Z<" in body
    assert b"2014" not in body


def test_what_cannot_be_read() -> None:
    with pytest.raises(XmlError):
        renewed_message(b"\0", Renewed(message_id="a", to="b", now=NOW))


@pytest.mark.parametrize(
    ("captured", "prefix"),
    [("urn:uuid:1", "urn:uuid:"), ("URN:UUID:1", "urn:uuid:"), ("1-2-3", ""), (None, "urn:uuid:")],
)
def test_an_id_has_the_form_of_the_captured_one(captured: str | None, prefix: str) -> None:
    fresh = message_id(captured, counted_random())
    assert fresh.startswith(prefix)
    assert len(fresh.removeprefix(prefix)) == 36


def test_a_request_that_cannot_be_read_stays() -> None:
    assert remade_csr(CsrPart(raw=b"junk"), load_key("device")) == b"junk"


def test_a_token_in_base64() -> None:
    assert wraps(encode_base64(b"token"), "token")
    assert not wraps("junk!", "token")
