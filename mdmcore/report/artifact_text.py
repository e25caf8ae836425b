"""The text report of loose files (``lint``): what each is, what is in it, what is wrong with it.

The findings of an object stand right below it. Secrets are masked by the inspector before they
come here; the width is kept, whatever the file holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from mdmcore.inspector import ArtifactPart, ArtifactReport
from mdmcore.report.plain import DEFAULT_WIDTH, LineWriter
from mdmcore.report.text import TextReport, plural

_MAX_PARTS = 40
_LABEL_WIDTH = 10


class ArtifactText:
    """Writes reports one after the other; ``is_shown`` lays out each part, too."""

    def __init__(
        self,
        out: TextIO,
        *,
        width: int = DEFAULT_WIDTH,
        colour: bool = False,
        is_shown: bool = False,
    ) -> None:
        self._lines = LineWriter(out, width=width, colour=colour)
        self._report = TextReport(out, width=width, colour=colour)
        self._is_shown = is_shown

    def write(self, report: ArtifactReport) -> None:
        """One object: its layers, its facts, its parts, and then its findings."""
        number = f", object {report.number}" if report.number is not None else ""
        line = f" (line {report.line})" if report.line is not None else ""
        self._lines.wrapped(f"{report.name}{number}{line}", style="title")
        self._lines.wrapped(report.summary, indent=2)
        for number_of, chain in enumerate(_chains(report)):
            self._labelled("layers:" if number_of == 0 else "", " > ".join(chain))
        if report.profile:
            self._labelled("profile:", f"{report.profile} ({report.profile_reason})")
        for number_of, part in enumerate(report.parts[:_MAX_PARTS]):
            self._labelled("inside:" if number_of == 0 else "", part.summary)
        if len(report.parts) > _MAX_PARTS:
            self._labelled("", f"and {len(report.parts) - _MAX_PARTS} more")
        for note in report.notes:
            self._labelled("note:", note)
        if report.problem is not None:
            where = f" ({report.problem.where})" if report.problem.where else ""
            self._labelled("problem:", f"{report.problem.message}{where}")
        self._facts(report.facts, indent=2)
        if self._is_shown:
            self._show(report)
        self._lines.line()
        for finding in report.findings:
            self._report.finding(finding, is_placed=True)

    def closing(self, reports: Iterable[ArtifactReport]) -> None:
        """The last line: how much was seen and what was found."""
        listed = tuple(reports)
        findings = [finding for report in listed for finding in report.findings]
        is_broken = any(report.problem is not None for report in listed)
        self._report.closing(plural(len(listed), "object"), findings, has_errors=is_broken)

    def _show(self, report: ArtifactReport) -> None:
        if report.shown:
            self._heading(" > ".join(report.layers), "")
            self._lines.literal(report.shown, indent=2)
        for part in report.parts:
            self._part(part)

    def _part(self, part: ArtifactPart) -> None:
        self._heading(" > ".join(part.layers), part.place)
        if part.shown:
            self._lines.literal(part.shown, indent=2)
        else:
            self._facts(part.facts, indent=2)

    def _heading(self, layers: str, place: str) -> None:
        self._lines.line()
        self._lines.wrapped(f"--- {layers}", indent=2, style="title")
        if place:
            self._lines.labelled("at", place, indent=6, label_width=3)

    def _labelled(self, label: str, text: str) -> None:
        self._lines.labelled(label, text, label_width=_LABEL_WIDTH)

    def _facts(self, facts: Mapping[str, Any], *, indent: int) -> None:
        widest = max((len(name) for name in facts), default=0)
        width = min(widest + 2, self._lines.width // 3)
        for name, value in facts.items():
            lines = _fact_lines(value)
            # A name that is too long for the column has a line to itself.
            if len(name) + 1 >= width:
                self._lines.wrapped(f"{name}:", indent=indent)
                name = ""
            for line in lines:
                label = f"{name}:" if name else ""
                self._lines.labelled(label, line, indent=indent, label_width=width)
                name = ""


def write_artifacts_text(
    out: TextIO,
    reports: Iterable[ArtifactReport],
    *,
    width: int = DEFAULT_WIDTH,
    colour: bool = False,
    is_shown: bool = False,
) -> None:
    """The report of loose files (``lint``)."""
    listed = tuple(reports)
    text = ArtifactText(out, width=width, colour=colour, is_shown=is_shown)
    for report in listed:
        text.write(report)
    text.closing(listed)


def _chains(report: ArtifactReport) -> Iterator[tuple[str, ...]]:
    """The layers down to each kind of innermost part, each chain once."""
    chains = dict.fromkeys([report.layers, *(part.layers for part in report.parts)])
    for chain in chains:
        is_prefix = any(
            len(other) > len(chain) and other[: len(chain)] == chain for other in chains
        )
        if chain and not is_prefix:
            yield chain


def _fact_lines(value: object) -> list[str]:
    """Short lists stand in one line, lists of sentences one below the other."""
    if isinstance(value, (list, tuple)):
        words = [str(each) for each in value]
        is_short = all(" " not in word for word in words)
        return [", ".join(words) or "none"] if is_short or not words else words
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return ["none" if value is None else str(value)]
