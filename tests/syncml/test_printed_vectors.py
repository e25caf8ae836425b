"""The vectors as the digests print them: session.md 4.5 and 4.6, wbxml.md 10, read from there."""

from __future__ import annotations

import re

import pytest

from mdmcore.errors import WbxmlError
from mdmcore.syncml.credentials import basic, digest, inner_digest
from mdmcore.syncml.digest_mistakes import DigestAccount, explain_digest
from mdmcore.syncml.dmacc import dm_account_uid
from mdmcore.syncml.hmac_header import mac
from mdmcore.syncml.nonce import encode_nonce
from mdmcore.syncml.wbxml import decode_document, decode_wbxml, encode_wbxml
from mdmcore.syncml.xml import parse_syncml
from tests.support.requirements import protocol_file
from tests.syncml.wbxml.vectors import W1, W2, W3, W4, W5

_ROW = re.compile(r"^\| ([DM][0-9])\b[^|]*\| (.+?) \|\s*$", re.M)
_UID = re.compile(r"`([A-Za-z]+)` → `(0x0000800c[0-9A-F]{64})`")
_BASIC = re.compile(r"`([^`:]+):([^`]+)` → `([A-Za-z0-9+/=]+)`")
_MISTAKE = re.compile(r"^\| [^|]+ \| `([A-Za-z0-9+/=]{24,})` \| (digest-[a-z0-9-]+)", re.M)


def session() -> str:
    return protocol_file("session.md").read_text("utf-8")


def rows() -> dict[str, list[str]]:
    """The cells of each vector behind its id."""
    found = {name: cells.split(" | ") for name, cells in _ROW.findall(session())}
    assert set(found) == {*(f"D{n}" for n in range(6)), "M1", "M2", "M3"}
    return found


def nonce_of(printed: str) -> bytes:
    """The nonce in hexadecimal: plain, a byte and how often, or ``(empty)``."""
    if printed == "(empty)":
        return b""
    byte, _, times = printed.partition("\N{MULTIPLICATION SIGN}")
    return bytes.fromhex(byte) * int(times or 1)


def test_the_digests() -> None:
    for name in (f"D{number}" for number in range(6)):
        user, password, printed, nonce, inner, outer = rows()[name]
        raw = nonce_of(printed)
        assert encode_nonce(raw) == ("" if nonce == "(empty)" else nonce), name
        assert inner_digest(user, password) == inner, name
        assert digest(user, password, raw) == outer, name


def body_of(printed: str) -> bytes:
    """The body of an HMAC vector: ASCII or hexadecimal between backquotes, or empty."""
    if printed == "empty":
        return b""
    kind, text = printed.split(" ", 1)
    inside = text.split("`")[1]
    body = inside.encode("ascii") if kind == "ASCII" else bytes.fromhex(inside)
    assert f"({len(body)} bytes)" in text
    return body


def test_the_macs() -> None:
    printed = rows()
    for name in ("M1", "M2", "M3"):
        account, body, _body_digest, value = printed[name]
        user, password, nonce, *_ = printed[account]
        assert mac(user, password, nonce_of(nonce), body_of(body)) == value, name


def test_the_basic_credentials() -> None:
    found = _BASIC.findall(session())
    assert len(found) == 2
    for user, password, text in found:
        assert basic(user, password) == text


def test_the_account_uids() -> None:
    found = _UID.findall(session())
    assert [name for name, _ in found] == ["Fleet", "ExampleMDM", "TestMDMServer"]
    for provider, uid in found:
        assert dm_account_uid(provider) == uid


def test_the_mistakes_of_the_first_vector() -> None:
    user, password, nonce, *_ = rows()["D1"]
    account = DigestAccount(user=user, password=password, nonce=nonce_of(nonce))
    found = _MISTAKE.findall(session())
    assert len(found) == 6
    for given, rule in found:
        assert explain_digest(given, account) == rule


# --- WBXML ----------------------------------------------------------------------------------------


def printed_wbxml() -> dict[str, bytes]:
    """W1 to W5 as the digest gives them: hexadecimal, or as a change to another."""
    text = protocol_file("wbxml.md").read_text("utf-8").partition("## 10. Vectors")[2]
    blocks = re.findall(r"^(W[14]) [^\n]*?(\d+) bytes:\n```\n(.+?)```", text, re.M | re.S)
    found = {}
    for name, length, block in blocks:
        found[name] = bytes.fromhex("".join(block.split()))
        assert len(found[name]) == int(length), name
    header = re.search(r"^W2 .*?(\d+) bytes: `([0-9a-f]+)` followed by", text, re.M)
    assert header is not None
    body = found["W1"][5 + found["W1"][4] :]
    found["W2"] = bytes.fromhex(header[2]) + body
    assert len(found["W2"]) == int(header[1])
    change = re.search(r'^W3 .*?`(..) "([^"]+)" (..)` by `([0-9a-f ]+)`', text, re.M)
    assert change is not None
    old = bytes.fromhex(change[1]) + change[2].encode() + bytes.fromhex(change[3])
    assert found["W2"].count(old) == 1
    found["W3"] = found["W2"].replace(old, bytes.fromhex(change[4]))
    found["W5"] = found["W2"][:-2]
    return found


def printed_xml() -> bytes:
    """The message of W1 to W3 without the blanks that are for reading only."""
    text = protocol_file("wbxml.md").read_text("utf-8").partition("## 10. Vectors")[2]
    block = text.partition("```xml\n")[2].partition("```")[0]
    return re.sub(r">\s+<", "><", block).replace("\n", "").encode()


@pytest.mark.parametrize("name", ["W1", "W2", "W3"])
def test_the_message_is_the_printed_one(name: str) -> None:
    assert decode_wbxml(printed_wbxml()[name]) == parse_syncml(printed_xml())


def test_the_printed_message_becomes_w2_byte_for_byte() -> None:
    assert encode_wbxml(parse_syncml(printed_xml())) == printed_wbxml()["W2"]


def test_they_are_those_of_the_other_tests() -> None:
    ours = {"W1": W1, "W2": W2, "W3": W3, "W4": W4, "W5": W5}
    assert printed_wbxml() == ours


def test_w5_has_no_end() -> None:
    with pytest.raises(WbxmlError, match="unexpected end"):
        decode_document(printed_wbxml()["W5"])
