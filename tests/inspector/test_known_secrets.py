"""Secrets from a file: captures that begin after the enrolment get their digests recomputed."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from mdmcore.errors import ConfigError
from mdmcore.inspector import Inspection
from mdmcore.inspector.known_secrets import (
    NO_SECRETS,
    KnownAccount,
    SecretsFile,
    read_secrets,
)
from mdmcore.namespaces import AUTH_BASIC
from mdmcore.rules import Finding, Severity
from mdmcore.syncml.credentials import basic_cred, digest_cred
from mdmcore.syncml.digest_mistakes import WRONG_FORMULAS, wrong_digest
from mdmcore.syncml.model import Cred
from tests.support.openssl import openssl_output
from tests.support.requirements import CHECKOUT
from tests.support.story import (
    DEVICE_ID,
    DEVICE_SECRET,
    PROVIDER,
    SERVER_SECRET,
    Story,
    answer,
    device_cred,
    document,
    package1,
    package1_statuses,
    rules_of,
    server_cred,
)
from tests.syncml.vectors import D1, D2, D3, Vector

EXAMPLE = CHECKOUT / "docs" / "examples" / "secrets.toml"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def of_vectors(server: Vector = D1, device: Vector = D2, **changes: Any) -> SecretsFile:
    """A file with the accounts of these published vectors."""
    values: dict[str, Any] = {
        "aauth_name": device.user,
        "device_secret": device.password,
        "device_nonce": b64(device.nonce),
        "provider_id": server.user,
        "server_secret": server.password,
        "server_nonce": b64(server.nonce),
        **changes,
    }
    return SecretsFile(accounts=(KnownAccount(**values),))


def md5_cred(data: str) -> Cred:
    return Cred(type="syncml:auth-md5", format="b64", data=data)


def a_session(story: Story, device: Cred, server: Cred) -> Inspection:
    """The first message of a capture, and what the server says to it."""
    return story.sync(package1(cred=device), answer("1", "212", cred=server))


def said(found: Inspection) -> dict[str, Finding]:
    return {one.rule: one for one in found.findings}


# --- the published vectors


@pytest.mark.parametrize("server", [D1, D3], ids=["D1", "D3"])
def test_right_digests_of_the_published_vectors_are_right(server: Vector) -> None:
    story = Story(secrets=of_vectors(server))
    found = a_session(story, md5_cred(D2.digest), md5_cred(server.digest))
    assert found.findings == ()
    (life,) = story.inspector.lives()
    assert life.account is not None
    assert life.is_account_given


def test_without_the_file_nothing_is_said_of_them() -> None:
    found = a_session(Story(), md5_cred("AAAA"), md5_cred(D1.digest))
    assert not [one for one in found.findings if one.rule.startswith("digest")]


@pytest.mark.parametrize("rule", WRONG_FORMULAS)
def test_each_wrong_formula_is_named(rule: str) -> None:
    """The digests of the table in session.md 4.5, which are for the inputs of D1."""
    story = Story(secrets=of_vectors(D3 if rule == "digest-nonce-decoded-as-text" else D1))
    vector = D3 if rule == "digest-nonce-decoded-as-text" else D1
    wrong = wrong_digest(rule, vector.user, vector.password, vector.nonce)
    found = a_session(story, md5_cred(D2.digest), md5_cred(wrong))
    assert rule in said(found)
    assert "digest-from-unknown-values" not in said(found)


@pytest.mark.parametrize(
    ("changes", "rule", "words"),
    [
        ({"server_secret": "s3cr3t-srv-0002"}, "digest-from-unknown-values", "a secret"),
        ({"provider_id": "OtherMDM"}, "digest-from-unknown-values", "a secret"),
        ({"provider_id": "EXAMPLEMDM"}, "digest-from-unknown-values", "a secret"),
    ],
)
def test_another_secret_than_the_files_is_a_warning(
    changes: dict[str, Any], rule: str, words: str
) -> None:
    found = a_session(
        Story(secrets=of_vectors(**changes)), md5_cred(D2.digest), md5_cred(D1.digest)
    )
    assert rules_of(found.findings) == {rule}
    assert found.findings[0].severity is Severity.WARNING
    assert found.findings[0].message == (
        "the server's digest was made with a secret, name or nonce that is not a known one"
    )


def test_a_name_in_other_letters_is_named() -> None:
    found = a_session(
        Story(secrets=of_vectors()),
        md5_cred(D2.digest),
        digest_cred(D1.user.lower(), D1.password, D1.nonce),
    )
    assert rules_of(found.findings) == {"digest-user-not-provider-id"}


def test_name_and_secret_in_each_others_place() -> None:
    swapped = digest_cred(D1.password, D1.user, D1.nonce)
    found = a_session(Story(secrets=of_vectors()), md5_cred(D2.digest), swapped)
    assert [one.message for one in found.findings] == [
        "the server's digest was made with name and secret in each other's place"
    ]


def test_the_other_entrys_values() -> None:
    swapped = digest_cred(D1.user, D2.password, D1.nonce)
    found = a_session(Story(secrets=of_vectors()), md5_cred(D2.digest), swapped)
    assert rules_of(found.findings) == {"appauth-levels-swapped"}


def test_the_nonce_of_before() -> None:
    """The capture has the NextNonce of one session, and the digest of the next is of before."""
    story = Story(secrets=of_vectors())
    server = md5_cred(D1.digest)
    story.sync(
        package1(cred=md5_cred(D2.digest)),
        answer("1", "212", cred=server, next_nonce=b"n" * 16),
    )
    again = answer("1", "401", session_id="2", next_nonce=b"m" * 16)
    found = story.sync(package1(session_id="2", cred=md5_cred(D2.digest)), again)
    assert "nextnonce-not-stored" in said(found)
    fresh = digest_cred(D2.user, D2.password, b"m" * 16)
    taken = answer("2", "212", "2", *package1_statuses("2"), session_id="2", cred=server)
    right = story.sync(package1("2", session_id="2", cred=fresh), taken)
    assert not [one for one in right.findings if one.severity is not Severity.INFO]


def test_digests_that_openssl_makes() -> None:
    def digest(data: bytes) -> bytes:
        return openssl_output("dgst", "-md5", "-binary", data=data)

    nonce = bytes(range(100, 116))
    inner = base64.b64encode(digest(b"phone-7:geheim"))
    right, raw = digest(inner + b":" + nonce), digest(digest(b"phone-7:geheim") + b":" + nonce)
    secrets = of_vectors(aauth_name="phone-7", device_secret="geheim", device_nonce=b64(nonce))
    server = md5_cred(D1.digest)
    assert a_session(Story(secrets=secrets), md5_cred(b64(right)), server).findings == ()
    found = a_session(Story(secrets=secrets), md5_cred(b64(raw)), server)
    assert rules_of(found.findings) == {"digest-inner-hash-raw"}


# --- what is known when


def test_nonces_that_come_in_the_capture_are_used_where_the_file_has_none() -> None:
    story = Story(secrets=of_vectors(device_nonce="", server_nonce=""))
    nonce = b"n" * 16
    first = story.sync(package1(), answer("1", "407", next_nonce=nonce))
    taken = answer("2", "212", "2", *package1_statuses("2"), cred=md5_cred("AAAA"))
    wrong = digest_cred(D2.user, "other", nonce)
    found = story.sync(package1("2", cred=wrong), taken)
    assert first.findings == ()
    assert [one.message for one in found.findings if one.rule == "digest-from-unknown-values"] == [
        "the device's digest was made with a secret, name or nonce that is not a known one"
    ]


def test_what_a_document_says_wins() -> None:
    story = Story(secrets=of_vectors()).enrolled()
    assert a_session(story, device_cred(), server_cred()).findings == ()
    (life,) = story.inspector.lives()
    assert not life.is_account_given


def test_the_file_fills_what_a_document_has_not() -> None:
    """A capture in which somebody took the secrets out."""
    empty = f'name="AAUTHSECRET" value="{SERVER_SECRET}"'.encode()
    wap = document()
    assert empty in wap
    wap = wap.replace(empty, b'name="OTHER" value=""')
    secrets = of_vectors(
        provider_id=PROVIDER, server_secret=SERVER_SECRET, server_nonce=b64(bytes(range(16)))
    )
    story = Story(secrets=secrets).enrolled(wap)
    found = a_session(story, device_cred(), digest_cred(PROVIDER, "wrong", bytes(range(16))))
    assert "digest-from-unknown-values" in said(found)
    (life,) = story.inspector.lives()
    assert life.account is not None
    assert life.account.device is not None
    assert life.account.device.secret == DEVICE_SECRET


def test_another_secret_than_the_documents_is_an_error() -> None:
    found = a_session(Story().enrolled(), device_cred(secret="other"), server_cred())
    assert said(found)["digest-from-unknown-values"].severity is Severity.ERROR


def test_another_password_than_the_documents() -> None:
    story = Story(secrets=of_vectors(scheme="basic"))
    wrong = basic_cred(D2.user, "other")
    assert wrong.type == AUTH_BASIC
    found = a_session(story, wrong, md5_cred(D1.digest))
    assert [one.message for one in found.findings if one.rule == "digest-from-unknown-values"] == [
        "the device's name or password is another than the one that is known"
    ]
    right = Story(secrets=of_vectors(scheme="basic"))
    found = a_session(right, basic_cred(D2.user, D2.password), md5_cred(D1.digest))
    assert "digest-from-unknown-values" not in said(found)


# --- whose account it is


def account(secret: str, **values: Any) -> KnownAccount:
    return KnownAccount(
        aauth_name=D2.user, device_secret=secret, device_nonce=b64(D2.nonce), **values
    )


def chosen(*accounts: KnownAccount, cred: Cred | None = None) -> str:
    """The secret that is taken for the device of a first message."""
    story = Story(secrets=SecretsFile(accounts=accounts))
    story.sync(package1(cred=cred), answer("1", "407", next_nonce=b"x" * 16))
    (life,) = story.inspector.lives()
    device = life.account.device if life.account is not None else None
    return "" if device is None else device.secret


def test_the_closest_account_is_taken() -> None:
    of_all, of_device = account("all"), account("one", device_id=DEVICE_ID.lower())
    other = account("other", device_id="urn:uuid:other")
    assert chosen(of_all, other, of_device) == "one"
    assert chosen(of_all, other) == "all"
    assert chosen(other) == ""


def test_of_equals_the_one_that_the_device_proves() -> None:
    first, second = account("wrong"), account(D2.password)
    assert chosen(first, second) == ""
    assert chosen(first, second, cred=md5_cred(D2.digest)) == D2.password


def test_an_account_of_a_user() -> None:
    gone = f'name="AAUTHSECRET" value="{DEVICE_SECRET}"'.encode()
    wap = document().replace(gone, b'name="OTHER" value=""')
    mine, other = account("of anna", user="Anna@Example.test"), account("x", user="bert")
    story = Story(secrets=SecretsFile(accounts=(other, mine))).enrolled(wap)
    story.sync(package1(), answer("1", "407", next_nonce=b"x" * 16))
    (life,) = story.inspector.lives()
    assert life.account is not None
    assert life.account.device is not None
    assert life.account.device.secret == "of anna"


# --- the file


def test_the_example_is_read_and_serves_the_story() -> None:
    secrets = read_secrets(EXAMPLE)
    found = a_session(Story(secrets=secrets), device_cred(), server_cred())
    assert found.findings == ()
    assert len(secrets.accounts) == 3
    wrong = a_session(Story(secrets=secrets), device_cred(secret="x"), server_cred())
    assert rules_of(wrong.findings) == {"digest-from-unknown-values"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "$.accounts: missing"),
        ("[[accounts]]\n", "$.accounts[0]: neither device_secret nor server_secret"),
        ('[[accounts]]\ndevice_secret="s"\nsecret="t"', "$.accounts[0].secret: no such key"),
        (
            "[[accounts]]\ndevice_secret=1",
            "$.accounts[0].device_secret: expected `str`, got `int`",
        ),
        (
            '[[accounts]]\ndevice_secret="s"\ndevice_nonce="%%"',
            "$.accounts[0].device_nonce: not base64",
        ),
        (
            '[[accounts]]\ndevice_secret="s"\n[[accounts]]\nserver_secret="s"',
            "$.accounts[1].provider_id: missing, the server's digest is made with it",
        ),
        (
            '[[accounts]]\ndevice_secret="s"\nserver_nonce="AAAA"',
            "$.accounts[0].server_nonce: no server_secret for it",
        ),
        (
            '[[accounts]]\ndevice_secret="s"\nscheme="sha1"',
            "$.accounts[0].scheme: use basic or hmac or md5",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place(
    tmp_path: Path, text: str, what: str
) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_secrets(path)
    assert str(caught.value) == f"{path}: {what}"


def test_no_secret_is_shown() -> None:
    one = KnownAccount(device_id="d", user="u", device_secret="hidden-secret")
    assert "hidden" not in repr(SecretsFile(accounts=(one,)))
    assert NO_SECRETS.accounts == ()
