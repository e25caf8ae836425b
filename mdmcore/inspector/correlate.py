"""Joining exchanges into lives, each one device's enrolment and what follows (enrollment.md 3.4).

Evidence differs by step: the e-mail address and the peer before a key exists, then the public key
of the CSR, the device id, the account, its digests, StoreURI and ADDR. A Discover after a finished
enrolment of the same address begins a new life. Lives that turn out to be one are merged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mdmcore.errors import MdmError
from mdmcore.http import Exchange
from mdmcore.inspector.enrolling import EnrollmentFinder
from mdmcore.inspector.facts import Advance, advance
from mdmcore.inspector.known_secrets import NO_SECRETS, SecretsFile
from mdmcore.inspector.life_index import LifeIndex, newest
from mdmcore.inspector.life_keys import keys_of, life_key, tls_keys
from mdmcore.inspector.nonces import check_cred, joined
from mdmcore.inspector.observing import ObservationFinder, name_keys
from mdmcore.pki.scep import scep_operation
from mdmcore.rules.connection_roles import roles_of
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.life import CredVerdict, Life, NonceState
from mdmcore.rules.model import DEFAULT_PROFILE
from mdmcore.rules.urls import endpoint
from mdmcore.syncml.credentials import parse_basic
from mdmcore.syncml.model import SyncML

_STARTING = frozenset(
    {Kind.PROBE, Kind.DISCOVER, Kind.WAB, Kind.GETPOLICIES, Kind.RST, Kind.RENEW, Kind.SYNCML}
)
_NAMING = _STARTING - {Kind.PROBE, Kind.WAB}
"""The steps that tell a name by which the device's own log knows itself, or its server."""
_TOLD = (
    ("addr", Kind.SYNCML),
    ("policy", Kind.GETPOLICIES),
    ("enrollment", Kind.RST),
    ("sign-in", Kind.WAB),
)
"""Which key stands for the URL of which step."""

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{1,15})-")

type _Finder = Callable[[Exchange, Decoded], Life | None]


