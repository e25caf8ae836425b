"""Writing what was found onto a live flow: comment, marker, metadata (design section 5).

What is written is known to ``report.annotation``. The metadata hold plain JSON types only: anything
else makes mitmproxy lose the whole flow. The records beside the annotation stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mitmproxy import flow as mitmproxy_flow

from mdmcore.capture import connection_record
from mdmcore.capture.body_record import PASSED_FIELD
from mdmcore.capture.flow_metadata import records_of
from mdmcore.http import Notes
from mdmcore.passed_body import PassedBody, passed_fields
from mdmcore.report.annotation import (
    SCHEMA,
    annotated,
    annotation,
    comment_line,
)
from mdmcore.rules.model import Finding, Severity

METADATA_KEY = connection_record.METADATA_KEY
INTERNAL_RULE = "mdmproxy-failed"
"""Stands where a rule id stands; it says that we failed, not the device or the server."""


def annotate(
    flow: mitmproxy_flow.Flow,
    *,
    summary: str,
    findings: Iterable[Finding],
    kind: str = "",
    life: str | None = None,
) -> str:
    """Write summary and findings of one exchange to its flow; returns our line of the comment."""
    data = annotation(summary=summary, findings=findings, kind=kind, life=life)
    data["findings"] += _failures(flow)
    return _write(flow, data | records_of(flow.metadata))


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


def _write(flow: mitmproxy_flow.Flow, data: dict[str, Any]) -> str:
    notes = annotated(Notes(comment=flow.comment, marker=flow.marked), data)
    flow.comment, flow.marked = notes.comment, notes.marker
    flow.metadata[METADATA_KEY] = data
    return comment_line(data)


def _failures(flow: mitmproxy_flow.Flow) -> list[dict[str, Any]]:
    """Failures of ours that were noted earlier in the life of a live flow."""
    before = flow.metadata.get(METADATA_KEY)
    entries = before.get("findings", []) if isinstance(before, dict) and flow.live else []
    return [entry for entry in entries if entry.get("rule") == INTERNAL_RULE]
