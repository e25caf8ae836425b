"""Making the rows of an analysis document from what was read, inspected and found."""

from __future__ import annotations

from typing import Any, cast

from mdmcore import __version__
from mdmcore.http import Exchange
from mdmcore.inspector import ArtifactPart, ArtifactReport, Inspection
from mdmcore.report.model import (
    CaptureRow,
    ExchangeRow,
    FindingRow,
    LifeRow,
    PlaceRow,
    ProfileName,
    ReadError,
    SeverityName,
    Tool,
)
from mdmcore.rules import Finding
from mdmcore.rules.life import Life

TOOL = Tool(name="mdmproxy", version=__version__)
_MAX_STATUS = 999


def exchange_row(exchange: Exchange, inspection: Inspection) -> ExchangeRow:
    """The row of one exchange. A status that HTTP does not have (not 0 to 999) is left out."""
    status = exchange.response.status if exchange.response is not None else None
    return ExchangeRow(
        id=exchange.id,
        capture=exchange.capture,
        index=exchange.index,
        started=exchange.started,
        method=exchange.request.method,
        url=inspection.url,
        status=status if status is not None and 0 <= status <= _MAX_STATUS else None,
        kind=inspection.kind.value,
        summary=inspection.summary,
        life=inspection.life,
        decoded=dict(inspection.decoded),
    )


def life_row(life: Life) -> LifeRow:
    """The row of a life that belongs to a device (its id is known)."""
    identifier = life.id or ""
    return LifeRow(
        id=identifier,
        device=dict(life.device),
        profile=cast(ProfileName, life.profile),
        first=life.first,
        last=life.last,
        exchanges=life.exchanges,
        outcome=life.outcome.value,
        parts=life.parts or (identifier,),
    )


def finding_row(finding: Finding) -> FindingRow:
    """The row of a finding."""
    return FindingRow(
        rule=finding.rule,
        severity=cast(SeverityName, finding.severity.value),
        message=finding.message,
        effect=finding.effect,
        fix=finding.fix,
        sources=finding.sources,
        life=finding.life,
        caused_by=finding.caused_by,
        count=finding.count,
        places=tuple(
            PlaceRow(exchange=place.exchange, where=dict(place.where), evidence=place.evidence)
            for place in finding.places
        ),
    )


def artifact_row(report: ArtifactReport) -> CaptureRow:
    """The row of an object of a loose file: a capture without exchanges (``lint``)."""
    problem = report.problem
    errors = () if problem is None else (ReadError(where=problem.where, message=problem.message),)
    decoded: dict[str, Any] = {
        "kind": report.kind,
        "summary": report.summary,
        "object": report.number,
        "line": report.line,
        "layers": list(report.layers),
        "profile": report.profile,
        "profile_reason": report.profile_reason,
        "facts": dict(report.facts),
        "content": dict(report.content),
        "parts": [_part(part) for part in report.parts],
        "notes": list(report.notes),
        "shown": report.shown,
    }
    return CaptureRow(
        path=report.name,
        format="artifact",
        exchanges=0,
        errors=errors,
        decoded=_without_empty(decoded),
    )


def _part(part: ArtifactPart) -> dict[str, Any]:
    return _without_empty(
        {
            "place": part.place,
            "kind": part.kind,
            "summary": part.summary,
            "layers": list(part.layers),
            "facts": dict(part.facts),
            "shown": part.shown,
        }
    )


def _without_empty(decoded: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in decoded.items() if value not in (None, "", [], {})}
