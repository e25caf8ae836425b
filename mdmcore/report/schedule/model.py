"""The document ``mdmproxy-schedule/1``: its values, in the order of its keys.

The JSON Schema is made from these classes (``schema``); filling them is the concern of ``json``.
Times are RFC 3339 in UTC, lengths of time are seconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from mdmcore.phone.polling import Silence
from mdmcore.phone.timetable import EndKind, SetName
from mdmcore.report.model import Count, FindingRow, ProfileName

SCHEMA_NAME: Final = "mdmproxy-schedule/1"

type Positive = Annotated[int, Meta(ge=1)]
type Seconds = float


class SetRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A set of retries; one that is endless has the count 0."""

    set: SetName
    count: int
    interval: int
    is_endless: bool
    is_off: bool


class JumpRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The device's clock is put forward, or back where by is below zero."""

    at: datetime
    by: Seconds


class CourseRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens besides: the first failing contacts get no session, each is busy for so long."""

    enrolled: datetime
    until: datetime
    failing: Count | Literal["all"]
    busy: Seconds
    clock_jumps: tuple[JumpRow, ...]


class StretchRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contacts of one set that are equally far apart; number is that of the first in its set."""

    set: SetName
    number: Positive
    count: Positive
    first: datetime
    last: datetime
    interval: Seconds
    clock_ahead: Seconds
    is_good: bool


class LaterRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An end that comes after the time that was looked at."""

    kind: EndKind
    at: datetime
    silence: Silence | None
    following: datetime | None


class EndRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it ends; following is the next contact, or that after a refresh by the user."""

    kind: EndKind
    at: datetime
    silence: Silence | None
    following: datetime | None
    result: str
    why: str
    user: str


class ScheduleRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One schedule; without sets it cannot be configured."""

    source: str
    profile: ProfileName
    profile_reason: str
    origin: str
    notes: tuple[str, ...]
    sets: tuple[SetRow, ...]
    course: CourseRow
    contacts: Count
    stretches: tuple[StretchRow, ...]
    end: EndRow
    later: LaterRow | None
    findings: tuple[FindingRow, ...]


class ScheduleDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole document, as a reader of it may load it."""

    schema: Literal["mdmproxy-schedule/1"]
    schedules: tuple[ScheduleRow, ...]
