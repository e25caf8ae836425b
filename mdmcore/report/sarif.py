"""SARIF 2.1.0, as code scanners and reviews read it: rules once, a result for each mistake.

A message is no file of a repository, so a place is a logical location: exchange, part and XPath,
in the capture that it was seen in. Where there is no rule, the id says so. What the results of a
command are is decided by who calls (``probe_ci``, ``analysis_sarif``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from mdmcore import __version__
from mdmcore.report.plain import plain
from mdmcore.rules import CatalogueEntry, Finding, Place, Severity, entry

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "mdmproxyFinding/v1"
LEVELS: Mapping[str, str] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}
"""What GitHub calls levels, as ``problem.severity``."""
_MAX_LOCATIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SarifResult:
    """One mistake. ``rule_id`` is that of the catalogue, or a name where ``rule`` is ``None``.

    ``locations`` stand in the place of those that are made of ``places``; ``more`` are further keys
    of the result.
    """

    rule_id: str
    rule: CatalogueEntry | None
    severity: Severity
    message: str
    places: tuple[Place, ...] = ()
    capture: str = ""
    locations: tuple[Mapping[str, Any], ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


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


def sarif_document(
    results: Iterable[SarifResult], *, run: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The document, in plain JSON types. ``run`` are further keys of its run."""
    results = tuple(results)
    rules = {result.rule_id: result.rule for result in results}
    index = {rule_id: number for number, rule_id in enumerate(rules)}
    driver = {
        "name": "mdmproxy",
        "semanticVersion": __version__,
        "rules": [_rule(rule_id, rule) for rule_id, rule in rules.items()],
    }
    rows = [_result(result, index[result.rule_id]) for result in results]
    whole = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        **(run or {}),
        "results": rows,
    }
    return {"$schema": SCHEMA, "version": VERSION, "runs": [whole]}


def _rule(rule_id: str, rule: CatalogueEntry | None) -> dict[str, Any]:
    if rule is None:
        return {"id": rule_id, "shortDescription": {"text": "No rule is known for this."}}
    how = "".join(f"\n\n{tool}: {text}" for tool, text in rule.how)
    sources = "".join(f"\n- {source}" for source in rule.sources)
    level = _usual_level(rule)
    return {
        "id": rule_id,
        "name": "".join(part.capitalize() for part in rule_id.split("-")),
        "shortDescription": {"text": rule.looks_at},
        "fullDescription": {"text": rule.effect},
        "help": {
            "text": f"{rule.fix}{how}",
            "markdown": f"**Effect:** {rule.effect}\n\n**Fix:** {rule.fix}{how}\n\n"
            f"**Sources:**{sources}",
        },
        "defaultConfiguration": {"level": level},
        "properties": {
            "phase": rule.phase,
            "severity": rule.severity_letters,
            "device": rule.reaction,
            "sources": list(rule.sources),
            "tags": ["mdm", rule.phase],
            "precision": "high",
            "problem.severity": _PROBLEMS.get(level, "recommendation"),
        },
    }


def _usual_level(rule: CatalogueEntry) -> str:
    """That of the gravest severity on any kind of device."""
    gravest = max(rule.severities.values(), key=lambda severity: severity.rank)
    return LEVELS.get(gravest, "none")


def _result(result: SarifResult, index: int) -> dict[str, Any]:
    made = (_location(place, result.capture) for place in result.places[:_MAX_LOCATIONS])
    return {
        "ruleId": result.rule_id,
        "ruleIndex": index,
        "level": LEVELS.get(result.severity, "none"),
        "message": {"text": lines_of(result.message)},
        "locations": list(result.locations[:_MAX_LOCATIONS] or made),
        **result.more,
    }


def lines_of(text: str) -> str:
    """Lines stay lines; the unprintable is shown as an escape."""
    return "\n".join(map(plain, text.split("\n")))


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
