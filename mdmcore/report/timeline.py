"""The timeline: one line for each exchange, in aligned columns.

Number, arrow (``->`` answered, ``-x`` not, none for what a device itself tells), step, status, what
was said, findings. The columns have fixed places, so that lines can be printed while exchanges are
still being read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from types import MappingProxyType

from mdmcore.report.analysis import Row
from mdmcore.report.plain import DEFAULT_WIDTH, cells, cut, pad, plain
from mdmcore.rules import Finding, Severity
from mdmcore.rules.decoded import Kind

STEPS = MappingProxyType(
    {
        Kind.PROBE: "probe",
        Kind.DISCOVER: "discovery",
        Kind.WAB: "sign-in",
        Kind.GETPOLICIES: "policy",
        Kind.RST: "enrollment",
        Kind.RENEW: "renewal",
        Kind.SYNCML: "management",
        Kind.HUB: "hub download",
        Kind.TLS: "connection",
        Kind.MARK: "mark",
        Kind.OTHER: "other",
    }
)
"""What a kind of exchange is called for people: the phases (style.md section 2)."""

OBSERVED_STEP = "device log"
"""What a device itself tells, of whatever step."""

NO_FINDINGS = "-"
_SHOWN = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_STEP_WIDTH = max(len(step) for step in STEPS.values())
_FINDINGS_WIDTH = 19
_LEAST_SAID = 20


def timeline_line(row: Row, *, width: int = DEFAULT_WIDTH) -> str:
    """The line of an exchange, without a line end, in at most ``width`` cells (60 or more)."""
    response = row.exchange.response
    is_told = row.exchange.observation is not None
    arrow = "  " if is_told else "->" if response is not None else "-x"
    step = OBSERVED_STEP if is_told else STEPS[row.inspection.kind]
    head = (
        f"{row.exchange.index:>4}  {arrow}  "
        f"{step:<{_STEP_WIDTH}}  "
        f"{response.status if response is not None else '-':>3}  "
    )
    said_width = max(width - cells(head) - _FINDINGS_WIDTH - 2, _LEAST_SAID)
    said = pad(plain(row.inspection.summary), said_width)
    return cut(f"{head}{said}  {counted(row.inspection.findings)}", width)


def counted(findings: Iterable[Finding]) -> str:
    """``1 error, 2 warnings``, with infos only where nothing graver is; ``-`` for none."""
    found = Counter(finding.severity for finding in findings)
    graver = [severity for severity in _SHOWN[:2] if found[severity]] or [Severity.INFO]
    parts = [_count(found[severity], severity) for severity in graver if found[severity]]
    return ", ".join(parts) or NO_FINDINGS


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The gravest severity among findings, None without any."""
    ranks = {finding.severity for finding in findings}
    return next((severity for severity in _SHOWN if severity in ranks), None)


def _count(number: int, severity: Severity) -> str:
    plural = "s" if number != 1 and severity is not Severity.INFO else ""
    return f"{number} {severity.value}{plural}"
