"""The keyring: new keys are kept, and found by their digest."""

from __future__ import annotations

import hashlib

from mdmcore.phone import Keyring
from mdmcore.phone.keyring import key_sha256
from tests.support.keys import load_key, spki


def test_a_digest_is_that_of_the_public_key() -> None:
    assert key_sha256(load_key("device")) == hashlib.sha256(spki("device")).hexdigest()


def test_keys_are_made_and_found() -> None:
    asked: list[int] = []
    left = ["device", "device2"]

    def make(bits: int) -> object:
        asked.append(bits)
        return load_key(left.pop(0))

    keys = Keyring(make)  # type: ignore[arg-type]
    first, second = keys(2048), keys(3072)
    assert asked == [2048, 3072]
    assert keys.get(key_sha256(first)) is first
    assert keys.get(key_sha256(second)) is second
    assert keys.get("0" * 64) is None
