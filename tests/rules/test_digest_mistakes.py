"""Rules on wrong digests: each variant of session.md 4.5, made here by hashlib, both ways."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from mdmcore.inspector import Inspection
from mdmcore.syncml.model import Cred
from tests.support.story import (
    CERT_CN,
    DEVICE_ID,
    DEVICE_SECRET,
    PROVIDER,
    SERVER_SECRET,
    Story,
    account,
    answer,
    device_cred,
    document,
    package1,
    rules_of,
)

NEXT = bytes(range(32, 48))
NOT_TEXT = bytes.fromhex("00ff3a0a0d00c3280180feff20097f80")


def md5(data: bytes) -> bytes:
    return hashlib.md5(data).digest()


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)


def right(user: str, secret: str, nonce: bytes) -> bytes:
    return b64(md5(inner(user, secret) + b":" + nonce))


def inner(user: str, secret: str) -> bytes:
    return b64(md5(f"{user}:{secret}".encode()))


type Formula = Callable[[str, str, bytes], bytes]

FORMULAS: dict[str, Formula] = {
    "digest-nonce-not-decoded": lambda u, s, n: b64(md5(inner(u, s) + b":" + b64(n))),
    "digest-inner-hash-hex": lambda u, s, n: b64(
        md5(hashlib.md5(f"{u}:{s}".encode()).hexdigest().encode() + b":" + n)
    ),
    "digest-inner-hash-raw": lambda u, s, n: b64(md5(md5(f"{u}:{s}".encode()) + b":" + n)),
    "digest-missing-colon": lambda u, s, n: b64(md5(inner(u, s) + n)),
    "digest-hex-then-base64": lambda u, s, n: b64(
        hashlib.md5(inner(u, s) + b":" + n).hexdigest().encode()
    ),
    "digest-nonce-ignored": lambda u, s, n: b64(md5(inner(u, s) + b":")),
    "digest-nonce-decoded-as-text": lambda u, s, n: b64(
        md5(inner(u, s) + b":" + n.decode("utf-8", "replace").encode())
    ),
}
formulas = pytest.mark.parametrize(("rule", "formula"), FORMULAS.items(), ids=FORMULAS)


def enrolled() -> Story:
    """A device whose nonces are no text in UTF-8."""
    nonces = replace(account(), nonce_c2s=NOT_TEXT, nonce_s2c=NOT_TEXT[::-1])
    return Story("win10").enrolled(document(dm_account=nonces))


def md5_cred(digest: bytes) -> Cred:
    return Cred(type="syncml:auth-md5", format="b64", data=digest.decode())


def by_device(digest: bytes) -> Inspection:
    """What is found when a device presents that digest and is refused."""
    return enrolled().sync(package1(cred=md5_cred(digest)), answer("1", "401", next_nonce=NEXT))


def by_server(digest: bytes, story: Story | None = None) -> Inspection:
    """What is found when a server presents that digest to a device in order."""
    cred = device_cred(NOT_TEXT)
    return (story or enrolled()).sync(
        package1(cred=cred), answer("1", "212", next_nonce=NEXT, cred=md5_cred(digest))
    )


@formulas
def test_a_device_that_computes_it_wrongly(rule: str, formula: Formula) -> None:
    found = by_device(formula(CERT_CN, DEVICE_SECRET, NOT_TEXT))
    assert rules_of(found.findings) == {rule, "dm-credentials-refused"}
    (finding,) = (each for each in found.findings if each.rule == rule)
    assert finding.severity == "error"
    assert finding.places[0].where["part"] == "request"
    assert DEVICE_SECRET not in str(finding)


@formulas
def test_a_server_that_computes_it_wrongly(rule: str, formula: Formula) -> None:
    found = by_server(formula(PROVIDER, SERVER_SECRET, NOT_TEXT[::-1]))
    assert rules_of(found.findings) == {rule}
    assert found.findings[0].places[0].where["part"] == "response"


@pytest.mark.parametrize("name", [CERT_CN, DEVICE_ID, PROVIDER.lower(), PROVIDER.upper()])
def test_a_server_under_another_name(name: str) -> None:
    found = by_server(right(name, SERVER_SECRET, NOT_TEXT[::-1]))
    assert rules_of(found.findings) == {"digest-user-not-provider-id"}


def test_a_device_under_another_name_is_not_about_the_provider() -> None:
    found = by_device(right(DEVICE_ID, DEVICE_SECRET, NOT_TEXT))
    assert rules_of(found.findings) == {"dm-credentials-refused"}


@pytest.mark.parametrize(
    ("user", "secret", "nonce"),
    [
        (CERT_CN, DEVICE_SECRET, NOT_TEXT[::-1]),
        (PROVIDER, DEVICE_SECRET, NOT_TEXT[::-1]),
        (PROVIDER, DEVICE_SECRET, NOT_TEXT),
        (PROVIDER, SERVER_SECRET, NOT_TEXT),
    ],
)
def test_a_server_with_the_devices_entry(user: str, secret: str, nonce: bytes) -> None:
    found = by_server(right(user, secret, nonce))
    assert rules_of(found.findings) == {"appauth-levels-swapped"}


def test_a_copy_of_the_devices_credentials_is_one_finding() -> None:
    found = by_server(right(CERT_CN, DEVICE_SECRET, NOT_TEXT))
    assert rules_of(found.findings) == {"server-cred-copied-from-client"}


def test_a_device_with_the_servers_entry() -> None:
    found = by_device(right(PROVIDER, SERVER_SECRET, NOT_TEXT[::-1]))
    assert rules_of(found.findings) == {"appauth-levels-swapped", "dm-credentials-refused"}


def test_right_digests_and_those_that_nothing_explains() -> None:
    assert by_server(right(PROVIDER, SERVER_SECRET, NOT_TEXT[::-1])).findings == ()
    assert rules_of(by_server(b64(bytes(16))).findings) == {"digest-from-unknown-values"}
    found = by_device(b64(bytes(16)))
    assert rules_of(found.findings) == {"dm-credentials-refused", "digest-from-unknown-values"}
    assert by_server(b64(bytes(12))).findings == ()


def test_name_and_secret_in_each_others_place() -> None:
    found = by_server(right(SERVER_SECRET, PROVIDER, NOT_TEXT[::-1]))
    assert [(one.rule, one.message) for one in found.findings] == [
        (
            "digest-from-unknown-values",
            "the server's digest was made with name and secret in each other's place",
        )
    ]
