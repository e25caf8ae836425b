"""What the notes on a flow and the inspector's findings say, as lines for mitmproxy's windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mitmproxy import flow as mitmproxy_flow

from mdmcore.inspector.shown import shown
from mdmcore.mitm.annotate import METADATA_KEY
from mdmcore.rules.model import Finding

_MAX_LINE = 1000
_MAX_PLACES = 5
_NOT_INSPECTED = (
    "not inspected: load mdm_inspect.py, or run mdmproxy inspect or emulate, and open it again"
)


def explain_flow(flow: mitmproxy_flow.Flow) -> list[str]:
    """Summary, kind and life, then each finding with where, effect, fix and sources."""
    data = flow.metadata.get(METADATA_KEY)
    if not isinstance(data, Mapping):
        return [_NOT_INSPECTED]
    lines = [_text(data.get("summary"))]
    lines += [f"{name}: {_text(data[name])}" for name in ("kind", "life") if data.get(name)]
    findings = data.get("findings") or []
    if not findings:
        lines.append("no findings")
    for entry in findings:
        lines += _finding(entry)
    return lines


def finding_line(finding: Finding) -> str:
    """One finding in one line."""
    life = f" ({finding.life})" if finding.life else ""
    times = f", {finding.count} times" if finding.count > 1 else ""
    return _text(f"{str(finding.severity).upper()} {finding.rule}{life}{times}: {finding.message}")


def _finding(entry: Mapping[str, Any]) -> list[str]:
    head = f"{str(entry.get('severity')).upper()} {_text(entry.get('rule'))}"
    lines = [f"{head}: {_text(entry.get('message'))}"]
    for place in (entry.get("places") or [])[:_MAX_PLACES]:
        where = ", ".join(f"{name} {value}" for name, value in place.get("where", {}).items())
        evidence = place.get("evidence")
        lines.append(_text(f"  where: {where}{f': {evidence}' if evidence else ''}"))
    lines += [f"  {name}: {_text(entry[name])}" for name in ("effect", "fix") if entry.get(name)]
    if sources := entry.get("sources"):
        lines.append(_text(f"  source: {'; '.join(map(str, sources))}"))
    return lines


def _text(value: object) -> str:
    return shown(str(value), _MAX_LINE)
