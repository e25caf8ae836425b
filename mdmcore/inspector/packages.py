"""The packages that devices fetch, by URL: whether their parts fit shows across exchanges."""

from __future__ import annotations

from mdmcore.http import Exchange
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.package_seen import NOTHING_SEEN, PackageSeen, seen_after, told_by
from mdmcore.rules.urls import endpoint

_MAX_PACKAGES = 32


class Packages:
    """What is known of each package; of more than 32 the one longest unasked is forgotten."""

    def __init__(self) -> None:
        self._seen: dict[str, PackageSeen] = {}

    def next(self, exchange: Exchange, decoded: Decoded) -> tuple[PackageSeen, PackageSeen | None]:
        """What was known before this exchange, and what its answer tells, which is remembered."""
        told = told_by(exchange.response) if decoded.kind is Kind.HUB else None
        key = endpoint(exchange.request.url)
        if told is None or not key or exchange.request.method == "HEAD":
            return self._seen.get(key, NOTHING_SEEN), None
        before = self._seen.pop(key, NOTHING_SEEN)
        self._seen[key] = seen_after(before, told)
        while len(self._seen) > _MAX_PACKAGES:
            del self._seen[next(iter(self._seen))]
        return before, told
