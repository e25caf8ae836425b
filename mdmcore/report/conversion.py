"""Converting captures into another: from records to records, changed and annotated on the way.

Which formats there are is known to ``capture``; files, passwords and messages are the command's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mdmcore.capture import Capture
from mdmcore.capture.source import Record
from mdmcore.capture.writing import RecordWriter, WrittenFormat
from mdmcore.errors import CaptureError
from mdmcore.http import Exchange
from mdmcore.report.annotating import Annotating
from mdmcore.report.model import ReadError

type Change = Callable[[Iterator[Exchange]], Iterator[Exchange]]
"""What is done to the exchanges of a capture between reading and writing; it is called anew for
each pass over each capture. What is no HTTP is left out then, and originals are not used."""

_FOLDED = frozenset({"tunnel"})
"""What a reader counts and has made use of: nothing is lost."""


@dataclass(slots=True, kw_only=True)
class Converted:
    """What came of it: how many exchanges were written, what was not, and what was not read."""

    exchanges: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[str, ReadError]] = field(default_factory=list)
    until: datetime | None = None


def convert(
    captures: Sequence[Capture],
    writer: RecordWriter,
    *,
    format: WrittenFormat,
    change: Change | None = None,
    annotating: Annotating | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Converted:
    """Write the captures, one behind the other, to ``writer``, and finish it.

    ``tell`` hears the name of the capture at each exchange. A capture that cannot be read to its
    end is written as far as it goes; what is wrong stands in ``errors``.
    """
    if annotating is not None:
        for capture in captures:
            for record in _readable(capture, change, []):
                tell(capture.name)
                if record.exchange is not None:
                    annotating.look(record.exchange)
            if capture.until is not None:
                annotating.tell_time(capture.until)
        annotating.conclude()
    result = Converted()
    for capture in captures:
        for record in _readable(capture, change, result.errors):
            tell(capture.name)
            writer.add(record if annotating is None else _annotated(record, annotating))
            result.exchanges += record.exchange is not None
        _close(capture, result, keeps_all=change is None and capture.format == format == "flows")
    writer.finish(result.until)
    return result


def _readable(
    capture: Capture, change: Change | None, errors: list[tuple[str, ReadError]]
) -> Iterator[Record]:
    try:
        if change is None:
            yield from capture.records()
        else:
            for exchange in change(capture.exchanges()):
                yield Record(exchange=exchange)
    except CaptureError as error:
        errors.append(
            (capture.name, ReadError(where=error.where or "reading", message=error.message))
        )


def _annotated(record: Record, annotating: Annotating) -> Record:
    if record.exchange is None:
        return record
    return replace(record, exchange=annotating.annotate(record.exchange))


def _close(capture: Capture, result: Converted, *, keeps_all: bool) -> None:
    """Take down what the capture knows of itself at its end."""
    result.errors += [
        (capture.name, ReadError(where=each.where, message=each.message)) for each in capture.errors
    ]
    if not keeps_all:
        kinds = capture.passed_over.items()
        result.left_out.update({kind: count for kind, count in kinds if kind not in _FOLDED})
    until = capture.until
    if until is not None and (result.until is None or until > result.until):
        result.until = until
