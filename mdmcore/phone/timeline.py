"""What happened to a device, for people: found by comparing it with what it was before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mdmcore.phone.state import EnrolledPhone


class EventKind(StrEnum):
    """What kind of event it was."""

    SESSION = "session"
    REFUSAL = "refusal"
    WORK = "work"
    APP = "app"
    LOCK = "lock"
    PIN = "pin"
    RING = "ring"
    RESTART = "restart"
    CERTIFICATE = "certificate"
    POLICY = "policy"
    SCHEDULE = "schedule"
    PUSH = "push"
    RENEWAL = "renewal"
    WIPE = "wipe"
    UNENROLLED = "unenrolled"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeEvent:
    """One event. ``text`` is a line for people, without secrets."""

    at: datetime
    kind: EventKind
    text: str


type Change = tuple[EventKind, str]


def changes(before: EnrolledPhone, after: EnrolledPhone) -> Iterator[Change]:
    """What became different, in words."""
    wipe = after.device.wipe
    if wipe and wipe != before.device.wipe:
        yield EventKind.WIPE, f"wiped ({wipe}), nothing more is heard of the device"
        return
    if after.is_unenrolled and not before.is_unenrolled:
        yield EventKind.UNENROLLED, "no longer enrolled"
        return
    yield from _orders(before, after)
    yield from _work(before, after)
    yield from _apps(before, after)
    yield from _settings(before, after)


def _orders(before: EnrolledPhone, after: EnrolledPhone) -> Iterator[Change]:
    old, new = before.device, after.device
    if new.pin != old.pin and new.is_locked:
        yield EventKind.LOCK, "locked with a new PIN"
    elif new.is_locked and not old.is_locked:
        yield EventKind.LOCK, "locked"
    for _ in range(new.rings - old.rings):
        yield EventKind.RING, "rings"
    if after.sessions < before.sessions:
        yield EventKind.RESTART, "restarts"


def _work(before: EnrolledPhone, after: EnrolledPhone) -> Iterator[Change]:
    known = {(work.kind, work.node, work.context): work for work in before.device.work}
    for work in after.device.work:
        old = known.get((work.kind, work.node, work.context))
        if old is None or (old.stage, old.since) != (work.stage, work.since):
            reason = f": {work.reason}" if work.reason and work.is_finished else ""
            yield EventKind.WORK, f"{work.product} {work.stage} ({work.status}){reason}"


def _apps(before: EnrolledPhone, after: EnrolledPhone) -> Iterator[Change]:
    known = {(app.csp, app.node, app.context): app for app in before.device.apps}
    there = {(app.csp, app.node, app.context): app for app in after.device.apps}
    for place, app in there.items():
        old = known.get(place)
        name = app.title or app.product
        if old is None:
            yield EventKind.APP, f"{name} {app.version} is installed"
        elif old.version != app.version:
            yield EventKind.APP, f"{name} is updated from {old.version} to {app.version}"
    for place, app in known.items():
        if place not in there:
            yield EventKind.APP, f"{app.title or app.product} {app.version} is removed"


def _settings(before: EnrolledPhone, after: EnrolledPhone) -> Iterator[Change]:
    old = {held.place for held in before.certificates}
    new = {held.place for held in after.certificates}
    for place in sorted(new - old):
        yield EventKind.CERTIFICATE, f"{place} is installed"
    for place in sorted(old - new):
        yield EventKind.CERTIFICATE, f"{place} is removed"
    for policy in after.device.policies:
        if policy not in before.device.policies:
            value = policy.value if policy.format == "int" else "set"
            yield EventKind.POLICY, f"{policy.area}/{policy.name} is {value}"
    if before.schedule.sets != after.schedule.sets:
        sets = ", ".join(f"{one.count} x {one.interval} min" for one in after.schedule.sets)
        yield EventKind.SCHEDULE, f"the schedule is now {sets}"
    if before.device.push != after.device.push and after.device.push is not None:
        yield (
            EventKind.PUSH,
            f"push channel for {after.device.push.pfn}: {after.device.push.status}",
        )