class Correlator:
    """All lives seen so far. Memory grows with lives, not with exchanges."""

    def __init__(
        self, profile: str = "auto", *, secrets: SecretsFile = NO_SECRETS, life_prefix: str = ""
    ) -> None:
        self._profile = profile
        self._secrets = secrets
        self._index = LifeIndex(life_prefix)
        self._enrolling = EnrollmentFinder(self._index)
        self._observing = ObservationFinder(self._index, is_forced=profile != "auto")
        self._finders: Mapping[Kind, _Finder] = {
            Kind.PROBE: self._enrolling.probing,
            Kind.DISCOVER: self._enrolling.discovering,
            Kind.WAB: self._enrolling.signing_in,
            Kind.GETPOLICIES: self._enrolling.enrolling,
            Kind.RST: self._enrolling.enrolling,
            Kind.RENEW: self._enrolling.renewing,
            Kind.SYNCML: self._managing,
            Kind.HUB: self._downloading,
            Kind.TLS: self._connecting,
            Kind.OTHER: self._fetching,
        }

    @property
    def lives(self) -> tuple[Life, ...]:
        """The lives in the order in which they began."""
        return self._index.lives

    def current_id(self, life_id: str | None) -> str | None:
        """The id that a life has now; it may have been merged into another."""
        return self._index.current_id(life_id)

    def life(self, life_id: str | None) -> Life:
        """The life of that id, one without facts for ``None``."""
        return self._index.get(life_id) if life_id is not None else self._stranger()

    def knows_store_uri(self, url: str) -> bool:
        """Whether a life was given this URL as StoreURI."""
        return bool(self._index.with_key(life_key("store", endpoint(url))))

    def knows_list(self, url: str) -> bool:
        """Whether a server's certificate named this URL as that of its revocation list."""
        return bool(self._index.with_key(life_key("list", endpoint(url))))

    def told(self, url: str) -> Kind | None:
        """What a life was told this URL is for, the hub aside."""
        where = endpoint(url)
        kinds = (kind for name, kind in _TOLD if self._index.with_key(life_key(name, where)))
        return next(kinds, None)

    def join(self, exchange: Exchange, decoded: Decoded) -> tuple[Life, Advance]:
        """The life before this exchange, and what it is after it."""
        if exchange.observation is not None:
            before, after = self._observing.join(exchange, decoded, self._stranger())
            return before, Advance(life=after)
        finder = self._finders.get(decoded.kind)
        life = finder(exchange, decoded) if finder is not None else None
        if life is None:
            if decoded.kind not in _STARTING:
                stranger = self._stranger()
                return stranger, Advance(life=stranger)
            life = self._index.begin(self._stranger())
        result = advance(life, exchange, decoded, profile=self._profile, secrets=self._secrets)
        # Windows 10 tells its id when it enrols, others with their first message.
        is_first = not life.session_count or life.device_id != result.life.device_id
        if decoded.kind is Kind.SYNCML and is_first:
            result = replace(result, life=self._with_earlier_account(result.life))
        self._index.put(result.life)
        self._remember(result.life, exchange, decoded.kind)
        self._enrolling.remember(result.life, exchange, decoded)
        return life, replace(result, life=self._observing.adopt(life, result.life))

    def settle(self) -> None:
        """Join what devices told to the lives that it can only belong to."""
        self._observing.settle()

    def _with_earlier_account(self, life: Life) -> Life:
        """The life with the account that the same device had in the life before."""
        same = self._index.with_key(life_key("device", life.device_id))
        before = newest(same, lambda one: one.id != life.id and one.account is not None)
        return life if before is None else replace(life, earlier_account=before.account)

    def _stranger(self) -> Life:
        return Life(profile=DEFAULT_PROFILE if self._profile == "auto" else self._profile)

    def _remember(self, life: Life, exchange: Exchange, kind: Kind) -> None:
        for key in keys_of(life, exchange):
            self._index.add_key(key, life)
        if kind in _NAMING:
            for key in name_keys(life):
                self._index.add_key(key, life)
        if kind is Kind.RENEW and not life.addr:
            self._index.add_key(life_key("renewed-at", exchange.request.host), life)

    # --- finding, one method for each kind ----------------------------------------------------

    def _managing(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        message = decoded.request_syncml
        source = message.header.source if message is not None else ""
        by_device = newest(self._index.with_key(life_key("device", source)))
        if by_device is not None and by_device.is_enrolled:
            return self._enrolled_anew(by_device, exchange, message) or by_device
        loose = by_device.loose_nonces[1] if by_device is not None else NonceState()
        enrolled = self._enrolled(exchange, message, source, loose)
        if enrolled is not None and by_device is not None:
            return self._index.merge(enrolled, by_device)
        return enrolled or by_device

    def _downloading(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        told = self._index.with_key(life_key("store", endpoint(exchange.request.url)))
        told_ids = {life.id for life in told}
        for key in (*tls_keys(exchange), life_key("peer", exchange.peer) if exchange.peer else ""):
            known = self._index.with_key(key)
            near = [life for life in known if not told_ids or life.id in told_ids]
            if near:
                return _loading(near, exchange)
        return _loading(told, exchange)

    def _connecting(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        if exchange.peer is None:
            return None
        lives = self._index.with_key(life_key("peer", exchange.peer))
        connection = exchange.connection
        if connection is None:
            return newest(lives)
        # Devices connect to many hosts: only to those of a life it is this life that connects.
        return newest(lives, lambda life: bool(roles_of(life, connection)))

    def _fetching(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        """The device that was told over DM to fetch a certificate by SCEP, or that fetches the
        revocation list of a server's certificate."""
        if scep_operation(exchange.request) is not None:
            return self._connecting(exchange, decoded)
        named = self._index.with_key(life_key("list", endpoint(exchange.request.url)))
        return newest(named, lambda life: life.peer == exchange.peer) or newest(named)

    def _enrolled_anew(self, old: Life, exchange: Exchange, message: SyncML | None) -> Life | None:
        """The later enrolment of the device of that life, if this message begins to use it.

        The same user may have two devices: so the account must prove it, or, where a session
        begins without credentials, the peer.
        """
        if message is None:
            return None
        lives = self._index.with_key(life_key("email", old.peer, old.email.lower()))
        later = newest(_free(lives, message.header.source))
        if later is None or later.id == old.id:
            return None
        if message.header.cred is not None:
            return later if _is_proven(later, message) else None
        begins = message.header.msg_id == "1"
        return later if begins and later.peer == exchange.peer else None

    def _enrolled(
        self, exchange: Exchange, message: SyncML | None, source: str, loose: NonceState
    ) -> Life | None:
        """The enrolled life that a message of a device not seen before belongs to; ``loose`` are
        the nonces that the device was given meanwhile."""
        by_key = self._index.first(tls_keys(exchange))
        if by_key is not None:
            return by_key
        told = self._index.with_key(life_key("addr", endpoint(exchange.request.url)))
        near = self._index.with_key(life_key("peer", exchange.peer))
        free = _free((*told, *self._named(message)), source)
        for candidates in (_free(near, source), free):
            proven = newest(candidates, lambda life: _is_proven(life, message, loose))
            if proven is not None:
                return proven
        same_peer = _free(near, source) if exchange.peer is not None else []
        free_ids = {life.id for life in free}
        by_both = [life for life in same_peer if life.id in free_ids]
        for candidates in (by_both, free, same_peer, self._renewed_at(exchange)):
            if candidates:
                return candidates[-1] if len(candidates) == 1 else None
        return None

    def _renewed_at(self, exchange: Exchange) -> list[Life]:
        """Lives of which nothing but a renewal was seen, at the host of a message."""
        lives = self._index.with_key(life_key("renewed-at", exchange.request.host))
        return [life for life in lives if not life.device_id and not life.addr]

    def _named(self, message: SyncML | None) -> Iterator[Life]:
        if message is None:
            return
        names = [message.header.source_name]
        if message.header.cred is not None and message.header.cred.type.endswith("basic"):
            try:
                names.append(parse_basic(message.header.cred.data)[0])
            except MdmError:
                names.append(None)
        for name in names:
            yield from self._index.with_key(life_key("account", name))


def _loading(lives: Sequence[Life], exchange: Exchange) -> Life | None:
    """The life whose hub this request goes on with, else one that waits for its hub."""
    begin = _RANGE.match(exchange.request.headers.get("Range") or "")
    start = int(begin[1]) if begin is not None else 0
    going_on = newest(lives, lambda life: start > 0 and life.hub_bytes == start)
    waiting = newest(_latest(lives), lambda life: life.is_enrolled and not life.hub_requests)
    return going_on or waiting or newest(lives)


def _latest(lives: Sequence[Life]) -> list[Life]:
    """Those lives after which the same device, or user, has not begun another one."""
    named = {name: life for life in lives for name in (life.email.lower(), life.device_id) if name}
    return [
        life
        for life in lives
        if all(named[name].id == life.id for name in (life.email.lower(), life.device_id) if name)
    ]


def _free(lives: Iterable[Life], source: str) -> list[Life]:
    """Enrolled lives whose device is this one or not known yet, each once."""
    by_id = {life.id: life for life in lives if life.is_enrolled}
    return [life for life in by_id.values() if life.device_id in ("", source)]


def _is_proven(life: Life, message: SyncML | None, loose: NonceState | None = None) -> bool:
    cred = message.header.cred if message is not None else None
    credential = life.account.device if life.account is not None else None
    if cred is None or credential is None:
        return False
    tried = [credential]
    if loose is not None:
        tried.append(replace(credential, nonces=joined(credential, loose)))
    verdicts = (check_cred(cred, one, is_first=True).verdict for one in tried)
    return CredVerdict.RIGHT in verdicts
