"""Running the inspector over captures, exchange by exchange.

Nothing is kept of an exchange once its row is taken: what grows is the inspector's lives and
findings. Printing and writing belong to ``text`` and ``json``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mdmcore.capture import Capture
from mdmcore.errors import CaptureError
from mdmcore.http import Exchange
from mdmcore.inspector import Inspection, Inspector
from mdmcore.report.model import CaptureRow, ReadError
from mdmcore.rules import Finding
from mdmcore.rules.life import Life


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One exchange and what is to say about it."""

    exchange: Exchange
    inspection: Inspection


class Analysis:
    """One analysis of some captures. ``rows()`` reads and judges; the rest is known after it."""

    def __init__(self, captures: Iterable[Capture], *, inspector: Inspector) -> None:
        self._pending = iter(tuple(captures))
        self._inspector = inspector
        self._captures: list[CaptureRow] = []

    def rows(self) -> Iterator[Row]:
        """The exchanges of all captures, judged in the order of reading. Only one pass."""
        for capture in self._pending:
            yield from self.rows_of(capture)

    def by_capture(self) -> Iterator[tuple[Capture, Iterator[Row]]]:
        """The same, capture by capture; each iterator is to be exhausted before the next."""
        for capture in self._pending:
            yield capture, self.rows_of(capture)

    def rows_of(self, capture: Capture) -> Iterator[Row]:
        """The exchanges of a capture; its own row is ready afterwards."""
        failure: tuple[ReadError, ...] = ()
        try:
            for exchange in capture.exchanges():
                yield Row(exchange=exchange, inspection=self._inspector.inspect(exchange))
        except CaptureError as error:
            failure = (ReadError(where=error.where or "reading", message=error.message),)
        if capture.until is not None:
            self._inspector.tell_time(capture.until)
        self._captures.append(_capture_row(capture, failure))

    def run(self) -> Analysis:
        """Take all rows and keep none, for who wants lives and findings alone."""
        for _ in self.rows():
            pass
        return self

    @property
    def captures(self) -> tuple[CaptureRow, ...]:
        """The captures that have been read, with what could not be read of them."""
        return tuple(self._captures)

    @property
    def lives(self) -> tuple[Life, ...]:
        """All devices that were seen, in the order in which they began."""
        return self._inspector.lives()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, the gravest first."""
        return self._inspector.findings()

    @property
    def has_errors(self) -> bool:
        """Whether a capture was not read to its end, or not without loss."""
        return any(capture.errors for capture in self._captures)


def analyze(captures: Iterable[Capture], *, inspector: Inspector | None = None) -> Analysis:
    """An analysis that is ready to run; without ``inspector`` one with automatic profile."""
    return Analysis(captures, inspector=inspector if inspector is not None else Inspector())


def _capture_row(capture: Capture, failure: tuple[ReadError, ...]) -> CaptureRow:
    errors = tuple(ReadError(where=each.where, message=each.message) for each in capture.errors)
    return CaptureRow(
        path=capture.name,
        format=capture.format,
        exchanges=capture.count,
        errors=errors + failure,
        decoded={"passed_over": dict(capture.passed_over)} if capture.passed_over else {},
    )
