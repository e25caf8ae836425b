"""Passwords of the users who may enrol: kept as scrypt hashes only, a match remembered a while.

A hash takes tens of milliseconds on purpose; a device sends its password with each message, so the
last matches are remembered for minutes, under a key that never leaves the process.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta

from mdmcore.server.ports import Clock, Random

REMEMBERED_FOR = timedelta(minutes=5)
_SALT_BYTES = 16
_MAX_REMEMBERED = 1000


class PasswordList:
    """Names (compared without case) and passwords; empty: any name and password will do."""

    def __init__(self, users: Iterable[tuple[str, str]], *, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._key = random(32)
        self._hashes: dict[str, tuple[bytes, bytes]] = {}
        for name, password in users:
            salt = random(_SALT_BYTES)
            self._hashes[name.casefold()] = (salt, _scrypt(password, salt))
        self._nobody = (random(_SALT_BYTES), random(32))
        self._remembered: dict[bytes, datetime] = {}
        self._lock = threading.Lock()

    def knows(self, name: str) -> bool:
        """Whether a user of that name may enrol."""
        return not self._hashes or name.casefold() in self._hashes

    def matches(self, name: str, password: str) -> bool:
        """Whether it is that user's password; an unknown name takes as long as a wrong password."""
        if not self._hashes:
            return True
        known = self._hashes.get(name.casefold())
        proof = self._proof(name, password)
        now = self._clock()
        with self._lock:
            if known is not None and self._remembered.get(proof, now) > now:
                return True
        salt, expected = known or self._nobody
        is_right = hmac.compare_digest(_scrypt(password, salt), expected) and known is not None
        if is_right:
            self._remember(proof, now)
        return is_right

    def _proof(self, name: str, password: str) -> bytes:
        text = f"{len(name)}:{name.casefold()}{password}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, text, "sha256")

    def _remember(self, proof: bytes, now: datetime) -> None:
        with self._lock:
            if len(self._remembered) >= _MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[proof] = now + REMEMBERED_FOR


def _scrypt(password: str, salt: bytes) -> bytes:
    text = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=2**14, r=8, p=1, dklen=32)
