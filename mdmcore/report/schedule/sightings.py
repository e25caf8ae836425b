"""The sessions of each life in a capture: when a device came, and what came of it.

A contact that got no answer and is tried again by the device's HTTP is one contact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mdmcore.namespaces import (
    ALERT_CLIENT_INITIATED,
    ALERT_GENERIC,
    ALERT_SERVER_INITIATED,
    UNENROLL_ALERT_TYPE,
)
from mdmcore.phone.schedule_branch import SET_NAMES
from mdmcore.profiles import PollScheme
from mdmcore.report.analysis import Row
from mdmcore.report.schedule.meetings import Begun, SeenSession
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Life

RETRY_GAP = timedelta(seconds=90)
"""A device without an answer waits 16, 32 and 64 seconds before it tries again (w7, defaults)."""

_BEGUN = {ALERT_SERVER_INITIATED: Begun.SERVER, ALERT_CLIENT_INITIATED: Begun.CLIENT}
_CHANGES = frozenset({"Add", "Replace", "Delete"})
_POLL = tuple(f"/poll/{name.lower()}" for pair in SET_NAMES[PollScheme.DM_CLIENT] for name in pair)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """What the capture shows of a life: when it was handed its document, its sessions in order, and
    up to when nothing it was due to do would have been overlooked."""

    enrolled: datetime | None
    sessions: tuple[SeenSession, ...]
    until: datetime | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contact:
    """A session so far. ``latest`` is when its last request, or attempt, was made."""

    session: SeenSession
    latest: datetime
    is_answered: bool
    is_leaving: bool = False


type _Key = tuple[str, int]


class Sightings:
    """Takes the rows of a capture, and remembers of each session a line."""

    def __init__(self) -> None:
        self._enrolled: dict[str, datetime] = {}
        self._contacts: dict[str, dict[_Key, _Contact]] = {}
        self._latest: datetime | None = None

    def take(self, row: Row) -> None:
        """Look at the next row."""
        started, life = row.exchange.started, row.inspection.life
        if started is None:
            return
        started = started.astimezone(UTC)
        self._latest = started if self._latest is None else max(self._latest, started)
        if life is None:
            return
        if row.inspection.kind is Kind.RST and row.exchange.response is not None:
            self._enrolled[life] = started
        if row.inspection.kind is Kind.SYNCML:
            self._take_message(row, life, started)

    def _take_message(self, row: Row, life: str, started: datetime) -> None:
        session = row.inspection.session
        number = session.number if session is not None else -1 - row.exchange.index
        contacts = self._contacts.setdefault(life, {})
        message = _message(row)
        known = contacts.get((life, number))
        if known is None:
            seen = SeenSession(
                at=started, exchange=row.exchange.id, is_good=False, begun=_begun(message)
            )
            known = _Contact(session=seen, latest=started, is_answered=False)
        is_good = session is not None and session.is_ended and not session.is_refused
        leaves = session is not None and session.has_unenroll
        contacts[life, number] = replace(
            known,
            session=replace(known.session, is_good=is_good),
            latest=started,
            is_answered=known.is_answered or row.exchange.response is not None,
            is_leaving=known.is_leaving or leaves or _says_farewell(message),
        )

    def of(self, life: Life) -> Sighted:
        """All that belongs to that life, under whichever id it was seen."""
        names = dict.fromkeys((*((life.id,) if life.id else ()), *life.parts))
        times = [self._enrolled[each] for each in names if each in self._enrolled]
        enrolled = max(times, default=None)
        found = [one for each in names for one in self._contacts.get(each, {}).values()]
        contacts = list(_attempts_joined(sorted(found, key=lambda one: one.session.at)))
        left = [one.latest for one in contacts if one.is_leaving]
        until = self._latest
        notes: tuple[str, ...] = ()
        if left and (enrolled is None or left[-1] >= enrolled):
            until, notes = left[-1], ("the device has left then, and nothing more is planned",)
        changed = _schedule_changed(life)
        if changed is not None and until is not None and changed < until:
            words = "the server has written to Poll then: the document no longer says what follows"
            until, notes = changed, (words,)
        return Sighted(
            enrolled=enrolled,
            sessions=tuple(one.session for one in contacts),
            until=until,
            notes=notes,
        )


def _attempts_joined(contacts: list[_Contact]) -> Iterator[_Contact]:
    held: _Contact | None = None
    for each in contacts:
        if held is None:
            held = each
        elif not held.is_answered and each.session.at - held.latest <= RETRY_GAP:
            held = replace(
                each,
                session=replace(held.session, is_good=each.session.is_good),
                is_leaving=held.is_leaving or each.is_leaving,
            )
        else:
            yield held
            held = each
    if held is not None:
        yield held


def _message(row: Row) -> Mapping[str, Any]:
    request = row.inspection.decoded.get("request", {})
    found: Mapping[str, Any] = request.get("syncml", {})
    return found


def _alerts(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (each for each in message.get("commands", ()) if each.get("command") == "Alert")


def _begun(message: Mapping[str, Any]) -> Begun:
    codes = (str(each.get("code", "")).strip() for each in _alerts(message))
    return next((_BEGUN[code] for code in codes if code in _BEGUN), Begun.UNKNOWN)


def _says_farewell(message: Mapping[str, Any]) -> bool:
    """Whether the device tells that its user has left."""
    return any(
        ((item.get("meta") or {}).get("type") or "").strip().lower() == UNENROLL_ALERT_TYPE.lower()
        for each in _alerts(message)
        if str(each.get("code", "")).strip() == ALERT_GENERIC
        for item in each.get("items", ())
    )


def _schedule_changed(life: Life) -> datetime | None:
    """When the server first wrote values of the schedule over DM."""
    return min(
        (
            each.at.astimezone(UTC)
            for each in life.tried
            if each.at is not None and each.name in _CHANGES and each.target.lower().endswith(_POLL)
        ),
        default=None,
    )
