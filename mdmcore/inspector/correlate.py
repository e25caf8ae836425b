"""Joining exchanges into lives, each one device's enrolment and what follows (enrollment.md 3.4).

Evidence differs by step: the e-mail address and the peer before a key exists, then the public key
of the CSR, the device id, the account, its digests, StoreURI and ADDR. A Discover after a finished
enrolment of the same address begins a new life. Lives that turn out to be one are merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from mdmcore.errors import MdmError
from mdmcore.http import Exchange
from mdmcore.inspector.facts import Advance, advance
from mdmcore.inspector.life_index import LifeIndex, newest
from mdmcore.inspector.life_keys import keys_of, life_key, tls_keys
from mdmcore.inspector.nonces import check_cred
from mdmcore.pki.scep import scep_operation
from mdmcore.rules.connection_roles import roles_of
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.life import CredVerdict, Life
from mdmcore.rules.model import DEFAULT_PROFILE
from mdmcore.rules.urls import endpoint
from mdmcore.syncml.credentials import parse_basic
from mdmcore.syncml.model import SyncML

_STARTING = frozenset(
    {Kind.PROBE, Kind.DISCOVER, Kind.WAB, Kind.GETPOLICIES, Kind.RST, Kind.RENEW, Kind.SYNCML}
)
_TOLD = (
    ("addr", Kind.SYNCML),
    ("policy", Kind.GETPOLICIES),
    ("enrollment", Kind.RST),
    ("sign-in", Kind.WAB),
)
"""Which key stands for the URL of which step."""

type _Finder = Callable[[Exchange, Decoded], Life | None]


class Correlator:
    """All lives seen so far. Memory grows with lives, not with exchanges."""

    def __init__(self, profile: str = "auto") -> None:
        self._profile = profile
        self._index = LifeIndex()
        self._finders: Mapping[Kind, _Finder] = {
            Kind.PROBE: self._probing,
            Kind.DISCOVER: self._discovering,
            Kind.WAB: self._signing_in,
            Kind.GETPOLICIES: self._enrolling,
            Kind.RST: self._enrolling,
            Kind.RENEW: self._renewing,
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
        finder = self._finders.get(decoded.kind)
        life = finder(exchange, decoded) if finder is not None else None
        if life is None:
            if decoded.kind not in _STARTING:
                stranger = self._stranger()
                return stranger, Advance(life=stranger)
            life = self._index.begin(self._stranger())
        result = advance(life, exchange, decoded, profile=self._profile)
        # Windows 10 tells its id when it enrols, others with their first message.
        is_first = not life.session_count or life.device_id != result.life.device_id
        if decoded.kind is Kind.SYNCML and is_first:
            result = replace(result, life=self._with_earlier_account(result.life))
        self._index.put(result.life)
        self._remember(result.life, exchange)
        return life, result

    def _with_earlier_account(self, life: Life) -> Life:
        """The life with the account that the same device had in the life before."""
        same = self._index.with_key(life_key("device", life.device_id))
        before = newest(same, lambda one: one.id != life.id and one.account is not None)
        return life if before is None else replace(life, earlier_account=before.account)

    def _stranger(self) -> Life:
        return Life(profile=DEFAULT_PROFILE if self._profile == "auto" else self._profile)

    def _remember(self, life: Life, exchange: Exchange) -> None:
        for key in keys_of(life, exchange):
            self._index.add_key(key, life)

    # --- finding, one method for each kind ----------------------------------------------------

    def _probing(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        key = life_key("host", exchange.peer, exchange.request.host)
        return newest(self._index.with_key(key), lambda life: _is_nameless(life))

    def _discovering(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        email = decoded.discover.email_address if decoded.discover is not None else ""
        if not email:
            return self._unfinished(life_key("host", exchange.peer, exchange.request.host))
        known = self._unfinished(life_key("email", exchange.peer, email.lower()))
        return known or self._probing(exchange, decoded)

    def _signing_in(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        hint = decoded.wab.login_hint if decoded.wab is not None else ""
        key = life_key("email", exchange.peer, hint.lower())
        told = life_key("sign-in", endpoint(exchange.request.url))
        by_peer = self._unfinished(life_key("peer", exchange.peer))
        return self._unfinished(key) or by_peer or self._unfinished(told)

    def _enrolling(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        envelope = decoded.request.envelope
        name = envelope.username if envelope is not None and envelope.username else ""
        for kind in ("email", "user"):
            known = self._unfinished(life_key(kind, exchange.peer, name.lower())) if name else None
            if known is not None:
                return known
        csr = decoded.csr.csr if decoded.csr is not None else None
        key = life_key("spki", csr.spki_sha256) if csr is not None else ""
        same_key = newest(self._index.with_key(key))
        if same_key is not None and not same_key.is_enrolled:
            return same_key
        # A device may enrol anew with the key it has: then its Discover has begun a life.
        begun = self._unfinished(
            life_key("peer", exchange.peer), other_than=name if exchange.peer is None else ""
        )
        if begun is None and same_key is None and envelope is None and exchange.peer is not None:
            # Nothing in it can be read: it is of the device that is known there.
            return newest(self._index.with_key(life_key("peer", exchange.peer)))
        return begun or same_key

    def _renewing(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        device_id = decoded.rst.context_value("DeviceID") if decoded.rst is not None else None
        signer = decoded.renewal.signer if decoded.renewal is not None else None
        keys = [life_key("spki", signer.spki_sha256)] if signer is not None else []
        keys += [*tls_keys(exchange), life_key("device", device_id)]
        return self._first([*keys, life_key("peer", exchange.peer)])

    def _managing(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        message = decoded.request_syncml
        source = message.header.source if message is not None else ""
        by_device = newest(self._index.with_key(life_key("device", source)))
        if by_device is not None and by_device.is_enrolled:
            return self._enrolled_anew(by_device, exchange, message) or by_device
        enrolled = self._enrolled(exchange, message, source)
        if enrolled is not None and by_device is not None:
            return self._index.merge(enrolled, by_device)
        return enrolled or by_device

    def _downloading(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        told = self._index.with_key(life_key("store", endpoint(exchange.request.url)))
        told_ids = {life.id for life in told}
        for key in (*tls_keys(exchange), life_key("peer", exchange.peer) if exchange.peer else ""):
            known = self._index.with_key(key)
            best = newest(known, lambda life: not told_ids or life.id in told_ids)
            if best is not None:
                return best
        return newest(told)

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

    def _enrolled(self, exchange: Exchange, message: SyncML | None, source: str) -> Life | None:
        """The enrolled life that a message of a device not seen before belongs to."""
        by_key = self._first(tls_keys(exchange))
        if by_key is not None:
            return by_key
        told = self._index.with_key(life_key("addr", endpoint(exchange.request.url)))
        near = self._index.with_key(life_key("peer", exchange.peer))
        free = _free((*told, *self._named(message)), source)
        for candidates in (_free(near, source), free):
            proven = newest(candidates, lambda life: _is_proven(life, message))
            if proven is not None:
                return proven
        same_peer = _free(near, source) if exchange.peer is not None else []
        free_ids = {life.id for life in free}
        by_both = [life for life in same_peer if life.id in free_ids]
        for candidates in (by_both, free, same_peer):
            if candidates:
                return candidates[-1] if len(candidates) == 1 else None
        return None

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

    def _first(self, keys: Iterable[str]) -> Life | None:
        found = (newest(self._index.with_key(key)) for key in keys)
        return next((life for life in found if life is not None), None)

    def _unfinished(self, key: str, *, other_than: str = "") -> Life | None:
        """The newest life of that key whose enrolment is not finished.

        ``other_than``: a user's name; lives that are known to be another user's do not count.
        """
        name = other_than.lower()
        return newest(
            self._index.with_key(key),
            lambda life: (
                not life.is_enrolled
                and not life.sessions
                and (not name or life.email.lower() in ("", name))
            ),
        )


def _is_nameless(life: Life) -> bool:
    return not life.email and not life.username and not life.is_enrolled and not life.sessions


def _free(lives: Iterable[Life], source: str) -> list[Life]:
    """Enrolled lives whose device is this one or not known yet, each once."""
    by_id = {life.id: life for life in lives if life.is_enrolled}
    return [life for life in by_id.values() if life.device_id in ("", source)]


def _is_proven(life: Life, message: SyncML | None) -> bool:
    cred = message.header.cred if message is not None else None
    credential = life.account.device if life.account is not None else None
    if cred is None or credential is None:
        return False
    return check_cred(cred, credential, is_first=True).verdict is CredVerdict.RIGHT
