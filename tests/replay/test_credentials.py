"""Proofs made anew: right ones right, wrong ones wrong in the same way."""

from __future__ import annotations

import pytest

from mdmcore.inspector.nonces import check_cred
from mdmcore.namespaces import AUTH_BASIC, AUTH_MD5
from mdmcore.replay.credentials import remade_cred, remade_mac
from mdmcore.rules.life import CredCheck, Credential, CredVerdict, NonceAge, NonceState
from mdmcore.syncml.digest_mistakes import (
    LEVELS_SWAPPED,
    OTHER_USER,
    UNKNOWN_VALUES,
    WRONG_FORMULAS,
)
from mdmcore.syncml.hmac_header import parse_mac_header
from mdmcore.syncml.model import Cred

NONCES = NonceState(current=b"\xffnonce-now\x80", pending=b"next", older=(b"before", b"oldest"))
OWN = Credential(user="MDMProxy", secret="secret", scheme="DIGEST", nonces=NONCES)
OTHER = Credential(user="device", secret="other", scheme="DIGEST", nonces=NonceState(current=b"o"))
CAPTURED = Cred(type=AUTH_MD5, format="b64", data="AAAA")
RIGHT = CredCheck(verdict=CredVerdict.RIGHT, age=NonceAge.CURRENT)


def again(check: CredCheck | None, cred: Cred = CAPTURED, scheme: str = "") -> CredCheck:
    """What the inspector says of the new proof."""
    made = remade_cred(cred, check, OWN, NONCES, scheme=scheme, other=OTHER)
    return check_cred(made, OWN, is_first=True, other=OTHER)


def test_a_right_digest_is_right() -> None:
    assert again(RIGHT).verdict is CredVerdict.RIGHT
    assert again(None).verdict is CredVerdict.RIGHT


def test_basic() -> None:
    basic = Cred(type=AUTH_BASIC, format="b64", data="")
    assert again(RIGHT, basic).verdict is CredVerdict.RIGHT
    wrong = CredCheck(verdict=CredVerdict.WRONG)
    assert again(wrong, basic).verdict is CredVerdict.WRONG


def test_another_scheme_that_was_asked_for() -> None:
    made = remade_cred(CAPTURED, RIGHT, OWN, NONCES, scheme=AUTH_BASIC)
    assert made.type == AUTH_BASIC
    assert check_cred(made, OWN, is_first=True).verdict is CredVerdict.RIGHT


@pytest.mark.parametrize("mistake", [*WRONG_FORMULAS, LEVELS_SWAPPED, OTHER_USER, UNKNOWN_VALUES])
def test_a_mistake_is_made_again(mistake: str) -> None:
    found = again(CredCheck(verdict=CredVerdict.WRONG, mistake=mistake))
    if mistake == "digest-nonce-ignored":
        assert found.age is NonceAge.EMPTY  # the same bytes as a digest with an empty nonce
    else:
        assert (found.verdict, found.mistake) == (CredVerdict.WRONG, mistake)


@pytest.mark.parametrize(
    "age", [NonceAge.PENDING, NonceAge.PREVIOUS, NonceAge.OLDER, NonceAge.EMPTY]
)
def test_a_nonce_of_another_age_is_taken_again(age: NonceAge) -> None:
    found = again(CredCheck(verdict=CredVerdict.WRONG, age=age))
    assert (found.verdict, found.age) == (CredVerdict.WRONG, age)


def test_what_nothing_explains_is_wrong_again() -> None:
    found = again(CredCheck(verdict=CredVerdict.WRONG))
    assert (found.verdict, found.mistake, found.age) == (CredVerdict.WRONG, "", NonceAge.NONE)


def test_an_unknown_type_stays() -> None:
    odd = Cred(type="syncml:auth-odd", format="b64", data="AAAA")
    assert remade_cred(odd, RIGHT, OWN, NONCES) == odd


def test_a_mac_proves_the_new_body() -> None:
    name, value = remade_mac(OWN, NONCES, b"body")
    header = parse_mac_header(value)
    assert (name, header.username) == ("x-syncml-hmac", "MDMProxy")
    assert header.verify("secret", NONCES.current or b"", b"body")
    assert not header.verify("secret", NONCES.current or b"", b"other")
