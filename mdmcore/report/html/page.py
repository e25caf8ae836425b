"""What stands on the page before the exchanges: summary, findings, devices, timeline.

It is gathered from the facts of the exchanges (``Record``) once all of them are known; memory grows
with lives and findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mdmcore.report.analysis import Analysis
from mdmcore.report.html.dots import Dots
from mdmcore.report.html.finding_view import FindingView, Known, finding_views
from mdmcore.report.html.marks import Marks, gravest
from mdmcore.report.html.polling import PollingView, polling_of
from mdmcore.report.html.record import Record
from mdmcore.report.html.sequence import Sequence
from mdmcore.report.html.sequence_drawing import Drawing, draw_sequence
from mdmcore.report.html.timeline import Device, Timeline, draw_timeline
from mdmcore.report.html.visible import visible
from mdmcore.report.model import CaptureRow, Tool
from mdmcore.report.rows import TOOL
from mdmcore.report.schedule import Sightings
from mdmcore.report.text import plural
from mdmcore.report.timeline import STEPS
from mdmcore.rules import Severity
from mdmcore.rules.life import Life

MAX_DEVICES = 40
"""Devices that have a diagram and a row of the timeline of their own."""

_NOBODY = ""
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)
KIND_NAMES = {kind.value: name for kind, name in STEPS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many findings there are of a severity, or exchanges of a kind."""

    name: str
    label: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeView:
    """A device: what is known of it, how far it came, its diagram and its polling."""

    id: str
    name: str
    profile: str
    outcome: str
    exchanges: int
    first: datetime | None
    last: datetime | None
    facts: tuple[tuple[str, str], ...]
    refusal: str
    stop: str
    findings: tuple[Count, ...]
    diagram: Drawing | None
    polling: PollingView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All of it. ``first`` and ``last``: when the exchanges were."""

    tool: Tool
    title: str
    captures: tuple[CaptureRow, ...]
    passed_over: Mapping[str, str]
    exchanges: int
    first: datetime | None
    last: datetime | None
    severities: tuple[Count, ...]
    kinds: tuple[Count, ...]
    rules: tuple[str, ...]
    findings: tuple[FindingView, ...]
    lives: tuple[LifeView, ...]
    timeline: Timeline | None

    @property
    def has_days(self) -> bool:
        """Whether a time of day alone does not tell when an exchange was."""
        if self.first is None or self.last is None:
            return False
        return self.first.date() != self.last.date()


class Survey:
    """One look over all records: what drawings and lists are made from."""

    def __init__(self, analysis: Analysis, sightings: Sightings) -> None:
        self.marks = Marks(analysis.findings)
        self._analysis = analysis
        self._lives = analysis.lives
        self._owner = {part: life.id for life in self._lives for part in _parts(life)}
        self._drawn = {life.id for life in self._lives[:MAX_DEVICES] if life.id is not None}
        self._sequences = {life: Sequence() for life in self._drawn}
        self._pollings = {
            life.id: polling_of(life, sightings)
            for life in self._lives
            if life.id is not None and life.id in self._drawn
        }
        self._dots = Dots()
        self._kinds: Counter[str] = Counter()
        self._known: dict[str, Known] = {}
        self._wanted = {visible(each) for each in self._polled()}
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._exchanges = 0

    def owner(self, life: str | None) -> str:
        """The id that the life of this id has now; empty for an exchange of no device."""
        return (self._owner.get(life) or life or _NOBODY) if life is not None else _NOBODY

    def take(self, record: Record) -> None:
        """The next record."""
        self._exchanges += 1
        self._kinds[record.kind] += 1
        owner = self.owner(record.life)
        if record.id in self.marks or record.id in self._wanted:
            self._known.setdefault(record.id, Known(number=record.number, kind=record.kind))
        marks = self.marks.of(record, owner)
        if owner in self._sequences:
            self._sequences[owner].add(record, marks)
        row = owner if owner in self._drawn else _NOBODY
        self._dots.add(row, record, gravest(marks))
        if record.started is not None:
            times = [each for each in (self._first, self._last) if each is not None]
            self._first = min([*times, record.started])
            self._last = max([*times, record.started])

    def page(self) -> Page:
        """The page, once all records were taken."""
        analysis = self._analysis
        captures = analysis.captures
        names = [visible(capture.path) for capture in captures]
        findings = finding_views(analysis.findings, self._known, captures=names)
        lives = tuple(self._life(life, findings) for life in self._lives)
        return Page(
            tool=TOOL,
            title=names[0] if len(names) == 1 else plural(len(names), "capture"),
            captures=captures,
            passed_over=dict(_passed_over(captures)),
            exchanges=self._exchanges,
            first=self._first,
            last=self._last,
            severities=_counts(findings),
            kinds=tuple(
                Count(name=kind, label=name, number=self._kinds[kind])
                for kind, name in KIND_NAMES.items()
                if self._kinds[kind]
            ),
            rules=tuple(sorted({each.rule for each in findings})),
            findings=findings,
            lives=lives,
            timeline=self._timeline(lives),
        )

    def _polled(self) -> Iterator[str]:
        for polling in self._pollings.values():
            if polling is not None:
                yield from (each.exchange for each in polling.windows if each.exchange)
                yield from (each.exchange for each in polling.beside)

    def _life(self, life: Life, findings: Iterable[FindingView]) -> LifeView:
        identifier = life.id or ""
        facts = dict(life.device)
        sequence = self._sequences.get(identifier)
        diagram = None
        name = _name(life)
        if sequence is not None and sequence.exchanges:
            steps = sequence.steps()
            diagram = draw_sequence(steps, device=name, passed_over=sequence.passed_over)
        return LifeView(
            id=identifier,
            name=name,
            profile=life.profile,
            outcome=life.outcome.value,
            exchanges=life.exchanges,
            first=life.first,
            last=life.last,
            facts=tuple((label.replace("_", " "), value) for label, value in facts.items()),
            refusal=life.refusal,
            stop=life.stop,
            findings=_counts(each for each in findings if each.life == identifier),
            diagram=diagram,
            polling=self._pollings.get(identifier),
        )

    def _timeline(self, lives: Iterable[LifeView]) -> Timeline | None:
        devices = [
            Device(
                name=f"{life.id}  {life.name}" if life.name != life.id else life.id,
                anchor=life.id,
                dots=self._dots.of(life.id),
                polling=life.polling,
            )
            for life in lives
            if life.id in self._drawn
        ]
        rest = self._dots.of(_NOBODY)
        if rest:
            devices.append(Device(name="exchanges of no or another device", anchor="", dots=rest))
        shown = [device for device in devices if device.dots]
        numbers = {exchange: known.number for exchange, known in self._known.items()}
        return draw_timeline(shown, numbers)


def _parts(life: Life) -> tuple[str, ...]:
    return life.parts or ((life.id,) if life.id is not None else ())


def _name(life: Life) -> str:
    known = (life.email, life.username, life.device_name, life.device_id, life.id)
    return next((visible(each) for each in known if each), "device")


def _counts(findings: Iterable[FindingView]) -> tuple[Count, ...]:
    found = Counter(each.severity for each in findings)
    return tuple(
        Count(
            name=each.value,
            label=plural(found[each.value], each.value).split(" ", 1)[1],
            number=found[each.value],
        )
        for each in _SEVERITIES
    )


def _passed_over(captures: Iterable[CaptureRow]) -> Iterator[tuple[str, str]]:
    for capture in captures:
        found = capture.decoded.get("passed_over", {})
        if found:
            yield capture.path, ", ".join(f"{number} {kind}" for kind, number in found.items())
