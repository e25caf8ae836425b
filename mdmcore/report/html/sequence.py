"""The steps of a life's sequence diagram: its exchanges in order, what repeats itself folded.

A life may have thousands of sessions. Shown are the first ones of each sort: those without, and
those with the same findings; the others are a step that counts them. Drawing is the concern of
``sequence_drawing``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from mdmcore.report.html.marks import Mark, graver, gravest
from mdmcore.report.html.record import Record

MAX_STEPS = 120
"""Steps of one diagram; what comes after them is counted."""
MAX_SHOWN_ALIKE = 2
"""Sessions with the same findings, and other steps of one kind in a row, that are shown."""
_MAX_IN_SESSION, _MOST_IN_SESSION = 24, 48
"""Exchanges of a session that are held, without and with findings."""
_SESSION_KIND = "syncml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """One exchange of a life with its marks."""

    record: Record
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """Exchanges that are not drawn one by one: ``sessions`` of them, or of one kind. ``severity``
    is the gravest of their findings, which are those of sessions that are drawn."""

    kind: str
    host: str
    exchanges: int
    sessions: int
    number: int
    first: datetime | None
    last: datetime | None
    severity: str = ""


type Step = Exchanged | Folded


class Sequence:
    """Gathers the steps of one life, exchange by exchange; bounded."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._held: list[Exchanged] = []
        self._held_more = 0
        self._shown = Counter[frozenset[int]]()
        self.exchanges = 0
        self.passed_over = 0

    def add(self, record: Record, marks: tuple[Mark, ...]) -> None:
        """The next exchange of the life, with what was found in it."""
        self.exchanges += 1
        if self._held and _group(self._held[-1].record) != _group(record):
            self._close()
        if len(self._held) >= (_MOST_IN_SESSION if marks else _MAX_IN_SESSION):
            self._held_more += 1
            return
        self._held.append(Exchanged(record=record, marks=marks))

    def steps(self) -> tuple[Step, ...]:
        """All steps, once all exchanges were added."""
        self._close()
        return tuple(self._steps)

    def _close(self) -> None:
        """Settle what is held: a session, or exchanges of one kind."""
        held, more = self._held, self._held_more
        self._held, self._held_more = [], 0
        if not held:
            return
        is_session = held[0].record.kind == _SESSION_KIND
        if is_session and not more:
            found = frozenset(mark.finding for each in held for mark in each.marks)
            self._shown[found] += 1
            if self._shown[found] > MAX_SHOWN_ALIKE:
                self._fold(held, sessions=1)
                return
        for step in held if is_session else _alike_folded(held):
            self._put(step)
        if more:
            self._fold(held[-1:], sessions=0, exchanges=more)

    def _fold(self, held: list[Exchanged], *, sessions: int, exchanges: int = 0) -> None:
        first, last = held[0].record, held[-1].record
        step = Folded(
            kind=first.kind,
            host=first.host,
            exchanges=exchanges or len(held),
            sessions=sessions,
            number=first.number,
            first=first.started,
            last=last.started,
            severity=gravest(mark for each in held for mark in each.marks),
        )
        before = self._steps[-1] if self._steps else None
        if sessions and isinstance(before, Folded) and before.sessions:
            self._steps[-1] = replace(
                before,
                exchanges=before.exchanges + step.exchanges,
                sessions=before.sessions + 1,
                last=step.last or before.last,
                severity=graver(before.severity, step.severity),
            )
        else:
            self._put(step)

    def _put(self, step: Step) -> None:
        if len(self._steps) < MAX_STEPS:
            self._steps.append(step)
        else:
            self.passed_over += step.exchanges if isinstance(step, Folded) else 1


def _group(record: Record) -> tuple[str, int]:
    """What belongs together: the messages of a session; of other kinds, those in a row."""
    return record.kind, record.session


def _alike_folded(held: list[Exchanged]) -> Iterator[Step]:
    """Exchanges of one kind in a row; those without findings after the first ones as one step."""
    shown, run = 0, list[Exchanged]()
    for each in held:
        if not each.marks and shown >= MAX_SHOWN_ALIKE:
            run.append(each)
            continue
        yield from _run(run)
        run = []
        shown += not each.marks
        yield each
    yield from _run(run)


def _run(run: list[Exchanged]) -> Iterator[Step]:
    if len(run) < 2:
        yield from run
        return
    first, last = run[0].record, run[-1].record
    yield Folded(
        kind=first.kind,
        host=first.host,
        exchanges=len(run),
        sessions=0,
        number=first.number,
        first=first.started,
        last=last.started,
    )
