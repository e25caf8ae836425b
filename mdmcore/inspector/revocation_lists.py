"""Revocation lists that somebody asked for and did not get, whoever it was."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mdmcore.http import Exchange
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.revocation import why_not_fetched

_SUFFIX = ".crl"
_MAX_LISTS = 64


class RevocationLists:
    """What became of the latest request for each list; the oldest are forgotten."""

    def __init__(self) -> None:
        self._unfetched: dict[str, str] = {}

    @property
    def unfetched(self) -> Mapping[str, str]:
        """URL -> why it could not be fetched."""
        return MappingProxyType(self._unfetched)

    def note(self, exchange: Exchange, decoded: Decoded) -> None:
        """Take an exchange into account, if it is one for a list."""
        url = exchange.request.url
        is_get = exchange.request.method.upper() == "GET"
        if decoded.kind is not Kind.OTHER or not is_get:
            return
        if not exchange.request.path.lower().endswith(_SUFFIX):
            return
        self._unfetched.pop(url, None)
        why = why_not_fetched(exchange)
        if why:
            self._unfetched[url] = why
            while len(self._unfetched) > _MAX_LISTS:
                del self._unfetched[next(iter(self._unfetched))]
