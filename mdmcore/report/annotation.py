"""What is written onto an exchange about its findings: comment, marker, annotation.

Source: design.md section 5, annotations on a flow; live flows and converted captures get the same.
The comment's part between ``[mdm]`` and ``[/mdm]`` is ours, the rest is a person's and stays. The
annotation holds plain JSON types only: no format keeps anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mdmcore.http import REDACTED, Notes
from mdmcore.rules.model import Finding, Severity

SCHEMA = 1
MARKERS: Mapping[Severity, str] = {
    Severity.ERROR: ":red_circle:",
    Severity.WARNING: ":warning:",
    Severity.INFO: ":information_source:",
}
_MAX_SUMMARY = 400
_OURS = re.compile(r"\[mdm\].*?\[/mdm\]", re.DOTALL)


def annotation(
    *, summary: str, findings: Iterable[Finding], kind: str = "", life: str | None = None
) -> dict[str, Any]:
    """Summary and findings of one exchange as the annotation has them."""
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "summary": _one_line(summary),
        "findings": [_entry(finding) for finding in findings],
    }
    if kind:
        data["kind"] = kind
    if life is not None:
        data["life"] = life
    return data


def annotated(notes: Notes, data: Mapping[str, Any]) -> Notes:
    """The notes with that annotation in the place of an earlier one: a person's words and marker
    stay."""
    severities = _severities(data)
    marker = notes.marker
    if marker in {"", *MARKERS.values()}:
        worst = next((level for level in MARKERS if str(level) in severities), None)
        marker = MARKERS[worst] if worst is not None else ""
    comment = merge_comment(notes.comment, f"[mdm] {comment_line(data)} [/mdm]")
    if REDACTED in notes.data:
        data = {**data, REDACTED: notes.data[REDACTED]}
    return Notes(comment=comment, marker=marker, data=data)


def comment_line(data: Mapping[str, Any]) -> str:
    """Our line of the comment: the summary, and how much was found."""
    return f"{data['summary']}; {counted(_severities(data))}"


def counted(severities: Iterable[str]) -> str:
    """``n errors``, and the warnings where there are any."""
    seen = list(severities)
    errors, warnings = seen.count(str(Severity.ERROR)), seen.count(str(Severity.WARNING))
    text = f"{errors} error{'' if errors == 1 else 's'}"
    return f"{text}, {warnings} warning{'' if warnings == 1 else 's'}" if warnings else text


def merge_comment(comment: str, ours: str) -> str:
    """The comment with our part replaced, or put behind what a person wrote."""
    if _OURS.search(comment):
        first, *rest = _OURS.split(comment)
        return f"{first}{ours}{''.join(rest)}"
    return f"{comment.rstrip()} {ours}" if comment.strip() else ours


def _severities(data: Mapping[str, Any]) -> list[str]:
    return [str(entry["severity"]) for entry in data["findings"]]


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "effect": finding.effect,
        "fix": finding.fix,
        "sources": list(finding.sources),
        "count": finding.count,
        "caused_by": list(finding.caused_by),
        "places": [
            {"where": dict(place.where), "evidence": place.evidence} for place in finding.places
        ],
    }


def _one_line(text: str) -> str:
    plain = " ".join(text.replace("[mdm]", "").replace("[/mdm]", "").split())
    return plain if len(plain) <= _MAX_SUMMARY else f"{plain[: _MAX_SUMMARY - 1]}…"
