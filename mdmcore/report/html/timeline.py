"""Laying out the timeline: for each device its exchanges by kind, and its polling windows.

What stands where is reckoned here, in pixels; the template writes it down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mdmcore.report.html.dots import Dot
from mdmcore.report.html.polling import PollingView
from mdmcore.report.html.time_scale import TimeScale, time_scale
from mdmcore.report.html.visible import shortened
from mdmcore.report.schedule.spans import moment, span
from mdmcore.rules.decoded import Kind

WIDTH = 1120
LEFT, RIGHT = 148, 24
_TOP, _LANE, _HEAD, _AFTER = 46, 22, 24, 12
_LEAST_WINDOW = 5.0
_MAX_NAME = 70
_LABEL_ROOM, _TICK_ROOM, _SHORT_ROOM = 122, 96, 62
_STEPS_S = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200),
    *(86400 * days for days in (1, 2, 7, 14, 28, 91, 182, 365, 1825, 7300, 36500)),
)

_ENROLLMENT = frozenset(
    {Kind.PROBE, Kind.DISCOVER, Kind.WAB, Kind.GETPOLICIES, Kind.RST, Kind.RENEW}
)
_LANES = ("enrollment", "management", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A row of the timeline: its name, its exchanges, its polling."""

    name: str
    anchor: str
    dots: Sequence[Dot]
    polling: PollingView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedDot:
    """A dot at its place."""

    x: float
    y: float
    radius: float
    dot: Dot
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedWindow:
    """A window at its place; ``seen_x`` is where its session stands, ``exchange`` its number."""

    x: float
    y: float
    width: float
    fit: str
    title: str
    seen_x: float | None = None
    exchange: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLane:
    """A lane's name and the line on which it stands; ``is_head``: a device's name."""

    y: float
    name: str
    is_head: bool = False
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A time on the axis."""

    x: float
    label: str
    is_start: bool = False
    is_at_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedGap:
    """The mark of time that is cut out."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The whole picture."""

    width: int
    height: int
    title: str
    top: int
    lanes: tuple[PlacedLane, ...]
    ticks: tuple[Tick, ...]
    gaps: tuple[PlacedGap, ...]
    dots: tuple[PlacedDot, ...]
    windows: tuple[PlacedWindow, ...]
    has_windows: bool


def draw_timeline(devices: Sequence[Device], numbers: Mapping[str, int]) -> Timeline | None:
    """The timeline of these devices; ``None`` when no exchange has a time. ``numbers``: those of
    the exchanges in which polling sessions began, by id."""
    scale = time_scale(_times(devices), left=LEFT, width=WIDTH - LEFT - RIGHT)
    if scale is None:
        return None
    lanes: list[PlacedLane] = []
    dots: list[PlacedDot] = []
    windows: list[PlacedWindow] = []
    y = float(_TOP + 12)
    for device in devices:
        name = shortened(device.name, _MAX_NAME)
        lanes.append(PlacedLane(y=y, name=name, is_head=True, anchor=device.anchor))
        y += _HEAD
        for lane in _LANES:
            here = [dot for dot in device.dots if _lane(dot.kind) == lane]
            if here:
                lanes.append(PlacedLane(y=y, name=lane))
                dots += [_dot(dot, scale, y) for dot in here]
                y += _LANE
        if device.polling is not None and (device.polling.windows or device.polling.beside):
            lanes.append(PlacedLane(y=y, name="polling windows"))
            windows += _windows(device.polling, scale, y, numbers)
            y += _LANE
        y += _AFTER
    first, last = scale.pieces[0].begin, scale.pieces[-1].end
    return Timeline(
        width=WIDTH,
        height=int(y) + 6,
        title=f"Exchanges from {_moment(first)} to {_moment(last)} UTC",
        top=_TOP,
        lanes=tuple(lanes),
        ticks=tuple(_ticks(scale)),
        gaps=tuple(PlacedGap(x=round(gap.x, 1), label=_length(gap.length)) for gap in scale.gaps),
        dots=tuple(dots),
        windows=tuple(windows),
        has_windows=bool(windows),
    )


