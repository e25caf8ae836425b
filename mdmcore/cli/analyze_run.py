"""Running an analysis and writing it: captures judged together, or each for itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from mdmcore.capture import Capture
from mdmcore.cli.analyze_jobs import judged
from mdmcore.cli.analyze_output import (
    STREAMS,
    AnalyzeFormat,
    ReportSettings,
    write_document,
    write_stream,
    write_text_of_many,
)
from mdmcore.cli.analyze_progress import Audience, progress_of
from mdmcore.cli.analyze_settings import Judge
from mdmcore.cli.analyze_worker import EACH, Task, step_of
from mdmcore.cli.output import text_output
from mdmcore.report.analysis import Analysis, SeparateAnalysis
from mdmcore.report.jsonl import LineReport
from mdmcore.report.outcome import Outcome, outcome_of, together
from mdmcore.report.sieve import Sieve
from mdmcore.report.spool import ExchangeSpool, FileLines

type Make = Callable[[ExchangeSpool, Callable[[Capture], None]], Analysis]
"""Makes an analysis, from where its exchanges go and who is told how far it came."""

_APART = frozenset({AnalyzeFormat.TEXT, AnalyzeFormat.JSONL})
"""Streams that have a form of their own for captures that were judged apart."""


def run_joined(
    captures: Sequence[Capture], judge: Judge, sieve: Sieve, report: ReportSettings
) -> Outcome:
    """Judge the captures as one story of their devices, and write what was found."""

    def make(spool: ExchangeSpool, watch: Callable[[Capture], None]) -> Analysis:
        inspector = judge.inspector()
        return Analysis(captures, inspector=inspector, sieve=sieve, spool=spool, watch=watch)

    return _run_here(captures, make, report)


def run_separate(
    captures: Sequence[Capture],
    judge: Judge,
    sieve: Sieve,
    report: ReportSettings,
    *,
    jobs: int,
) -> Outcome:
    """Judge each capture for itself, in so many processes, and write what was found."""

    def make(spool: ExchangeSpool, watch: Callable[[Capture], None]) -> Analysis:
        return SeparateAnalysis(
            captures,
            start=lambda number: judge.inspector(f"{number}."),
            sieve=sieve,
            spool=spool,
            watch=watch,
        )

    if report.format in STREAMS and report.format not in _APART:
        return _run_here(captures, make, report)
    with (
        TemporaryDirectory(prefix="mdmproxy-") as folder,
        text_output(report.output) as out,
    ):
        tasks = _tasks(captures, Path(folder))
        lines = LineReport(out.buffer) if report.format is AnalyzeFormat.JSONL else None
        outcomes = []
        with _audience(captures, report, streams=(AnalyzeFormat.JSONL,)) as audience:
            found = judged(tasks, judge.settings, sieve, jobs=jobs, tell=audience.step)
            for task, outcome in zip(tasks, found, strict=True):
                audience.ended(task.number, outcome.captures[0].exchanges)
                outcomes.append(outcome)
                if lines is not None:
                    lines.add(outcome, FileLines((task.spool,)))
        whole = together(outcomes)
        kept = FileLines(tuple(task.spool for task in tasks))
        if report.format is AnalyzeFormat.TEXT:
            write_text_of_many(out, whole, kept)
        elif lines is None:
            write_document(out, whole, kept, report)
        return whole


def _run_here(captures: Sequence[Capture], make: Make, report: ReportSettings) -> Outcome:
    """Run one analysis in this process, and write it."""
    with ExchangeSpool() as spool, text_output(report.output) as out:
        with _audience(captures, report, streams=tuple(STREAMS)) as audience:
            analysis = make(spool, _watcher(captures, audience))
            if report.format in STREAMS:
                write_stream(out, analysis, spool, report)
            else:
                analysis.run()
        outcome = outcome_of(analysis)
        if report.format not in STREAMS:
            write_document(out, outcome, spool, report)
        return outcome


def _tasks(captures: Sequence[Capture], folder: Path) -> list[Task]:
    return [
        Task(number=number, path=one.path, format=one.format, spool=folder / f"{number}.jsonl")
        for number, one in enumerate(captures, 1)
    ]


def _audience(
    captures: Sequence[Capture], report: ReportSettings, *, streams: Sequence[AnalyzeFormat]
) -> AbstractContextManager[Audience]:
    """A bar, unless the result itself comes out on the terminal meanwhile."""
    is_shown = report.format in streams and report.output is None and sys.stdout.isatty()
    return progress_of([capture.path for capture in captures], is_wanted=not is_shown)


def _watcher(captures: Sequence[Capture], audience: Audience) -> Callable[[Capture], None]:
    """Tells of captures that are read one after another, each ended when the next begins."""
    numbers = {id(capture): number for number, capture in enumerate(captures, 1)}
    present: list[Capture] = []

    def watch(capture: Capture) -> None:
        if present[-1:] != [capture]:
            for before in present:
                audience.ended(numbers[id(before)], before.count)
            present[:] = [capture]
        if capture.count % EACH == 0:
            audience.step(step_of(numbers[id(capture)], capture))

    return watch
