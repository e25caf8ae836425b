"""The HMAC vectors of session.md 4.6, and the header around a mac."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import DeviceFault
from mdmcore.syncml.hmac_header import MacHeader, mac, parse_mac_header, serialize_mac_header
from tests.support.openssl import openssl_output
from tests.syncml.vectors import D0, D1, D2, Vector


class MacVector(NamedTuple):
    """An account and nonce, the body, the digest of the body, and the mac."""

    account: Vector
    body: bytes
    body_digest: str
    mac: str


M1 = MacVector(
    D0,
    b"<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr/></SyncML>",
    "6iPrqxFUzucl4kVBJgtkPw==",
    "A9eE1Vs1T6HSl6hBFZEHaQ==",
)
M2 = MacVector(
    D1,
    bytes.fromhex("0300006a1d2d2f2f53594e434d4c2f2f4454442053796e634d4c20312e322f2f454e6d6c0101"),
    "6e7jai22JZjCMnOkvimsmg==",
    "l1P5PnbEVUTeAG2gLr5/AQ==",
)
M3 = MacVector(D2, b"", "1B2M2Y8AsgTpgAmY7PhCfg==", "56ryVpo4UvCBjJpYdwQ3Iw==")
vectors = pytest.mark.parametrize("vector", [M1, M2, M3], ids=["M1", "M2", "M3"])


@vectors
def test_the_mac_matches_the_vector(vector: MacVector) -> None:
    account = vector.account
    assert mac(account.user, account.password, account.nonce, vector.body) == vector.mac


@vectors
def test_the_mac_matches_what_openssl_computes(vector: MacVector) -> None:
    def md5_base64(data: bytes) -> bytes:
        return base64.b64encode(openssl_output("dgst", "-md5", "-binary", data=data))

    account = vector.account
    body = md5_base64(vector.body)
    assert body.decode() == vector.body_digest
    inner = md5_base64(f"{account.user}:{account.password}".encode())
    assert md5_base64(inner + b":" + account.nonce + b":" + body).decode() == vector.mac


@vectors
@pytest.mark.parametrize("padded", [True, False])
def test_the_right_mac_verifies_and_no_other(vector: MacVector, padded: bool) -> None:
    account = vector.account
    text = vector.mac if padded else vector.mac.rstrip("=")
    header = MacHeader(username=account.user, mac=text)
    assert header.verify(account.password, account.nonce, vector.body)
    assert not header.verify(account.password, account.nonce, vector.body + b" ")
    assert not header.verify(account.password, b"other", vector.body)
    assert not header.verify("other", account.nonce, vector.body)
    assert not MacHeader(username=account.user, mac="!").verify("", b"", b"")


@pytest.mark.parametrize(
    "value",
    [
        'algorithm=MD5, username="Bruce 2", mac=A9eE1Vs1T6HSl6hBFZEHaQ',
        'mac=A9eE1Vs1T6HSl6hBFZEHaQ,username="Bruce 2"',
        ' Mac = A9eE1Vs1T6HSl6hBFZEHaQ , algorithm=md5,username="Bruce 2"',
    ],
)
def test_the_parts_of_the_header_may_stand_in_any_order(value: str) -> None:
    header = parse_mac_header(value)
    assert header.username == "Bruce 2"
    assert header.mac == "A9eE1Vs1T6HSl6hBFZEHaQ"


def test_the_header_is_written_as_the_specification_prints_it() -> None:
    header = MacHeader(username="dev, 1", mac="A9eE1Vs1T6HSl6hBFZEHaQ==")
    written = serialize_mac_header(header)
    assert written == 'algorithm=MD5, username="dev, 1", mac=A9eE1Vs1T6HSl6hBFZEHaQ=='
    assert parse_mac_header(written) == header


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "is not algorithm"),
        ("mac=", "is not algorithm"),
        ('username="a"', "is not algorithm"),
        ('username="a, mac=b', "is not algorithm"),
        ("algorithm=SHA, mac=b", "'SHA' is not MD5"),
        ("mac=" + "a" * 2000, "is not algorithm"),
    ],
)
def test_another_header_is_refused(value: str, message: str) -> None:
    with pytest.raises(DeviceFault, match=message) as caught:
        parse_mac_header(value, fault=DeviceFault)
    assert caught.value.place == "header x-syncml-hmac"


@pytest.mark.parametrize("username", ['a"b', "a\nb", "a\x00b"])
def test_a_user_who_cannot_stand_in_it_is_refused(username: str) -> None:
    with pytest.raises(DeviceFault, match="cannot stand"):
        serialize_mac_header(MacHeader(username=username, mac="x"), fault=DeviceFault)


def test_a_mac_does_not_show() -> None:
    assert "s3cr3t" not in repr(MacHeader(username="a", mac="s3cr3t"))


@given(st.text(max_size=60))
def test_any_value_is_read_or_refused(value: str) -> None:
    with suppress(DeviceFault):
        parse_mac_header(value, fault=DeviceFault)
