"""Running the inspector over captures, exchange by exchange.

Nothing is kept of an exchange once its row is taken: what grows is the inspector's lives and
findings. Printing and writing belong to ``text`` and ``json``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mdmcore.capture import Capture
from mdmcore.errors import CaptureError
from mdmcore.http import Exchange
from mdmcore.inspector import Inspection, Inspector
from mdmcore.report.model import CaptureRow, ReadError
from mdmcore.report.rows import exchange_row
from mdmcore.report.sieve import EVERYTHING, Sieve, Sieved
from mdmcore.report.spool import ExchangeSpool
from mdmcore.rules import Finding
from mdmcore.rules.life import Life


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One exchange and what is to say about it."""

    exchange: Exchange
    inspection: Inspection


class Analysis:
    """One analysis of some captures. ``rows()`` reads and judges; the rest is known after it.

    ``sieve``: what is told. ``spool`` takes the exchanges that were judged, which a sieve with a
    baseline needs. ``watch`` is told after each exchange how far its capture was read.
    """

    def __init__(
        self,
        captures: Iterable[Capture],
        *,
        inspector: Inspector,
        sieve: Sieve = EVERYTHING,
        spool: ExchangeSpool | None = None,
        watch: Callable[[Capture], None] | None = None,
    ) -> None:
        self._pending = iter(tuple(captures))
        self._inspector = inspector
        self._sieve = sieve
        self._spool = spool
        self._watch = watch
        self._captures: list[CaptureRow] = []
        self._seen_in: dict[tuple[str, str | None], dict[str, None]] = {}
        self._sieved: Sieved | None = None

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
        self.begin(capture)
        failure: tuple[ReadError, ...] = ()
        try:
            for exchange in capture.exchanges():
                yield self._judged(exchange)
                if self._watch is not None:
                    self._watch(capture)
        except CaptureError as error:
            failure = (ReadError(where=error.where or "reading", message=error.message),)
        if capture.until is not None:
            self._inspector.tell_time(capture.until)
        self._captures.append(_capture_row(capture, failure))
        self._sieved = None

    def begin(self, capture: Capture) -> None:
        """A capture is about to be read."""

    def _judged(self, exchange: Exchange) -> Row:
        self._sieved = None
        inspection = self._sieve.of_exchange(self._inspector.inspect(exchange))
        for finding in inspection.findings:
            self._seen_in.setdefault((finding.rule, finding.life), {})[exchange.capture] = None
        if self._spool is not None:
            self._spool.add(exchange_row(exchange, inspection))
        return Row(exchange=exchange, inspection=inspection)

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
        """All findings that are told, the gravest first."""
        return self.sieved.findings

    @property
    def seen_in(self) -> Mapping[tuple[str, str | None], tuple[str, ...]]:
        """In which captures a rule has spoken in a life, by the ids that lives had then."""
        return {key: tuple(captures) for key, captures in self._seen_in.items()}

    @property
    def sieved(self) -> Sieved:
        """The same, and how many are not told."""
        if self._sieved is None:
            self._sieved = self._sieve.of_lives(self._found(), self.lives, self._spool)
        return self._sieved

    def _found(self) -> tuple[Finding, ...]:
        return self._inspector.findings()

    @property
    def has_errors(self) -> bool:
        """Whether a capture was not read to its end, or not without loss."""
        return any(capture.errors for capture in self._captures)


class SeparateAnalysis(Analysis):
    """Each capture is judged for itself: ``start`` makes the inspector of the capture of a number,
    counted from 1. A device in two captures has two lives."""

    def __init__(
        self,
        captures: Iterable[Capture],
        *,
        start: Callable[[int], Inspector],
        sieve: Sieve = EVERYTHING,
        spool: ExchangeSpool | None = None,
        watch: Callable[[Capture], None] | None = None,
    ) -> None:
        super().__init__(captures, inspector=start(1), sieve=sieve, spool=spool, watch=watch)
        self._start = start
        self._lives: list[Life] = []
        self._before: list[Finding] = []

    def begin(self, capture: Capture) -> None:
        """Put the last capture's lives and findings by."""
        if not self._captures:
            return
        self._lives += self._inspector.lives()
        self._before += self._inspector.findings()
        self._inspector = self._start(len(self._captures) + 1)

    @property
    def lives(self) -> tuple[Life, ...]:
        """Those of all captures, in their order."""
        return (*self._lives, *self._inspector.lives())

    def _found(self) -> tuple[Finding, ...]:
        found = (*self._before, *self._inspector.findings())
        return tuple(sorted(found, key=lambda one: -one.severity.rank))


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
