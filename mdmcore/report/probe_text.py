"""A probe for people: the timeline while it happens, each refusal in full, what else was found.

A refusal is told so that nothing else need be read: where the phone gave up, what stood there,
what it needs, what a real device does and shows, and how to put it right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TextIO

from mdmcore.report.analysis import Row
from mdmcore.report.explanation import Certainty, Explanation
from mdmcore.report.plain import DEFAULT_WIDTH, LineWriter
from mdmcore.report.probe import Outcome, ProbeRun, ProbeStep, other_findings
from mdmcore.report.text import TextReport, plural
from mdmcore.rules import Finding, Place

_LABEL = 11
_MAX_PLACES = 3
_NO_RULE = "No rule of mdmproxy is known to mean this; place and evidence are all there is."


class ProbeText:
    """Writes the parts of a probe's report, in the order in which they become known."""

    def __init__(self, out: TextIO, *, width: int = DEFAULT_WIDTH, colour: bool = False) -> None:
        self._lines = LineWriter(out, width=width, colour=colour)
        self._report = TextReport(out, width=width, colour=colour)
        self._out = out
        self._left_out: dict[str, list[str]] = {}

    def begin(self, name: str, asked: Mapping[str, str]) -> None:
        """Who goes where."""
        way = f"through {asked['proxy']}" if "proxy" in asked else "directly"
        goal = f", server {asked['server']}" if "server" in asked else ""
        self._lines.wrapped(
            f"{name}: a simulated {asked['device']} enrols as {asked['email']}{goal}, {way}.",
            style="title",
        )

    def step_begins(self, title: str) -> None:
        """The heading of a step."""
        self._write_left_out()
        self._lines.line()
        self._lines.line(self._lines.styled(title, "title"))
        self._out.flush()

    def row(self, row: Row) -> None:
        """An exchange."""
        self._report.row(row)
        self._out.flush()

    def step_ended(self, step: ProbeStep) -> None:
        """How a step ended; those that are left out are named together behind it."""
        if step.outcome is Outcome.SKIPPED:
            self._left_out.setdefault(step.detail, []).append(step.title)
            return
        if step.outcome is Outcome.REFUSED:
            self._lines.wrapped(f"REFUSED: {step.detail}", indent=2, style="error")
        else:
            self._lines.labelled("ok:", step.detail, label_width=_LABEL - 7)
        self._out.flush()

    def _write_left_out(self) -> None:
        if self._left_out:
            self._lines.line()
        for reason, titles in self._left_out.items():
            self._lines.wrapped(f"Left out, {reason}: {'; '.join(titles)}", style="dim")
        self._left_out.clear()

    def end(self, run: ProbeRun) -> None:
        """Refusals, findings, one closing line."""
        self._write_left_out()
        self._lines.line()
        for step in run.refusals:
            if step.explanation is not None:
                self.refusal(step.title, step.explanation)
        for finding in other_findings(run):
            self._report.finding(finding)
        self._lines.wrapped(closing_line(run), style="error" if run.refusals else None)

    def refusal(self, title: str, told: Explanation) -> None:
        """A refusal, so that whoever runs the server can act."""
        lines = self._lines
        head = lines.styled("REFUSED", "error")
        name = "no rule" if told.rule is None else told.rule.id
        lines.line(f"{head} {title}: {name}")
        if told.certainty is Certainty.UNKNOWN:
            lines.wrapped(_NO_RULE, indent=2)
        elif told.certainty is Certainty.LIKELY:
            lines.wrapped(
                "Nothing that was sent shows it, but this is what devices give up for here.",
                indent=2,
            )
        for label, text in _told(told):
            if text:
                lines.labelled(label, text, label_width=_LABEL)
        lines.line()


def _told(told: Explanation) -> Iterable[tuple[str, str]]:
    """Labels and texts of a refusal, in the order in which somebody asks for them."""
    yield "gave up:", told.reason
    yield "at:", _at(told)
    yield "it saw:", told.evidence
    if told.finding is not None:
        yield "found:", told.finding.message
        for place in told.finding.places[:_MAX_PLACES]:
            yield "in:", _place(place)
    yield "expected:", told.expected
    yield "shows:", told.shown
    rule = told.rule
    if rule is not None:
        yield "device:", rule.reaction
        yield "effect:", rule.effect
        yield "fix:", rule.fix
        for tool, text in rule.how:
            yield f"{tool}:", text
        yield "source:", "; ".join(rule.sources)
    yield "or:" if told.certainty is Certainty.LIKELY else "causes:", ", ".join(told.others)


def _at(told: Explanation) -> str:
    number = "" if told.exchange is None else f"exchange {told.exchange.rpartition(':')[2]}, "
    return f"{number}step {told.step}, {told.place or 'no place'}"


def _place(place: Place) -> str:
    where = dict(place.where)
    part = where.pop("part", "")
    finder = ", ".join(f"{name} {value}" for name, value in where.items())
    evidence = f": {place.evidence}" if place.evidence else ""
    number = place.exchange.rpartition(":")[2]
    return f"exchange {number}, {part}{', ' if finder else ''}{finder}{evidence}"


def closing_line(run: ProbeRun) -> str:
    """How far the phone came, in one line."""
    done = [step for step in run.steps if step.outcome is Outcome.DONE]
    counts = _counted(run.findings)
    if run.refusals:
        first, *further = map(_named, run.refusals)
        after = f", and gone on all the same, at: {'; '.join(further)}" if further else ""
        return f"The phone gives up at: {first}{after}; {counts}."
    return f"Every step that was taken succeeded, {len(done)} of {len(run.steps)}; {counts}."


def _named(step: ProbeStep) -> str:
    rule = step.explanation.rule if step.explanation is not None else None
    return f"{step.title} ({'no rule known' if rule is None else rule.id})"


def _counted(findings: Iterable[Finding]) -> str:
    numbers = {"error": 0, "warning": 0, "info": 0}
    for finding in findings:
        numbers[finding.severity.value] += 1
    return ", ".join(plural(number, name) for name, number in numbers.items())
