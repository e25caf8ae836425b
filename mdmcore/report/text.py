"""The text report for people: captures with their timelines, devices, findings, one closing line.

Lines come out while the captures are being read. Secrets are masked by the inspector before they
come here. Colour only when asked; the width is kept, whatever was sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol, TextIO

from mdmcore.report.analysis import Analysis, Row
from mdmcore.report.model import CaptureRow
from mdmcore.report.plain import DEFAULT_WIDTH, LineWriter, plain
from mdmcore.report.timeline import timeline_line, worst
from mdmcore.rules import Finding, Place, Severity
from mdmcore.rules.life import Life
from mdmcore.rules.refused import expectation

SHOWN_PLACES = 3
"""Places of a finding that are shown; the JSON report has up to 100."""

_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)
FORMAT_NAMES = {"flows": "mitmproxy flows", "log": "text log"}
"""What formats are called for people, where that is not their own name."""

_PLURALS = {"info": "info", "life": "lives"}


class Hidden(Protocol):
    """How many findings are not told: of a baseline, of rules that nobody chose."""

    @property
    def known(self) -> int: ...

    @property
    def ignored(self) -> int: ...


class TextReport:
    """Writes the parts of a report; ``write_text`` puts them in their order."""

    def __init__(self, out: TextIO, *, width: int = DEFAULT_WIDTH, colour: bool = False) -> None:
        self.lines = LineWriter(out, width=width, colour=colour)
        self._captures: list[str] = []
        self._life: str | None = None

    def capture_begin(self, name: str, format: str) -> None:
        """The header of a capture."""
        self._captures.append(name)
        title = f"{name} ({FORMAT_NAMES.get(format, format)})"
        self.lines.wrapped(title, style="title")

    def row(self, row: Row) -> None:
        """The line of an exchange; before it the device's life where that is another now."""
        life = row.inspection.life
        if life is not None and life != self._life:
            if self._life is not None:
                self.lines.line(self.lines.styled(f"      {plain(life)}:", "dim"))
            self._life = life
        line = timeline_line(row, width=self.lines.width)
        severity = worst(row.inspection.findings)
        self.lines.line(self.lines.styled(line, severity.value) if severity else line)

    def capture_end(self, capture: CaptureRow) -> None:
        """What could not be read of a capture, and what is no HTTP in it."""
        if not capture.exchanges:
            self.lines.line("  no exchange in it")
        passed_over = capture.decoded.get("passed_over", {})
        if passed_over:
            self.lines.labelled("passed over:", _passed_over(passed_over), label_width=13)
        for error in capture.errors:
            self.lines.labelled("broken:", f"{error.where}: {error.message}")
        self.lines.line()

    def lives(self, lives: Iterable[Life]) -> None:
        """The devices and how far each came."""
        for life in lives:
            title = f"{life.id}: {life.outcome.value}, {life.profile}, {_exchanges(life.exchanges)}"
            self.lines.line(self.lines.styled(plain(title), "title"))
            facts = ", ".join(f"{name} {value}" for name, value in life.device.items())
            if facts:
                self.lines.labelled("device:", facts)
            if life.first is not None and life.last is not None:
                self.lines.labelled("seen:", f"{_moment(life.first)} to {_moment(life.last)}")
            for label, text in (("refused:", life.refusal), ("stopped:", life.stop)):
                if text:
                    self.lines.labelled(label, text)
            self.lines.line()

    def finding(self, finding: Finding, *, is_placed: bool = False) -> None:
        """A finding: what, where, what is needed there, what the device does, what to do, says who.

        ``is_placed``: it stands below the one thing it is about, which need not be named again.
        """
        severity = finding.severity.value
        life = f", {finding.life}" if finding.life else ""
        times = f", {finding.count} times" if finding.count > 1 else ""
        head = self.lines.styled(severity.upper(), severity)
        self.lines.line(f"{head} {finding.rule}{plain(life)}{times}")
        self.lines.wrapped(finding.message, indent=2)
        for place in finding.places[:SHOWN_PLACES]:
            self.lines.labelled("where:", self._place(place, is_placed=is_placed))
        if finding.count > SHOWN_PLACES:
            self.lines.labelled("", f"and {finding.count - SHOWN_PLACES} more")
        details = (
            ("needs:", expectation(finding.rule)),
            ("effect:", finding.effect),
            ("fix:", finding.fix),
            ("source:", "; ".join(finding.sources)),
            ("cause:", ", ".join(finding.caused_by)),
        )
        for label, text in details:
            if text:
                self.lines.labelled(label, text)
        self.lines.line()

    def closing(self, subject: str, findings: Iterable[Finding], *, has_errors: bool) -> None:
        """The last line: how much was seen and what was found."""
        found = Counter(finding.severity for finding in findings)
        counts = ", ".join(plural(found[severity], severity.value) for severity in _SEVERITIES)
        broken = "; not everything could be read" if has_errors else ""
        gravest = next((severity for severity in _SEVERITIES if found[severity]), None)
        self.lines.wrapped(f"{subject}: {counts}{broken}", style=gravest and gravest.value)

    def _place(self, place: Place, *, is_placed: bool) -> str:
        exchange = f"{place.exchange}, "
        if is_placed:
            exchange = ""
        elif len(self._captures) == 1:
            exchange = f"exchange {place.exchange.removeprefix(f'{self._captures[0]}:')}, "
        where = dict(place.where)
        part = where.pop("part", "")
        finder = ", ".join(f"{name} {value}" for name, value in where.items())
        evidence = f": {place.evidence}" if place.evidence else ""
        return f"{exchange}{part}{', ' if finder else ''}{finder}{evidence}"


