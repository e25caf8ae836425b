"""Both proofs against the vectors of session.md 4.6, published and computed ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.namespaces import AUTH_BASIC, AUTH_MAC, AUTH_MD5
from mdmcore.phone import Refusal
from mdmcore.phone.authentication import (
    UnknownChallenge,
    judge_server,
    own_cred,
    read_challenge,
)
from mdmcore.phone.readiness import SessionAccount, ready
from mdmcore.records import AuthScheme
from mdmcore.syncml.model import Chal, Cred, Status, SyncHdr, SyncML
from tests.phone.scripted import enrolled

VECTORS = [
    ("Bruce2", "OhBehave", "4e6f6e6365", "Zz6EivR3yeaaENcRN6lpAQ=="),
    (
        "ExampleMDM",
        "s3cr3t-srv-0001",
        "000102030405060708090a0b0c0d0e0f",
        "h0ymOKkz/d8zfICpEX+pFg==",
    ),
    (
        "device-7f3a",
        "s3cr3t-cli-0001",
        "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0",
        "s/kbqcGB3YTgtzNZ5MCKwA==",
    ),
    (
        "ExampleMDM",
        "p:w with:colons",
        "00ff3a0a0d00c3280180feff20097f80",
        "8+alXo4TZtzercS5QSx+0w==",
    ),
    ("Ger\u00e4t-\u00c4", "p\u00e4ssw\u00f6rd", "00" * 16, "+SiqmOhzqg8HZIY15C1CWA=="),
]
WRONG_D1 = [
    "yldjXG+Ltj7SowbgZ1uf3w==",
    "uG9usC1vsP0zUQUnd2lC0w==",
    "lPK3pmt6x6QAgh8xdWDofw==",
    "QahdSU/UQVNznZv4mw9eLw==",
    "ODc0Y2E2MzhhOTMzZmRkZjMzN2M4MGE5MTE3ZmE5MTY=",
    "Bw/tQy5j+Q2SaD9KPjnLQQ==",
    "not base64",
]
"""The mistakes of session.md 4.5 for vector D1."""


def account(**changes: object) -> SessionAccount:
    return replace(ready(enrolled()), **changes)  # type: ignore[arg-type]


def message(cred: Cred | None) -> SyncML:
    header = SyncHdr(session_id="1", msg_id="1", target="device", source="server", cred=cred)
    return SyncML(header=header)


@pytest.mark.parametrize(("user", "secret", "nonce", "digest"), VECTORS)
def test_the_devices_digest(user: str, secret: str, nonce: str, digest: str) -> None:
    cred = own_cred(account(user=user, secret=secret), AuthScheme.MD5, bytes.fromhex(nonce))
    assert (cred.type, cred.format, cred.data) == (AUTH_MD5, "b64", digest)


@pytest.mark.parametrize(("user", "secret", "nonce", "digest"), VECTORS)
def test_the_servers_digest(user: str, secret: str, nonce: str, digest: str) -> None:
    cred = Cred(type=AUTH_MD5, format="b64", data=digest)
    known = account(provider_id=user, server_secret=secret)
    proof = judge_server(message(cred), known, bytes.fromhex(nonce))
    assert (proof.code, proof.is_accepted) == (212, True)


@pytest.mark.parametrize("digest", WRONG_D1)
def test_wrong_digests_of_the_server(digest: str) -> None:
    cred = Cred(type=AUTH_MD5, format="b64", data=digest)
    proof = judge_server(message(cred), account(), bytes(range(16)))
    assert (proof.code, proof.is_accepted) == (401, False)
    assert proof.refused is not None
    assert "does not prove" in proof.refused.reason


def test_basic_of_the_device_is_the_published_one() -> None:
    cred = own_cred(account(user="Bruce2", secret="OhBehave"), AuthScheme.BASIC, b"")
    assert (cred.type, cred.data) == (AUTH_BASIC, "QnJ1Y2UyOk9oQmVoYXZl")


def test_no_credentials_of_the_server_are_407() -> None:
    assert judge_server(message(None), account(), b"x").code == 407


def _status(chal: Chal | None) -> Status:
    return Status(
        cmd_id="1", msg_ref="1", cmd_ref="0", cmd="SyncHdr", chal=chal, data="407", place="/s"
    )


def test_challenges_are_read() -> None:
    assert read_challenge(_status(None)) is None
    basic = read_challenge(_status(Chal(type=AUTH_BASIC)))
    assert basic is not None
    assert (basic.scheme, basic.nonce) == (AuthScheme.BASIC, None)
    md5 = read_challenge(_status(Chal(type=AUTH_MD5, format="b64", next_nonce=b"\0\xff")))
    assert md5 is not None
    assert (md5.scheme, md5.nonce, md5.is_mac) == (AuthScheme.MD5, b"\0\xff", False)
    mac = read_challenge(_status(Chal(type=AUTH_MAC, format="b64", next_nonce=b"\0\xff")))
    assert mac is not None
    assert (mac.name, mac.nonce, mac.is_mac) == ("mac", b"\0\xff", True)


def test_a_challenge_of_another_kind() -> None:
    with pytest.raises(UnknownChallenge) as caught:
        read_challenge(_status(Chal(type="syncml:auth-X509", format="b64", next_nonce=b"x")))
    assert caught.value.place == "/s/Chal/Meta/Type"
    assert caught.value.evidence == "syncml:auth-X509"
    with pytest.raises(Refusal):
        read_challenge(_status(Chal()))
