"""A finding's row in plain lines, as it stands in reports for machines."""

from __future__ import annotations

from mdmcore.report.model import FindingRow, PlaceRow
from mdmcore.report.plain import plain

SHOWN_PLACES = 20
"""Places that are named; the JSON report has up to 100."""


def finding_text(finding: FindingRow) -> str:
    """What, where, what the device does, what to do, who says so."""
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    lines = [f"{finding.severity.upper()} {finding.rule}{times}", finding.message]
    lines += [f"where: {place_text(place)}" for place in finding.places[:SHOWN_PLACES]]
    lines += [
        f"{label}: {text}"
        for label, text in (
            ("effect", finding.effect),
            ("fix", finding.fix),
            ("source", "; ".join(finding.sources)),
            ("cause", ", ".join(finding.caused_by)),
        )
        if text
    ]
    return "\n".join(map(plain, lines))


def place_text(place: PlaceRow) -> str:
    """A place in words, with what stands there."""
    where = dict(place.where)
    part = where.pop("part", "")
    finder = ", ".join(f"{name} {value}" for name, value in where.items())
    said = ", ".join(filter(None, (place.exchange, part, finder)))
    return f"{said}: {place.evidence}" if place.evidence else said
