"""What becomes of a probe's runs: text while they happen, or one document in the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import typer

from mdmcore.cli.output import binary_output, text_output, wants_colour, width_of
from mdmcore.cli.probe.choices import ProbeFormat
from mdmcore.cli.probe.plan import Plan
from mdmcore.cli.probe.run import Audience
from mdmcore.report import AnalysisWriter
from mdmcore.report.junit import junit_document
from mdmcore.report.probe import ProbeRun, probe_capture
from mdmcore.report.probe_ci import junit_suite, sarif_results
from mdmcore.report.probe_text import ProbeText
from mdmcore.report.sarif import sarif_document


class Presenter(Protocol):
    """Takes the runs of a probe, one after another."""

    def audience(self, plan: Plan) -> Audience:
        """Who is told of a run that begins now."""
        ...

    def take(self, run: ProbeRun) -> None:
        """A run that has ended."""
        ...


@contextmanager
def presenter(
    format: ProbeFormat, output: Path | None, *, is_quiet: bool = False
) -> Iterator[Presenter]:
    """That of a format; the document is written in the end. ``is_quiet``: no timelines."""
    if format is ProbeFormat.TEXT:
        with text_output(output) as out:
            text = ProbeText(out, width=width_of(out), colour=wants_colour(out))
            # Whoever reads the timeline on the terminal needs no second line about the same.
            shows = output is not None or not out.isatty()
            yield _Text(text, is_quiet=is_quiet, reports=shows)
        return
    with AnalysisWriter() as writer:
        kept = _Kept(writer)
        yield kept
        kept.write(format, output)


def say_progress(title: str) -> None:
    """A line on stderr about what is done now."""
    typer.echo(f"mdmproxy: {title}", err=True)


@dataclass(slots=True)
class _Text:
    text: ProbeText
    is_quiet: bool
    reports: bool

    def audience(self, plan: Plan) -> Audience:
        if self.is_quiet:
            return Audience()
        self.text.begin(plan.name, plan.asked())

        def begins(title: str) -> None:
            if self.reports:
                say_progress(title)
            self.text.step_begins(title)

        return Audience(step_begins=begins, row=self.text.row, step_ended=self.text.step_ended)

    def take(self, run: ProbeRun) -> None:
        if not self.is_quiet:
            self.text.end(run)


class _Kept:
    """Keeps runs; exchanges go to the writer's spool at once."""

    def __init__(self, writer: AnalysisWriter) -> None:
        self._writer = writer
        self._runs: list[ProbeRun] = []

    def audience(self, plan: Plan) -> Audience:
        return Audience(
            step_begins=lambda title: say_progress(f"{plan.name}: {title}"), row=self._writer.add
        )

    def take(self, run: ProbeRun) -> None:
        self._runs.append(run)

    def write(self, format: ProbeFormat, output: Path | None) -> None:
        """Write the document of all runs."""
        if format is ProbeFormat.JSON:
            with binary_output(output) as raw:
                self._writer.finish_with(
                    raw,
                    captures=[probe_capture(run) for run in self._runs],
                    lives=[life for run in self._runs for life in run.lives],
                    findings=[finding for run in self._runs for finding in run.findings],
                )
            return
        if format is ProbeFormat.JUNIT:
            with binary_output(output) as raw:
                raw.write(junit_document(map(junit_suite, self._runs)))
            return
        with text_output(output) as out:
            json.dump(sarif_document(sarif_results(self._runs)), out, indent=1)
            out.write("\n")
