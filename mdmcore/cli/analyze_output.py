"""In which formats an analysis is written, and what writes each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mdmcore.cli.options import Format
from mdmcore.cli.output import binary_output, text_output, wants_colour, width_of

if TYPE_CHECKING:
    from mdmcore.report import Analysis

type Writer = Callable[[Analysis, Path | None], None]
"""Runs an analysis and writes it to the file, to stdout for ``None``."""


def write_analysis(format: Format, analysis: Analysis, output: Path | None) -> None:
    """Run the analysis and write it in that format."""
    _WRITERS[format](analysis, output)


def _write_json(analysis: Analysis, output: Path | None) -> None:
    from mdmcore.report import AnalysisWriter

    with binary_output(output) as out, AnalysisWriter() as writer, _counting() as count:
        for row in analysis.rows():
            writer.add(row)
            count(row.exchange.capture)
        writer.finish(out, analysis)


def _write_text(analysis: Analysis, output: Path | None) -> None:
    from mdmcore.report import write_text

    with text_output(output) as out:
        write_text(out, analysis, width=width_of(out), colour=wants_colour(out))


_WRITERS: dict[Format, Writer] = {Format.TEXT: _write_text, Format.JSON: _write_json}


@contextmanager
def _counting() -> Iterator[Callable[[str], None]]:
    """A line that counts exchanges on a terminal's stderr, while the result goes elsewhere."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda capture: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading") as status:
        total = 0

        def count(capture: str) -> None:
            nonlocal total
            total += 1
            status.update(f"{capture}: {total} exchanges")

        yield count
