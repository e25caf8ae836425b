"""Writing an analysis as JSON lines while it is made, for programs that read along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from mdmcore.report.analysis import Analysis
from mdmcore.report.lines_model import LINES_SCHEMA_NAME
from mdmcore.report.model import CaptureRow
from mdmcore.report.outcome import Outcome, outcome_of
from mdmcore.report.rows import TOOL, exchange_row
from mdmcore.report.spool import ExchangeLines, encode


class LineReport:
    """Writes lines to ``out``: the tool's at once."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._captures = 0
        self._line("tool", encode({"schema": LINES_SCHEMA_NAME, **msgspec.to_builtins(TOOL)}))

    def write(self, analysis: Analysis) -> None:
        """Run the analysis; each exchange is a line as soon as it is judged."""
        for _, rows in analysis.by_capture():
            for row in rows:
                self._line("exchange", encode(exchange_row(row.exchange, row.inspection)))
            self._write_captures(analysis.captures[-1:])
        self._end(outcome_of(analysis))

    def add(self, outcome: Outcome, lines: ExchangeLines) -> None:
        """Captures that were judged for themselves, with all about them."""
        for line in lines.lines():
            self._line("exchange", line)
        self._write_captures(outcome.captures)
        self._end(outcome)

    def _write_captures(self, captures: Iterable[CaptureRow]) -> None:
        for capture in captures:
            self._line("capture", encode(capture))
        self._out.flush()

    def _end(self, outcome: Outcome) -> None:
        for life in outcome.lives:
            self._line("life", encode(life))
        for finding in outcome.findings:
            self._line("finding", encode(finding))
        self._out.flush()

    def _line(self, kind: str, record: bytes) -> None:
        """The record with its type as first key."""
        self._out.write(b'{"type":"%b",%b\n' % (kind.encode("ascii"), record[1:]))
