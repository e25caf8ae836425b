"""Wrong digests named: the table of session.md 4.5, computed there for the inputs of D1."""

from __future__ import annotations

import pytest

from mdmcore.syncml.credentials import digest
from mdmcore.syncml.digest_mistakes import (
    WRONG_FORMULAS,
    DigestAccount,
    explain_digest,
    wrong_digest,
)
from tests.syncml.vectors import D1, D2, D3

ACCOUNT = DigestAccount(user=D1.user, password=D1.password, nonce=D1.nonce)
OTHER = DigestAccount(user=D2.user, password=D2.password, nonce=D2.nonce)

TABLE = {
    "digest-nonce-not-decoded": "yldjXG+Ltj7SowbgZ1uf3w==",
    "digest-inner-hash-hex": "uG9usC1vsP0zUQUnd2lC0w==",
    "digest-inner-hash-raw": "lPK3pmt6x6QAgh8xdWDofw==",
    "digest-missing-colon": "QahdSU/UQVNznZv4mw9eLw==",
    "digest-hex-then-base64": "ODc0Y2E2MzhhOTMzZmRkZjMzN2M4MGE5MTE3ZmE5MTY=",
    "digest-nonce-ignored": "Bw/tQy5j+Q2SaD9KPjnLQQ==",
}

table = pytest.mark.parametrize(("rule", "text"), TABLE.items(), ids=TABLE.keys())


@table
def test_a_mistake_makes_the_digest_of_the_table(rule: str, text: str) -> None:
    assert wrong_digest(rule, D1.user, D1.password, D1.nonce) == text


@table
def test_a_mistake_is_named(rule: str, text: str) -> None:
    assert explain_digest(text, ACCOUNT) == rule


def test_a_nonce_that_went_through_a_string_is_named() -> None:
    account = DigestAccount(user=D3.user, password=D3.password, nonce=D3.nonce)
    rule = "digest-nonce-decoded-as-text"
    assert wrong_digest(rule, *D3[:3]) == "3XZwt3TpaHOZLEj92HWr9w=="
    assert explain_digest("3XZwt3TpaHOZLEj92HWr9w==", account) == rule


def test_every_formula_is_named_by_its_own_rule() -> None:
    account = DigestAccount(user=D3.user, password=D3.password, nonce=D3.nonce)
    for rule in WRONG_FORMULAS:
        assert explain_digest(wrong_digest(rule, *D3[:3]), account) == rule


def test_an_old_nonce_is_named() -> None:
    account = DigestAccount(
        user=D1.user, password=D1.password, nonce=b"new", old_nonces=(b"older", D1.nonce)
    )
    assert explain_digest(D1.digest, account) == "stale-nonce"


def test_the_other_entry_is_named() -> None:
    assert explain_digest(D2.digest, ACCOUNT, other=OTHER) == "appauth-levels-swapped"


@pytest.mark.parametrize(
    ("user", "password", "nonce"),
    [
        (D1.user, D2.password, D1.nonce),
        (D1.user, D2.password, D2.nonce),
        (D2.user, D2.password, D1.nonce),
        (D1.user, D1.password, D2.nonce),
    ],
)
def test_parts_of_the_other_entry_are_named(user: str, password: str, nonce: bytes) -> None:
    given = digest(user, password, nonce)
    assert explain_digest(given, ACCOUNT, other=OTHER) == "appauth-levels-swapped"


@pytest.mark.parametrize("user", ["aauth-name", D1.user.lower(), D1.user.upper()])
def test_another_user_name_is_named(user: str) -> None:
    given = digest(user, D1.password, D1.nonce)
    rule = explain_digest(given, ACCOUNT, other_users=("aauth-name",))
    assert rule == "digest-user-not-provider-id"


@pytest.mark.parametrize("given", [D1.digest, D2.digest, "", "not base64!", "AAAA"])
def test_a_right_or_unexplained_digest_has_no_mistake(given: str) -> None:
    assert explain_digest(given, ACCOUNT) is None


def test_a_right_digest_with_an_ascii_nonce_is_not_called_text() -> None:
    account = DigestAccount(user=D1.user, password=D1.password, nonce=b"ascii")
    assert explain_digest(digest(D1.user, D1.password, b"ascii"), account) is None


def test_the_account_does_not_show_its_password() -> None:
    assert D1.password not in repr(ACCOUNT)
