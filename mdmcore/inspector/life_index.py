"""Keeping lives by id and by the keys that lead to them; merging two that are one.

Which key means what is decided in ``correlate``. For each key the newest lives are remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from mdmcore.inspector.nonces import joined
from mdmcore.rules.life import (
    MAX_READINGS,
    MAX_SESSIONS,
    MAX_TRIED,
    Credential,
    DmAccount,
    Life,
    NonceState,
)

_MAX_PER_KEY = 64
"""Lives that one key leads to; devices of one user, or of one ADDR that never came back."""


class LifeIndex:
    """The store of lives; a life is replaced by its next state under the same id. ``prefix``
    stands before the numbers of lives, where several stores are told of together."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._lives: dict[str, Life] = {}
        self._merged: dict[str, str] = {}
        self._keys: dict[str, list[str]] = {}
        self._begun = 0

    @property
    def lives(self) -> tuple[Life, ...]:
        """All lives in the order in which they began."""
        return tuple(self._lives.values())

    def begin(self, template: Life) -> Life:
        """A new life with the next id."""
        self._begun += 1
        life_id = f"life-{self._prefix}{self._begun}"
        life = replace(template, id=life_id, parts=(life_id,))
        self._lives[life_id] = life
        return life

    def current_id(self, life_id: str | None) -> str | None:
        """The id after all merges; ``None`` stays ``None``."""
        while life_id in self._merged:
            life_id = self._merged[life_id]
        return life_id

    def get(self, life_id: str) -> Life:
        """The newest state of the life that has, or had, this id."""
        return self._lives[self.current_id(life_id) or life_id]

    def put(self, life: Life) -> None:
        """The next state of a life."""
        assert life.id is not None
        self._lives[life.id] = life

    def add_key(self, key: str, life: Life) -> None:
        """Let a key lead to a life; an empty key is none."""
        if not key or life.id is None:
            return
        ids = self._keys.setdefault(key, [])
        if ids and ids[-1] == life.id:
            return
        if life.id in ids:
            ids.remove(life.id)
        ids.append(life.id)
        del ids[:-_MAX_PER_KEY]

    def with_key(self, key: str) -> tuple[Life, ...]:
        """The lives a key leads to, the one seen last at the end, each once."""
        ids = dict.fromkeys(self.current_id(i) for i in self._keys.get(key, ()))
        return tuple(self._lives[i] for i in ids if i is not None)

    def first(self, keys: Iterable[str]) -> Life | None:
        """The life seen last of the first key that leads to one."""
        found = (newest(self.with_key(key)) for key in keys)
        return next((life for life in found if life is not None), None)

    def merge(self, kept: Life, gone: Life) -> Life:
        """One life of two that turned out to be the same device; ``kept`` gives its id."""
        assert kept.id is not None
        assert gone.id is not None
        times = [t for t in (kept.first, gone.first, kept.last, gone.last) if t is not None]
        merged = replace(
            kept,
            parts=kept.parts + gone.parts,
            exchanges=kept.exchanges + gone.exchanges,
            first=min(times, default=None),
            last=max(times, default=None),
            device_id=kept.device_id or gone.device_id,
            manufacturer=kept.manufacturer or gone.manufacturer,
            model=kept.model or gone.model,
            sessions=(*gone.sessions, *kept.sessions)[-MAX_SESSIONS:],
            answered_without_client_tls=(
                kept.answered_without_client_tls or gone.answered_without_client_tls
            ),
            dm_ways=kept.dm_ways or gone.dm_ways,
            has_posted_dm=kept.has_posted_dm or gone.has_posted_dm,
            account=_account_after(kept, gone),
            session_count=kept.session_count + gone.session_count,
            has_completed=kept.has_completed or gone.has_completed,
            tried=(*gone.tried, *kept.tried)[-MAX_TRIED:],
            readings=(*gone.readings, *kept.readings)[-MAX_READINGS:],
            dm_urls=tuple(dict.fromkeys((*kept.dm_urls, *gone.dm_urls))),
            has_ent_dmid=kept.has_ent_dmid or gone.has_ent_dmid,
            hub_bytes=kept.hub_bytes + gone.hub_bytes,
            hub_requests=kept.hub_requests + gone.hub_requests,
            refused_renewals=kept.refused_renewals + gone.refused_renewals,
            told=gone.told.joined(kept.told),
        )
        del self._lives[gone.id]
        self._merged[gone.id] = kept.id
        self._lives[kept.id] = merged
        return merged


def _account_after(kept: Life, gone: Life) -> DmAccount | None:
    """The account with the nonces that came before it was known whose they are."""
    account = kept.account
    if account is None:
        return gone.account
    server, device = gone.loose_nonces
    if gone.account is not None:
        server = gone.account.server.nonces if gone.account.server is not None else server
        device = gone.account.device.nonces if gone.account.device is not None else device
    return replace(
        account, server=_told(account.server, server), device=_told(account.device, device)
    )


def _told(credential: Credential | None, nonces: NonceState) -> Credential | None:
    return None if credential is None else replace(credential, nonces=joined(credential, nonces))


def newest(lives: Iterable[Life], wanted: Callable[[Life], bool] | None = None) -> Life | None:
    """The last life, of those that are wanted."""
    found = None
    for life in lives:
        if wanted is None or wanted(life):
            found = life
    return found
