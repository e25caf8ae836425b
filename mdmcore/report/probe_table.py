"""A sweep as a table: this input, this result."""

from __future__ import annotations

from collections.abc import Iterable

from mdmcore.report.plain import LineWriter, cells, pad, plain
from mdmcore.report.probe import Outcome, ProbeRun

_MAX_INPUT = 44


def write_table(lines: LineWriter, rows: Iterable[tuple[str, ProbeRun]]) -> None:
    """One line for each input, then how many got through."""
    rows = list(rows)
    width = min(max((cells(name) for name, _ in rows), default=0), _MAX_INPUT)
    lines.line(lines.styled(f"{pad('input', width)}  result", "title"))
    for name, run in rows:
        result = sweep_result(run)
        space = max(lines.width - width - 2, 20)
        text = pad(plain(result), space).rstrip()
        style = "error" if run.refusals else None
        lines.line(f"{pad(name, width)}  {lines.styled(text, style) if style else text}")
    through = sum(not run.refusals for _, run in rows)
    lines.line()
    lines.line(f"{through} of {len(rows)} inputs get through.")


def sweep_result(run: ProbeRun) -> str:
    """What an input came to, in one line."""
    if not run.refusals:
        first = next((step for step in run.steps if step.outcome is Outcome.DONE), None)
        how = "" if first is None else first.detail.split(";")[0]
        done = ", ".join(step.name for step in run.steps if step.outcome is Outcome.DONE)
        return f"ok: {how}; {done}"
    first_refused = run.refusals[0]
    told = first_refused.explanation
    rule = "no rule known" if told is None or told.rule is None else told.rule.id
    return f"refused at {first_refused.name}: {rule}: {first_refused.detail}"
