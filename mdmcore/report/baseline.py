"""An older analysis: what it knew already is not told again (``--baseline``).

A finding is known when each of its places was seen before, at least as gravely. What counts as the
same is the concern of ``identity``. A document of any command that writes ``mdmproxy-analysis/1``
can be one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mdmcore.errors import ConfigError
from mdmcore.report.identity import Finding, Sighting, sightings
from mdmcore.report.model import SCHEMA_NAME, FindingRow
from mdmcore.report.spool import ExchangeFacts, host_of
from mdmcore.rules import Severity


class _Exchange(msgspec.Struct, frozen=True):
    id: str
    url: str
    kind: str


class _Life(msgspec.Struct, frozen=True):
    id: str
    device: dict[str, str]


class _Document(msgspec.Struct, frozen=True):
    schema: str
    exchanges: tuple[_Exchange, ...]
    lives: tuple[_Life, ...]
    findings: tuple[FindingRow, ...]


class _Named(msgspec.Struct, frozen=True):
    schema: Any = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was seen before, with the rank of the severity that it had."""

    seen: Mapping[Sighting, int]

    def knows(
        self,
        finding: Finding,
        severity: str,
        device: Mapping[str, str],
        facts: Mapping[str, ExchangeFacts],
    ) -> bool:
        """Whether all of a finding was seen before, as gravely as now."""
        rank = Severity(severity).rank
        return all(self.seen.get(one, -1) >= rank for one in sightings(finding, device, facts))


def read_baseline(path: Path) -> Baseline:
    """The baseline that a file of ``--format json`` is. Raises ConfigError."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(f"--baseline {path}: {reason.lower()}") from None
    return baseline_of(_document(data, path))


def _document(data: bytes, path: Path) -> _Document:
    advice = "make one with `mdmproxy analyze --format json -o FILE`"
    try:
        named = msgspec.json.decode(data, type=_Named).schema
        if named == SCHEMA_NAME:
            return msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"--baseline {path}: damaged ({reason}); {advice}") from None
    what = f"{named!r}"[:80] if named is not None else "no analysis"
    raise ConfigError(f"--baseline {path}: this is {what}, not {SCHEMA_NAME}; {advice}")


def baseline_of(document: _Document) -> Baseline:
    """What a document has seen."""
    devices = {life.id: life.device for life in document.lives}
    named = {place.exchange for finding in document.findings for place in finding.places}
    facts = {
        one.id: ExchangeFacts(id=one.id, host=host_of(one.url), kind=one.kind)
        for one in document.exchanges
        if one.id in named
    }
    seen: dict[Sighting, int] = {}
    for finding in document.findings:
        rank = Severity(finding.severity).rank
        for one in sightings(finding, devices.get(finding.life or "", {}), facts):
            seen[one] = max(rank, seen.get(one, -1))
    return Baseline(seen)
