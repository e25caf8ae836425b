"""In which formats an analysis is written, and what writes each.

Documents are written from the outcome and the exchanges that were kept. Text of one analysis, and
JSON lines, come out while captures are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mdmcore.cli.options import FailOn
from mdmcore.cli.output import wants_colour, width_of

if TYPE_CHECKING:
    from mdmcore.report import Analysis
    from mdmcore.report.outcome import Outcome
    from mdmcore.report.plain import LineWriter
    from mdmcore.report.spool import ExchangeLines


class AnalyzeFormat(StrEnum):
    """How an analysis is written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"


class JUnitFlavour(StrEnum):
    """Which form JUnit XML has."""

    ANT = "ant"
    GITHUB = "github"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """How the result is written, and from which severity on it is a failure. ``is_told``: whether
    a rule was wanted, so that nothing said about it means that it is kept."""

    format: AnalyzeFormat
    output: Path | None
    fail_on: FailOn
    is_told: Callable[[str], bool]
    show_secrets: bool = False
    junit_flavour: JUnitFlavour = JUnitFlavour.ANT


type Document = Callable[[TextIO, Outcome, ExchangeLines, ReportSettings], None]
"""Writes what an analysis came to."""

type Stream = Callable[[TextIO, Analysis, ExchangeLines, ReportSettings], None]
"""Runs an analysis and writes it. The exchanges are those that it has judged so far."""


def write_stream(
    out: TextIO, analysis: Analysis, lines: ExchangeLines, settings: ReportSettings
) -> None:
    """Run an analysis, in one of the formats of ``STREAMS``, and write it."""
    STREAMS[settings.format](out, analysis, lines, settings)


def _text(out: TextIO, analysis: Analysis, lines: ExchangeLines, settings: ReportSettings) -> None:
    """The report of one analysis; over several captures it ends with what they share."""
    from mdmcore.report import write_text
    from mdmcore.report.across import across
    from mdmcore.report.across_text import write_across
    from mdmcore.report.outcome import outcome_of

    def before_closing(writer: LineWriter) -> None:
        if len(analysis.captures) > 1:
            write_across(writer, across(outcome_of(analysis), lines), are_told=True)

    write_text(
        out,
        analysis,
        width=width_of(out),
        colour=wants_colour(out),
        before_closing=before_closing,
    )


def _jsonl(out: TextIO, analysis: Analysis, lines: ExchangeLines, settings: ReportSettings) -> None:
    from mdmcore.report.jsonl import LineReport

    LineReport(out.buffer).write(analysis)


def _html(out: TextIO, analysis: Analysis, lines: ExchangeLines, settings: ReportSettings) -> None:
    from mdmcore.report.html import write_html

    write_html(out, analysis, show_secrets=settings.show_secrets)


STREAMS: Mapping[AnalyzeFormat, Stream] = {
    AnalyzeFormat.TEXT: _text,
    AnalyzeFormat.JSONL: _jsonl,
    AnalyzeFormat.HTML: _html,
}
"""Formats that are written from the analysis itself, while it runs."""


def write_text_of_many(out: TextIO, outcome: Outcome, lines: ExchangeLines) -> None:
    """The report of captures that were judged apart."""
    from mdmcore.report.across import across
    from mdmcore.report.across_text import write_captures_text

    summary = across(outcome, lines)
    width, colour = width_of(out), wants_colour(out)
    write_captures_text(out, outcome, summary, width=width, colour=colour)


def write_document(
    out: TextIO, outcome: Outcome, lines: ExchangeLines, settings: ReportSettings
) -> None:
    """Write what is no text for a terminal and no stream."""
    _DOCUMENTS[settings.format](out, outcome, lines, settings)


def _json(out: TextIO, outcome: Outcome, lines: ExchangeLines, settings: ReportSettings) -> None:
    from mdmcore.report.json import write_document as write

    write(
        out.buffer,
        captures=outcome.captures,
        exchanges=lines,
        lives=outcome.lives,
        findings=outcome.findings,
    )


def _sarif(out: TextIO, outcome: Outcome, lines: ExchangeLines, settings: ReportSettings) -> None:
    from mdmcore.report.analysis_sarif import write_sarif

    write_sarif(out.buffer, outcome, lines)


def _junit(out: TextIO, outcome: Outcome, lines: ExchangeLines, settings: ReportSettings) -> None:
    from mdmcore.report.analysis_junit import analysis_suites
    from mdmcore.report.junit import write_junit

    suites = analysis_suites(
        outcome, lines, fail_on=settings.fail_on.value, is_told=settings.is_told
    )
    write_junit(out.buffer, suites, names_files=settings.junit_flavour is JUnitFlavour.GITHUB)


def _markdown(
    out: TextIO, outcome: Outcome, lines: ExchangeLines, settings: ReportSettings
) -> None:
    from mdmcore.report.across import across
    from mdmcore.report.markdown import write_markdown

    write_markdown(out, outcome, across(outcome, lines), is_masked=not settings.show_secrets)


_DOCUMENTS: Mapping[AnalyzeFormat, Document] = {
    AnalyzeFormat.JSON: _json,
    AnalyzeFormat.SARIF: _sarif,
    AnalyzeFormat.JUNIT: _junit,
    AnalyzeFormat.MARKDOWN: _markdown,
}
