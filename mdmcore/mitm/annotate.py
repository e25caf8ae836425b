"""Writing what was found onto a flow: comment, marker, metadata (design section 5).

The comment's part between ``[mdm]`` and ``[/mdm]`` is ours, the rest is a person's and stays. The
metadata hold plain JSON types only: anything else makes mitmproxy lose the whole flow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mitmproxy import flow as mitmproxy_flow

from mdmcore.capture import connection_record, forwarded_header, passing_record
from mdmcore.capture.body_record import PASSED_FIELD
from mdmcore.passed_body import PassedBody, passed_fields
from mdmcore.rules.model import Finding, Severity

METADATA_KEY = connection_record.METADATA_KEY
SCHEMA = 1
MARKERS: Mapping[Severity, str] = {
    Severity.ERROR: ":red_circle:",
    Severity.WARNING: ":warning:",
    Severity.INFO: ":information_source:",
}
INTERNAL_RULE = "mdmproxy-failed"
"""Stands where a rule id stands; it says that we failed, not the device or the server."""

_RECORDS = (
    connection_record.CONNECTION_FIELD,
    forwarded_header.FORWARDED_FIELD,
    passing_record.PASSING_FIELD,
    PASSED_FIELD,
)
"""What is no judgement but was seen live, and cannot be found again."""
_MAX_SUMMARY = 400
_OURS = re.compile(r"\[mdm\].*?\[/mdm\]", re.DOTALL)


def annotate(
    flow: mitmproxy_flow.Flow,
    *,
    summary: str,
    findings: Iterable[Finding],
    kind: str = "",
    life: str | None = None,
) -> str:
    """Write summary and findings of one exchange to its flow; returns our line of the comment."""
    entries = [_entry(finding) for finding in findings]
    entries += _failures(flow)
    data: dict[str, Any] = {"schema": SCHEMA, "summary": _one_line(summary), "findings": entries}
    if kind:
        data["kind"] = kind
    if life is not None:
        data["life"] = life
    before = flow.metadata.get(METADATA_KEY)
    if isinstance(before, dict):
        data |= {field: before[field] for field in _RECORDS if field in before}
    return _write(flow, data)


def life_of(flow: mitmproxy_flow.Flow) -> str | None:
    """The life that was noted on a flow; ``None`` where none was, or nothing was inspected."""
    data = flow.metadata.get(METADATA_KEY)
    life = data.get("life") if isinstance(data, dict) else None
    return life if isinstance(life, str) else None


def note_passed(flow: mitmproxy_flow.Flow, body: PassedBody) -> None:
    """Write to a flow what is known of its answer's body, which it does not have."""
    before = flow.metadata.get(METADATA_KEY)
    data: dict[str, Any] = dict(before) if isinstance(before, dict) else {"schema": SCHEMA}
    flow.metadata[METADATA_KEY] = data | {PASSED_FIELD: passed_fields(body)}


def note_failure(flow: mitmproxy_flow.Flow, step: str, text: str) -> None:
    """Say on the flow that a step of ours failed; what was noted before stays."""
    before = flow.metadata.get(METADATA_KEY)
    data: dict[str, Any] = dict(before) if isinstance(before, dict) else {"schema": SCHEMA}
    data.setdefault("summary", "not inspected")
    entry = {
        "rule": INTERNAL_RULE,
        "severity": str(Severity.ERROR),
        "message": f"mdmproxy failed in {step}: {text}",
        "effect": "This exchange is not judged, or was answered with an error by mdmproxy itself.",
        "fix": "This is a mistake in mdmproxy: please report it.",
        "sources": [],
        "count": 1,
        "places": [],
    }
    data["findings"] = [*data.get("findings", []), entry]
    _write(flow, data)


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


def _write(flow: mitmproxy_flow.Flow, data: dict[str, Any]) -> str:
    severities = [str(entry["severity"]) for entry in data["findings"]]
    line = f"{data['summary']}; {counted(severities)}"
    flow.comment = merge_comment(flow.comment, f"[mdm] {line} [/mdm]")
    if flow.marked in {"", *MARKERS.values()}:
        worst = next((level for level in MARKERS if str(level) in severities), None)
        flow.marked = MARKERS[worst] if worst is not None else ""
    flow.metadata[METADATA_KEY] = data
    return line


def _failures(flow: mitmproxy_flow.Flow) -> list[dict[str, Any]]:
    """Failures of ours that were noted earlier in the life of a live flow."""
    before = flow.metadata.get(METADATA_KEY)
    entries = before.get("findings", []) if isinstance(before, dict) and flow.live else []
    return [entry for entry in entries if entry.get("rule") == INTERNAL_RULE]


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
