"""Credentials against published vectors and against the openssl command."""

from __future__ import annotations

import base64
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import DeviceFault
from mdmcore.syncml.credentials import (
    basic,
    basic_cred,
    decode_digest,
    digest,
    digest_cred,
    inner_digest,
    parse_basic,
    verify_digest,
)
from tests.support.requirements import require_program
from tests.syncml.vectors import D1, VECTORS, Vector

vectors = pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())


@vectors
def test_inner_digest_matches_the_vector(vector: Vector) -> None:
    assert inner_digest(vector.user, vector.password) == vector.inner


@vectors
def test_digest_matches_the_vector(vector: Vector) -> None:
    assert digest(vector.user, vector.password, vector.nonce) == vector.digest


@vectors
def test_digest_matches_what_openssl_computes(vector: Vector) -> None:
    openssl = require_program("openssl")

    def run(arguments: list[str], data: bytes) -> bytes:
        return subprocess.run(
            [openssl, *arguments], input=data, capture_output=True, check=True
        ).stdout

    def md5_base64(data: bytes) -> bytes:
        return run(["base64", "-A"], run(["dgst", "-md5", "-binary"], data)).strip()

    inner = md5_base64(f"{vector.user}:{vector.password}".encode())
    outer = md5_base64(inner + b":" + vector.nonce)
    assert digest(vector.user, vector.password, vector.nonce) == outer.decode()


@vectors
def test_the_right_digest_verifies(vector: Vector) -> None:
    assert verify_digest(vector.digest, vector.user, vector.password, vector.nonce)


@pytest.mark.parametrize("given_text", [f" {D1.digest[:8]}\r\n{D1.digest[8:]}", D1.digest[:-2]])
def test_a_digest_verifies_with_blanks_or_without_padding(given_text: str) -> None:
    assert verify_digest(given_text, D1.user, D1.password, D1.nonce)


@pytest.mark.parametrize("given_text", ["", "*", "ä", "AAAA", "Zz6EivR3yeaaENcRN6lpAQ==", "A"])
def test_a_wrong_digest_does_not_verify(given_text: str) -> None:
    assert not verify_digest(given_text, D1.user, D1.password, D1.nonce)


def test_each_part_of_the_account_counts() -> None:
    assert not verify_digest(D1.digest, "exampleMDM", D1.password, D1.nonce)
    assert not verify_digest(D1.digest, D1.user, "other", D1.nonce)
    assert not verify_digest(D1.digest, D1.user, D1.password, b"other")


def test_decode_digest_tells_what_is_no_base64() -> None:
    assert decode_digest(D1.digest) == base64.b64decode(D1.digest)
    assert decode_digest("not base64!") is None


def test_basic_matches_the_published_text() -> None:
    assert basic("Bruce2", "OhBehave") == "QnJ1Y2UyOk9oQmVoYXZl"
    assert basic("device-7f3a", "s3cr3t-cli-0001") == "ZGV2aWNlLTdmM2E6czNjcjN0LWNsaS0wMDAx"


@given(
    st.text(st.characters(codec="utf-8", exclude_characters=":")),
    st.text(st.characters(codec="utf-8")),
)
def test_basic_is_read_back(user: str, password: str) -> None:
    assert parse_basic(basic(user, password)) == (user, password)


def test_the_first_colon_ends_the_user_name() -> None:
    assert parse_basic(basic("user", "pass:word")) == ("user", "pass:word")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("***", "not base64"),
        ("ä", "not base64"),
        (base64.b64encode(b"\xff:\xff").decode(), "not base64 of UTF-8"),
        (base64.b64encode(b"nobody").decode(), "no colon"),
        ("", "no colon"),
    ],
)
def test_a_broken_basic_credential_is_refused_with_its_place(data: str, reason: str) -> None:
    with pytest.raises(DeviceFault, match=reason) as caught:
        parse_basic(data)
    assert caught.value.place == "/SyncML/SyncHdr/Cred/Data"


def test_creds_name_their_scheme_and_format() -> None:
    made = digest_cred(D1.user, D1.password, D1.nonce)
    assert (made.type, made.format, made.data) == ("syncml:auth-md5", "b64", D1.digest)
    made = basic_cred("Bruce2", "OhBehave")
    assert (made.type, made.format, made.data) == (
        "syncml:auth-basic",
        "b64",
        "QnJ1Y2UyOk9oQmVoYXZl",
    )


def test_a_cred_does_not_show_its_data() -> None:
    assert D1.digest not in repr(digest_cred(D1.user, D1.password, D1.nonce))
