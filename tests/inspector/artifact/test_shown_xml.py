"""Documents indented for people, secrets masked."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import XmlError
from mdmcore.inspector.artifact.shown_xml import MAX_SHOWN, shown_xml
from mdmcore.inspector.masking import Mask
from mdmcore.xml import parse_lenient, parse_strict
from tests.support.artifacts import rst, rstrc
from tests.support.messages import basic_cred, chal, status, syncml
from tests.support.story import (
    DEVICE_SECRET,
    HUB,
    NONCE_C2S,
    SERVER_SECRET,
    certificate,
    document,
)

HIDDEN, OPEN = Mask(), Mask(show_secrets=True)
SECRET_ITEM = (
    "<Replace><CmdID>2</CmdID><Item><Target><LocURI>./Vendor/MSFT/WiFi/x/WlanXml</LocURI></Target>"
    "<Data>{}</Data></Item></Replace>"
)


@pytest.mark.parametrize(
    ("data", "secret"),
    [
        (document(), SERVER_SECRET),
        (document(), DEVICE_SECRET),
        (document(), base64.b64encode(NONCE_C2S).decode()),
        (document(), HUB.enrollment_token or ""),
        (rst(), "secret-password"),
        (syncml("", cred=basic_cred("u", "pw")), base64.b64encode(b"u:pw").decode()),
        (syncml(status("1", "1", "0", "SyncHdr", "401", chal(b"nonce123"))), "bm9uY2UxMjM="),
        (syncml(SECRET_ITEM.format("wifi key")), "wifi key"),
        (syncml(SECRET_ITEM.format("<a>wifi key</a>")), "wifi key"),
    ],
)
def test_secrets_are_masked_unless_they_shall_be_shown(data: bytes, secret: str) -> None:
    root = parse_strict(data)
    assert secret not in shown_xml(root, HIDDEN)
    assert "***" in shown_xml(root, HIDDEN)
    assert secret in shown_xml(root, OPEN)


def test_the_document_itself_is_not_changed() -> None:
    root = parse_strict(document())
    first = shown_xml(root, HIDDEN)
    assert shown_xml(root, HIDDEN) == first
    assert SERVER_SECRET in shown_xml(root, OPEN)


def test_what_stands_in_tokens_is_counted() -> None:
    text = shown_xml(parse_strict(rstrc()), HIDDEN)
    assert "characters, what is inside stands below]" in text
    assert max(map(len, text.splitlines())) < 500
    assert base64.b64encode(certificate()).decode() not in shown_xml(parse_strict(document()), OPEN)


def test_other_items_stay() -> None:
    text = shown_xml(
        parse_strict(syncml(SECRET_ITEM.replace("WlanXml", "Name").format("x"))), HIDDEN
    )
    assert "<Data>x</Data>" in text


def test_a_parm_without_value_stays_without() -> None:
    assert shown_xml(parse_strict(b'<a><parm name="AAUTHDATA"/></a>'), HIDDEN).count("value") == 0


def test_the_length_is_bounded() -> None:
    text = shown_xml(parse_strict(b"<a>" + b"<b>x</b>" * 60_000 + b"</a>"), HIDDEN)
    assert len(text) < MAX_SHOWN + 100
    assert text.endswith("characters more")


@given(st.binary(max_size=200))
def test_whatever_was_recovered_is_shown(data: bytes) -> None:
    try:
        root = parse_lenient(b"<parm name='AAUTHSECRET'><Item><Data>" + data).root
    except XmlError:
        return
    assert isinstance(shown_xml(root, HIDDEN), str)
