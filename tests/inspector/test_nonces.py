"""Verdicts on credentials, and which nonce is in force."""

from __future__ import annotations

import pytest

from mdmcore.inspector.nonces import after_status, at_session_start, check_cred
from mdmcore.rules.life import MAX_OLDER_NONCES, Credential, CredVerdict, NonceAge, NonceState
from mdmcore.syncml.credentials import basic_cred, digest_cred
from mdmcore.syncml.model import Cred
from tests.support.story import header_status

N0, N1, N2 = b"0" * 16, b"1" * 16, b"2" * 16


def credential(nonces: NonceState) -> Credential:
    return Credential(user="u", secret="s", scheme="DIGEST", nonces=nonces)


def test_212_brings_a_nonce_for_the_next_session() -> None:
    state = after_status(NonceState(current=N0), header_status("212", next_nonce=N1))
    assert (state.current, state.pending) == (N0, N1)
    later = at_session_start(state)
    assert (later.current, later.pending, later.older) == (N1, None, (N0,))


@pytest.mark.parametrize("code", ["200", "401", "407"])
def test_other_codes_bring_a_nonce_for_the_next_message(code: str) -> None:
    state = after_status(NonceState(current=N0), header_status(code, next_nonce=N1))
    assert (state.current, state.pending, state.older, state.came_with) == (N1, None, (N0,), code)


def test_the_same_status_again_changes_nothing() -> None:
    status = header_status("407", next_nonce=N1)
    once = after_status(NonceState(current=N0), status)
    assert after_status(once, status) == once


def test_without_a_challenge_the_nonce_stays() -> None:
    state = NonceState(current=N0)
    assert after_status(state, header_status("212")) == state
    assert after_status(state, None) == state
    assert at_session_start(state) == state


def test_old_nonces_are_remembered_within_bounds() -> None:
    state = NonceState(current=N0)
    for number in range(40):
        state = after_status(state, header_status("401", next_nonce=bytes([number]) * 16))
    assert len(state.older) == MAX_OLDER_NONCES
    assert state.older[0] == bytes([38]) * 16


@pytest.mark.parametrize(
    ("nonce", "age", "verdict"),
    [
        (N1, NonceAge.CURRENT, CredVerdict.RIGHT),
        (N2, NonceAge.PENDING, CredVerdict.WRONG),
        (N0, NonceAge.PREVIOUS, CredVerdict.WRONG),
        (b"", NonceAge.EMPTY, CredVerdict.WRONG),
        (b"unknown", NonceAge.NONE, CredVerdict.WRONG),
    ],
)
def test_a_digest_tells_its_nonce(nonce: bytes, age: NonceAge, verdict: CredVerdict) -> None:
    state = NonceState(current=N1, pending=N2, older=(N0,))
    check = check_cred(digest_cred("u", "s", nonce), credential(state), is_first=True)
    assert (check.age, check.verdict) == (age, verdict)


def test_a_digest_without_a_known_nonce_is_not_judged() -> None:
    check = check_cred(digest_cred("u", "s", N1), credential(NonceState()), is_first=True)
    assert check.verdict is CredVerdict.UNKNOWN


def test_basic_credentials() -> None:
    known = credential(NonceState())
    right = check_cred(basic_cred("u", "s"), known, is_first=True)
    wrong = check_cred(basic_cred("u", "t"), known, is_first=True)
    broken = check_cred(Cred(type="syncml:auth-basic", data="%"), known, is_first=True)
    verdicts = [check.verdict for check in (right, wrong, broken)]
    assert verdicts == [CredVerdict.RIGHT, CredVerdict.WRONG, CredVerdict.WRONG]


def test_an_unknown_account_or_scheme_is_not_judged() -> None:
    cred = digest_cred("u", "s", N1)
    assert check_cred(cred, None, is_first=True).verdict is CredVerdict.UNKNOWN
    other = Cred(type="syncml:auth-securid", data="x")
    known = credential(NonceState(current=N1))
    assert check_cred(other, known, is_first=True).verdict is CredVerdict.UNKNOWN