def write_text(
    out: TextIO,
    analysis: Analysis,
    *,
    width: int = DEFAULT_WIDTH,
    colour: bool = False,
    before_closing: Callable[[LineWriter], None] | None = None,
) -> None:
    """Run the analysis and write its report; the timeline appears while captures are read.
    ``before_closing`` writes what shall stand between the findings and the last line."""
    report = TextReport(out, width=width, colour=colour)
    for capture, rows in analysis.by_capture():
        report.capture_begin(capture.name, capture.format)
        for row in rows:
            report.row(row)
        report.capture_end(analysis.captures[-1])
    write_text_summary(report, analysis, before_closing=before_closing)


def write_text_summary(
    report: TextReport,
    analysis: Analysis,
    *,
    before_closing: Callable[[LineWriter], None] | None = None,
) -> None:
    """What follows the timelines: devices, findings, the closing line."""
    report.lives(analysis.lives)
    for finding in analysis.findings:
        report.finding(finding)
    if before_closing is not None:
        before_closing(report.lines)
    captures = analysis.captures
    subject = (
        f"{_exchanges(sum(capture.exchanges for capture in captures))} "
        f"in {plural(len(captures), 'capture')}, {plural(len(analysis.lives), 'device')}"
        f"{hidden(analysis.sieved)}"
    )
    report.closing(subject, analysis.findings, has_errors=analysis.has_errors)


def hidden(sieved: Hidden) -> str:
    """What is not told, for the middle of a line; empty where all is."""
    known = f", {sieved.known} known before and not told" if sieved.known else ""
    ignored = f", {sieved.ignored} of other rules not told" if sieved.ignored else ""
    return known + ignored


def _passed_over(counts: Mapping[str, int]) -> str:
    """What was counted only: flows by their protocol, anything else by what it is."""
    flows = [f"{number} {kind}" for kind, number in counts.items() if " " not in kind]
    others = [plural(number, kind) for kind, number in counts.items() if " " in kind]
    shown = [f"{', '.join(flows)} flows (not HTTP)"] if flows else []
    return ", ".join((*shown, *others))


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def _exchanges(number: int) -> str:
    return plural(number, "exchange")


def plural(number: int, noun: str) -> str:
    """A number and its noun: ``1 error``, ``2 errors``, but ``2 info``, ``2 lives``."""
    return f"{number} {noun if number == 1 else _PLURALS.get(noun, f'{noun}s')}"
