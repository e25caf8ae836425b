"""Hosts as people name them in options: ``mdm.acme.test``, or ``*.acme.test`` for all below it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mdmcore.errors import ConfigError
from mdmcore.mitm.addresses import parse_address

_NAME = re.compile(r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_][a-z0-9_-]*\.?")


class HostPatterns:
    """A set of hosts; names compare without case and without the dot at their end."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._patterns = frozenset(_normal(one) for one in patterns)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def __contains__(self, host: object) -> bool:
        if not isinstance(host, str):
            return False
        name = _normal(host)
        above = (f"*.{name[at + 1 :]}" for at, letter in enumerate(name) if letter == ".")
        return name in self._patterns or any(one in self._patterns for one in above)


def host_patterns(texts: Iterable[str], *, option: str) -> HostPatterns:
    """The hosts of an option. Raises ConfigError that names it, and what cannot be a host."""
    found = list(texts)
    for text in found:
        is_host = parse_address(text) is not None or _NAME.fullmatch(text.lower()) is not None
        if not is_host:
            raise ConfigError(
                f"{option} {text!r}: give a host like mdm.acme.test, or *.acme.test for all below"
            )
    return HostPatterns(found)


def _normal(host: str) -> str:
    return host.lower().rstrip(".")