def _times(devices: Iterable[Device]) -> Iterator[datetime]:
    for device in devices:
        yield from (dot.at for dot in device.dots)
        if device.polling is not None:
            for window in device.polling.windows:
                yield from (window.begin, window.due, window.end)


def _lane(kind: str) -> str:
    if kind == Kind.SYNCML:
        return _LANES[1]
    return _LANES[0] if Kind(kind) in _ENROLLMENT else _LANES[2]


def _dot(dot: Dot, scale: TimeScale, y: float) -> PlacedDot:
    many = f" and {dot.count - 1} more" if dot.count > 1 else ""
    return PlacedDot(
        x=round(scale.x(dot.at), 1),
        y=y,
        radius=5 if dot.count == 1 else 6.5,
        dot=dot,
        title=shortened(f"{_moment(dot.at)} {dot.title}{many}", 240),
    )


def _windows(
    polling: PollingView, scale: TimeScale, y: float, numbers: Mapping[str, int]
) -> Iterator[PlacedWindow]:
    for window in polling.windows:
        begin, end = scale.x(window.begin), scale.x(window.end)
        width = max(end - begin, _LEAST_WINDOW)
        yield PlacedWindow(
            x=round((begin + end) / 2 - width / 2, 1),
            y=y,
            width=round(width, 1),
            fit=window.fit,
            title=window.title,
            seen_x=None if window.seen is None else round(scale.x(window.seen), 1),
            exchange=numbers.get(window.exchange, 0),
        )
    for each in polling.beside:
        yield PlacedWindow(
            x=0,
            y=y,
            width=0,
            fit="beside",
            title=each.title,
            seen_x=round(scale.x(each.at), 1),
            exchange=numbers.get(each.exchange, 0),
        )


def _ticks(scale: TimeScale) -> Iterator[Tick]:
    """The beginning of each piece where there is room for it, and round times between."""
    free_from = 0.0
    day = None
    for piece in scale.pieces:
        if piece.x < free_from:
            continue
        is_new_day = day != piece.begin.date()
        form = "%Y-%m-%d %H:%M:%S" if is_new_day else "%H:%M:%S"
        day = piece.begin.date()
        room = _LABEL_ROOM if is_new_day else _SHORT_ROOM
        is_at_end = piece.x + room > WIDTH
        if is_at_end and piece.x - room < free_from:
            form, is_at_end = "%H:%M", False
        yield Tick(
            x=round(piece.x, 1),
            label=piece.begin.strftime(form),
            is_start=True,
            is_at_end=is_at_end,
        )
        free_from = piece.x + room
        end = piece.x + piece.width
        step = _step(piece.end - piece.begin, piece.width)
        if step is None:
            continue
        at = datetime.fromtimestamp((piece.begin.timestamp() // step + 1) * step, UTC)
        while at < piece.end:
            x = scale.x(at)
            if x >= free_from and x + 40 <= end:
                yield Tick(x=round(x, 1), label=at.strftime(_form(at, step)))
                free_from = x + _SHORT_ROOM
            at += timedelta(seconds=step)


def _form(at: datetime, step: int) -> str:
    """A day at its beginning, else the time."""
    if step >= 86400 or (step >= 3600 and at.hour == 0):
        return "%Y-%m-%d" if step >= 28 * 86400 else "%b %d"
    return "%H:%M" if step >= 60 else "%H:%M:%S"


def _step(length: timedelta, width: float) -> int | None:
    """Seconds between round times on a piece; ``None`` where there is no room for any."""
    most = width / _TICK_ROOM
    if most < 1.5 or length < timedelta(seconds=2):
        return None
    return next((step for step in _STEPS_S if length.total_seconds() / step <= most), None)


def _moment(time: datetime) -> str:
    return moment(time.replace(microsecond=0))


def _length(length: timedelta) -> str:
    """A length in its two largest units: of thirteen days nobody asks the seconds."""
    for unit in (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)):
        if length >= 10 * unit:
            return span(length - length % unit)
    return span(length) if length >= timedelta(seconds=1) else "<1s"
