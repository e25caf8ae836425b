"""A sweep as a table: this input, this result; below it each reason for a refusal once, in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from mdmcore.report.plain import DEFAULT_WIDTH, LineWriter, cells, pad, plain
from mdmcore.report.probe import Outcome, ProbeRun, ProbeStep
from mdmcore.report.probe_text import ProbeText

_HEAD = "input"
_MAX_INPUT = 44


def write_table(
    out: TextIO,
    rows: Sequence[tuple[str, ProbeRun]],
    *,
    width: int = DEFAULT_WIDTH,
    colour: bool = False,
) -> None:
    """One line for each input, how many got through, and why the others did not."""
    lines = LineWriter(out, width=width, colour=colour)
    name_width = min(max(map(cells, (_HEAD, *(name for name, _ in rows)))), _MAX_INPUT)
    lines.line(lines.styled(f"{pad(_HEAD, name_width)}  result", "title"))
    for name, run in rows:
        space = max(lines.width - name_width - 2, 20)
        text = pad(plain(sweep_result(run)), space).rstrip()
        shown = lines.styled(text, "error") if run.refusals else text
        lines.line(f"{pad(name, name_width)}  {shown}")
    through = sum(not run.refusals for _, run in rows)
    lines.line()
    lines.line(f"{through} of {len(rows)} inputs get through.")
    lines.line()
    full = ProbeText(out, width=width, colour=colour)
    for step in _reasons(run for _, run in rows):
        if step.explanation is not None:
            full.refusal(step.title, step.explanation)


def _reasons(runs: Iterable[ProbeRun]) -> Iterable[ProbeStep]:
    """The first refusal of each run, each reason once."""
    found: dict[tuple[str, str], ProbeStep] = {}
    for run in runs:
        for step in run.refusals[:1]:
            told = step.explanation
            rule = "" if told is None or told.rule is None else told.rule.id
            found.setdefault((step.name, rule or step.detail), step)
    return found.values()


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
