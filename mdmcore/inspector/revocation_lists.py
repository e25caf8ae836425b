"""Which revocation lists servers' certificates name, and what became of those that were asked for,
whoever asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mdmcore.http import Exchange
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Life
from mdmcore.rules.revocation import MAX_CERTIFICATES, fetched, is_for_list, named_lists
from mdmcore.rules.urls import endpoint

_MAX_LISTS = 200
_CHECKED = frozenset({Kind.SYNCML, Kind.HUB, Kind.TLS})
"""Where CRLCheck counts."""


def with_lists(life: Life, exchange: Exchange, kind: Kind) -> Life:
    """The life with the revocation lists that the server's certificate names."""
    urls = named_lists(exchange.tls) if kind in _CHECKED else ()
    if not urls or urls in life.named_lists:
        return life
    return replace(life, named_lists=(*life.named_lists, urls)[-MAX_CERTIFICATES:])


class RevocationLists:
    """What the newest request for each list came to; the oldest lists are forgotten."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def note(self, exchange: Exchange, kind: Kind, *, is_named: bool) -> None:
        """Look at an exchange; ``is_named``: a server's certificate named its URL."""
        if kind is not Kind.OTHER or not (is_named or is_for_list(exchange)):
            return
        state = fetched(exchange)
        where = endpoint(exchange.request.url)
        if state is None or not where:
            return
        self._known.pop(where, None)
        self._known[where] = state
        while len(self._known) > _MAX_LISTS:
            del self._known[next(iter(self._known))]

    def told(self, life: Life) -> Life:
        """The life with what is known of the lists that were named to it."""
        wanted = {endpoint(url) for urls in life.named_lists for url in urls}
        known: Mapping[str, str] = {
            where: self._known[where] for where in wanted if where in self._known
        }
        return replace(life, known_lists=known) if known != life.known_lists else life
