"""SARIF 2.1.0, as code scanners and reviews read it: rules once, a result for each mistake.

A message is no file of a repository, so a place is a logical location: exchange, part and XPath,
in the capture that it was seen in. Where there is no rule, the id says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mdmcore import __version__
from mdmcore.report.plain import plain
from mdmcore.rules import CatalogueEntry, Finding, Place, Severity, entry

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MAX_LOCATIONS = 20
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SarifResult:
    """One mistake. ``rule_id`` is that of the catalogue, or a name where ``rule`` is ``None``."""

    rule_id: str
    rule: CatalogueEntry | None
    severity: Severity
    message: str
    places: tuple[Place, ...] = ()
    capture: str = ""


def result_of(finding: Finding, *, capture: str) -> SarifResult:
    """That of a finding."""
    return SarifResult(
        rule_id=finding.rule,
        rule=entry(finding.rule),
        severity=finding.severity,
        message=finding.message,
        places=finding.places,
        capture=capture,
    )


def sarif_document(results: Iterable[SarifResult]) -> dict[str, Any]:
    """The document, in plain JSON types."""
    results = tuple(results)
    rules = {result.rule_id: result.rule for result in results}
    index = {rule_id: number for number, rule_id in enumerate(rules)}
    driver = {
        "name": "mdmproxy",
        "semanticVersion": __version__,
        "rules": [_rule(rule_id, rule) for rule_id, rule in rules.items()],
    }
    rows = [_result(result, index[result.rule_id]) for result in results]
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": rows}],
    }


def _rule(rule_id: str, rule: CatalogueEntry | None) -> dict[str, Any]:
    if rule is None:
        return {"id": rule_id, "shortDescription": {"text": "No rule is known for this."}}
    how = "".join(f"\n\n{tool}: {text}" for tool, text in rule.how)
    return {
        "id": rule_id,
        "shortDescription": {"text": rule.looks_at},
        "fullDescription": {"text": rule.effect},
        "help": {"text": f"{rule.fix}{how}"},
        "properties": {
            "phase": rule.phase,
            "severity": rule.severity_letters,
            "device": rule.reaction,
            "sources": list(rule.sources),
        },
    }


def _result(result: SarifResult, index: int) -> dict[str, Any]:
    return {
        "ruleId": result.rule_id,
        "ruleIndex": index,
        "level": _LEVELS.get(result.severity, "none"),
        "message": {"text": "\n".join(map(plain, result.message.split("\n")))},
        "locations": [_location(place, result.capture) for place in result.places[:_MAX_LOCATIONS]],
    }


def _location(place: Place, capture: str) -> dict[str, Any]:
    where = dict(place.where)
    part = where.pop("part", "")
    finder = "; ".join(f"{name} {value}" for name, value in where.items())
    name = " ".join(filter(None, (place.exchange, part, finder)))
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": plain(name), "kind": "message"}],
        "message": {"text": plain(place.evidence) or plain(name)},
    }
    if capture:
        location["physicalLocation"] = {"artifactLocation": {"uri": quote(capture)}}
    return location
