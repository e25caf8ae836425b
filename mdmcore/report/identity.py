"""When a finding of one analysis is that of another: what stays the same from capture to capture.

That is the rule, whose life it is (the user, else the device), the server, the step and the place
in the message. Times, ids of exchanges and lives, offsets, positions in lists and evidence are not:
they change with each recording. Documented in docs/analyze.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from mdmcore.report.spool import ExchangeFacts

_WHO = ("email", "username", "device_id", "name")
"""What tells a device, the steadiest first: a device that enrols anew may have a new id."""

_FINDERS = ("xpath", "header", "field")
_CHANGING = re.compile(
    r"\[\d+\]|\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?|\b[0-9A-Fa-f]{16,}\b"
)
"""Positions, GUIDs and long hexadecimal numbers, which stand in XPaths and fields."""


class Place(Protocol):
    """Where a mistake was seen, in a finding or a row of one."""

    @property
    def exchange(self) -> str: ...

    @property
    def where(self) -> Mapping[str, str]: ...


class Finding(Protocol):
    """A finding, or the row of one."""

    @property
    def rule(self) -> str: ...

    @property
    def places(self) -> tuple[Place, ...]: ...


class Sighting(NamedTuple):
    """One mistake, by what stays the same. Empty texts are unknown."""

    rule: str
    who: str
    server: str
    step: str
    where: str


def who_of(device: Mapping[str, str]) -> str:
    """What tells a device, from the facts of its life; empty where nothing does."""
    return next((device[name].lower() for name in _WHO if device.get(name)), "")


def where_of(where: Mapping[str, str]) -> str:
    """The part and what finds the place in it, without what changes."""
    finder = next((f" {name} {where[name]}" for name in _FINDERS if name in where), "")
    return f"{where.get('part', '')}{_CHANGING.sub('', finder)}"


def sightings(
    finding: Finding, device: Mapping[str, str], facts: Mapping[str, ExchangeFacts]
) -> frozenset[Sighting]:
    """What a finding has seen; ``device`` are the facts of its life, ``facts`` those of the
    exchanges that it names."""
    who = who_of(device)
    found = set()
    for place in finding.places:
        known = facts.get(place.exchange)
        found.add(
            Sighting(
                rule=finding.rule,
                who=who,
                server="" if known is None else known.host,
                step="" if known is None else known.kind,
                where=where_of(place.where),
            )
        )
    return frozenset(found) or frozenset(
        {Sighting(rule=finding.rule, who=who, server="", step="", where="")}
    )


def fingerprint(seen: Iterable[Sighting]) -> str:
    """The same for the same sightings, whatever their order: SHA-256 in hexadecimal."""
    text = json.dumps(sorted(seen), ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
