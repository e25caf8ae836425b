"""Passwords: matched by hash, remembered for minutes, never kept in the clear."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from mdmcore.server.passwords import PasswordList
from tests.support.server import FixedClock, counted_random


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was hashed, in order."""
    calls: list[bytes] = []
    scrypt = hashlib.scrypt

    def counted(password: bytes, **options: Any) -> bytes:
        calls.append(password)
        return scrypt(password, **options)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return calls


def test_a_match_is_remembered_for_minutes(hashed: list[bytes]) -> None:
    clock = FixedClock()
    passwords = PasswordList([("Demo", "pw")], clock=clock, random=counted_random())
    assert passwords.matches("demo", "pw")
    assert len(hashed) == 2
    clock.advance(minutes=4)
    assert passwords.matches("DEMO", "pw")
    assert len(hashed) == 2
    clock.advance(minutes=1)
    assert passwords.matches("demo", "pw")
    assert len(hashed) == 3


def test_an_unknown_name_costs_as_much_as_a_wrong_password(hashed: list[bytes]) -> None:
    passwords = PasswordList([("demo", "pw")], clock=FixedClock(), random=counted_random())
    assert not passwords.matches("nobody", "x")
    assert not passwords.matches("demo", "x")
    assert not passwords.matches("demo", "x")
    assert hashed == [b"pw", b"x", b"x", b"x"]


def test_without_a_list_everybody_will_do(hashed: list[bytes]) -> None:
    passwords = PasswordList([], clock=FixedClock(), random=counted_random())
    assert passwords.matches("who", "ever")
    assert passwords.knows("who")
    assert hashed == []


def test_the_password_is_nowhere_in_the_list() -> None:
    passwords = PasswordList([("demo", "s3cret")], clock=FixedClock(), random=counted_random())
    assert passwords.matches("demo", "s3cret")
    assert "s3cret" not in repr(vars(passwords))
    assert passwords.knows("DEMO")
    assert not passwords.knows("other")
