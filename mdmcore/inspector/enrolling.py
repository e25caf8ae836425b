"""Finding the life that a step of an enrolment belongs to (enrollment.md 3.4).

Names before addresses: the user's name, the sign-in's token and traces, the key of the CSR; where
several devices share an address, the one that waits for such a step. Two devices of one user
behind one address are told apart by their kind alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from mdmcore.http import Exchange
from mdmcore.inspector.life_index import LifeIndex, newest
from mdmcore.inspector.life_keys import life_key, tls_keys
from mdmcore.inspector.sign_in_keys import (
    addresses,
    given_traces,
    shown_traces,
    token_digests,
    user_names,
)
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.life import Life
from mdmcore.rules.urls import endpoint

_MAX_TRACES = 4096
"""Traces of sign-ins and tokens that are remembered, the newest ones."""


class EnrollmentFinder:
    """Finds lives for the steps up to the certificate, and for its renewal."""

    def __init__(self, index: LifeIndex) -> None:
        self._index = index
        self._traces: dict[str, str] = {}

    def remember(self, life: Life, exchange: Exchange, decoded: Decoded) -> None:
        """Keep what the next step may bring again."""
        traces: tuple[str, ...] = token_digests(decoded.request.envelope)
        if decoded.kind is Kind.WAB:
            traces = given_traces(exchange, decoded.wab)
        if life.wresult:
            traces = (*traces, life.wresult)
        for trace in traces:
            self._traces.pop(trace, None)
            self._traces[trace] = life.id or ""
        while len(self._traces) > _MAX_TRACES:
            del self._traces[next(iter(self._traces))]

    def probing(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        """The GET before discovery: of a life there that has no name yet."""
        key = life_key("host", exchange.peer, exchange.request.host)
        return newest(self._index.with_key(key), _is_nameless)

    def discovering(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        """Discover: a further attempt of the same user and kind of device, or the first."""
        asked = decoded.discover
        email = asked.email_address if asked is not None else ""
        if asked is None or not email:
            key = life_key("host", exchange.peer, exchange.request.host)
            return newest(self._index.with_key(key), is_unfinished)
        kind = (asked.device_type, asked.application_version)
        lives = self._index.with_key(life_key("email", exchange.peer, email.lower()))
        known = newest(lives, lambda life: is_unfinished(life) and _is_of_kind(life, *kind))
        return known or self.probing(exchange, decoded)

    def signing_in(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        """A page of the sign-in: by the user's address, by what an earlier page gave, by the peer
        or the URL."""
        hint = decoded.wab.login_hint if decoded.wab is not None else ""
        for address in (*((hint.lower(),) if hint else ()), *addresses(exchange.request)):
            known = self._unfinished(life_key("email", exchange.peer, address))
            if known is not None:
                return known
        traced = self._traced(shown_traces(exchange, decoded.wab))
        if traced is not None:
            return traced
        told = life_key("sign-in", endpoint(exchange.request.url))
        at_page = {life.id for life in self._index.with_key(told)}
        near = self._index.with_key(life_key("peer", exchange.peer))
        best = newest(near, lambda life: is_unfinished(life) and life.id in at_page)
        return best or newest(near, is_unfinished) or self._unfinished(told)

    def enrolling(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        """GetPolicies or RST."""
        envelope = decoded.request.envelope
        traced = self._traced(token_digests(envelope))
        if traced is not None:
            return traced
        names = user_names(envelope)
        for name in names:
            for kind in ("email", "user"):
                lives = self._index.with_key(life_key(kind, exchange.peer, name.lower()))
                known = _waiting(lives, decoded)
                if known is not None:
                    return known
        csr = decoded.csr.csr if decoded.csr is not None else None
        key = life_key("spki", csr.spki_sha256) if csr is not None else ""
        same_key = newest(self._index.with_key(key))
        if same_key is not None and not same_key.is_enrolled:
            return same_key
        # A device may enrol anew with the key it has: then its Discover has begun a life.
        near = self._index.with_key(life_key("peer", exchange.peer))
        if exchange.peer is None and names:
            near = tuple(life for life in near if life.email.lower() in ("", names[0].lower()))
        begun = _waiting(_of_way(near, has_token=bool(token_digests(envelope))), decoded)
        begun = begun or _waiting(near, decoded)
        if begun is None and same_key is None and envelope is None and exchange.peer is not None:
            # Nothing in it can be read: it is of the device that is known there.
            return newest(near)
        return begun or same_key

    def renewing(self, exchange: Exchange, decoded: Decoded) -> Life | None:
        """A renewal: by the key that signs it or that of TLS, then by the device."""
        device_id = decoded.rst.context_value("DeviceID") if decoded.rst is not None else None
        signer = decoded.renewal.signer if decoded.renewal is not None else None
        keys = [life_key("spki", signer.spki_sha256)] if signer is not None else []
        keys += [*tls_keys(exchange), life_key("device", device_id)]
        return self._index.first([*keys, life_key("peer", exchange.peer)])

    def _unfinished(self, key: str) -> Life | None:
        return newest(self._index.with_key(key), is_unfinished)

    def _traced(self, traces: Iterable[str]) -> Life | None:
        for trace in traces:
            life_id = self._traces.get(trace)
            if life_id is not None:
                life = self._index.get(life_id)
                if is_unfinished(life):
                    return life
        return None


def is_unfinished(life: Life) -> bool:
    """Whether the enrolment of a life goes on, or has just failed."""
    return not life.is_enrolled and not life.sessions


def _is_nameless(life: Life) -> bool:
    return not life.email and not life.username and is_unfinished(life)


def _is_of_kind(life: Life, device_type: str, version: str) -> bool:
    """Whether a life may be that of a device of this kind; what is not known may be anything."""
    known = ((life.device_type, device_type), (life.application_version, version))
    return all(not one or not other or one == other for one, other in known)


def _of_way(lives: Iterable[Life], *, has_token: bool) -> tuple[Life, ...]:
    """Those that signed in on a page, or those that did not."""
    return tuple(life for life in lives if bool(life.sign_in_urls) is has_token)


def _waiting(lives: Iterable[Life], decoded: Decoded) -> Life | None:
    """The life that this message may be of: best one that waits for such a message."""
    rst = decoded.rst
    kind = ("", "")
    if rst is not None:
        values = (rst.context_value("DeviceType"), rst.context_value("ApplicationVersion"))
        kind = (values[0] or "", values[1] or "")
    open_lives = [life for life in lives if is_unfinished(life)]
    fitting = [life for life in open_lives if _is_of_kind(life, *kind)] or open_lives
    if decoded.kind is Kind.GETPOLICIES:
        return newest(fitting, lambda life: life.policies is None) or newest(fitting)
    csr = decoded.csr.csr if decoded.csr is not None else None
    same = newest(fitting, lambda life: csr is not None and _has_key(life, csr.spki_sha256))
    return same or newest(fitting, lambda life: life.csr is None) or newest(fitting)


def _has_key(life: Life, spki_sha256: str) -> bool:
    csr = life.csr.csr if life.csr is not None else None
    return csr is not None and csr.spki_sha256 == spki_sha256
