"""Writing an analysis as JSON, ``mdmproxy-analysis/1``, while it is made.

``captures`` stands before ``exchanges``, although how many exchanges a capture has and where it
breaks is known only once it is read. So the exchanges are written, as they are judged, to a spool
(in memory while it is small, then a temporary file) and copied behind the captures at the end:
one pass, and memory grows with lives and findings, not with exchanges.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import BinaryIO, Self

from mdmcore.inspector import ArtifactReport
from mdmcore.report.analysis import Analysis, Row
from mdmcore.report.model import SCHEMA_NAME, CaptureRow, FindingRow, LifeRow
from mdmcore.report.rows import TOOL, artifact_row, exchange_row, finding_row, life_row
from mdmcore.report.spool import IN_MEMORY, ExchangeLines, ExchangeSpool, encode
from mdmcore.rules import Finding
from mdmcore.rules.life import Life


def write_document(
    out: BinaryIO,
    *,
    captures: Iterable[CaptureRow],
    exchanges: ExchangeLines,
    lives: Iterable[LifeRow],
    findings: Iterable[FindingRow],
) -> None:
    """Write the document, its exchanges as they were kept."""
    out.write(b'{"schema": %b,\n "tool": %b,\n' % (encode(SCHEMA_NAME), encode(TOOL)))
    _array(out, b"captures", map(encode, captures))
    out.write(b",\n")
    _array(out, b"exchanges", exchanges.lines())
    out.write(b",\n")
    _array(out, b"lives", map(encode, lives))
    out.write(b",\n")
    _array(out, b"findings", map(encode, findings))
    out.write(b"}\n")


def _array(out: BinaryIO, name: bytes, records: Iterable[bytes]) -> None:
    out.write(b' "%b": [' % name)
    for number, record in enumerate(records):
        out.write(b",\n  " if number else b"\n  ")
        out.write(record)
    out.write(b"]")


class AnalysisWriter:
    """Takes rows one by one, then writes the document. A context manager: it owns the spool."""

    def __init__(self, *, spool_in_memory: int = IN_MEMORY) -> None:
        self._spool = ExchangeSpool(in_memory=spool_in_memory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._spool.close()

    def add(self, row: Row) -> None:
        """Keep an exchange."""
        self._spool.add(exchange_row(row.exchange, row.inspection))

    def finish(self, out: BinaryIO, analysis: Analysis) -> None:
        """Write the document, once all rows of the analysis were added."""
        self.finish_with(
            out, captures=analysis.captures, lives=analysis.lives, findings=analysis.findings
        )

    def finish_with(
        self,
        out: BinaryIO,
        *,
        captures: Iterable[CaptureRow],
        lives: Iterable[Life],
        findings: Iterable[Finding],
    ) -> None:
        """The same for what no capture file is behind."""
        self._write(
            out,
            captures=captures,
            lives=[life_row(life) for life in lives],
            findings=[finding_row(finding) for finding in findings],
        )

    def finish_artifacts(self, out: BinaryIO, reports: Iterable[ArtifactReport]) -> None:
        """Write a document about loose files (``lint``): captures and findings, no exchanges."""
        reports = tuple(reports)
        self._write(
            out,
            captures=[artifact_row(report) for report in reports],
            lives=[],
            findings=[finding_row(each) for report in reports for each in report.findings],
        )

    def _write(
        self,
        out: BinaryIO,
        *,
        captures: Iterable[CaptureRow],
        lives: Iterable[LifeRow],
        findings: Iterable[FindingRow],
    ) -> None:
        write_document(
            out, captures=captures, exchanges=self._spool, lives=lives, findings=findings
        )


def write_json(out: BinaryIO, analysis: Analysis) -> None:
    """Run the analysis and write its document."""
    with AnalysisWriter() as writer:
        for row in analysis.rows():
            writer.add(row)
        writer.finish(out, analysis)


def write_artifacts_json(out: BinaryIO, reports: Iterable[ArtifactReport]) -> None:
    """Write the document of loose files; those that could not be read have their errors in it."""
    with AnalysisWriter() as writer:
        writer.finish_artifacts(out, reports)
