"""The document ``mdmproxy-schedule/1``: its values, in the order of its keys.

The JSON Schema is made from these classes (``schema``); filling them is the concern of ``json``.
Times are RFC 3339 in UTC, lengths of time are seconds. The docstrings of rows stand in the schema,
each in one line: Python 3.12 and 3.13 cut longer ones differently.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from mdmcore.phone.polling import Silence
from mdmcore.phone.timetable import EndKind, SetName
from mdmcore.report.model import Count, FindingRow, ProfileName
from mdmcore.report.schedule.meetings import Begun, Punctuality

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


class SessionRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A session that a capture shows: exchange is the id of its first message."""

    at: datetime
    exchange: str
    begun: Begun
    is_good: bool


class MeetingRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A planned contact and its session; off: how much later than planned the session came."""

    punctuality: Punctuality
    due: datetime | None
    set: SetName | None
    number: Count
    count: Positive
    interval: Seconds
    session: SessionRow | None
    off: Seconds | None


class TotalsRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many contacts and sessions of each kind there are."""

    on_time: Count
    late: Count
    early: Count
    missed: Count
    unplanned: Count


class SeenRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a capture shows from enrolment to until; following is what is planned next."""

    enrolled: datetime
    until: datetime
    following: datetime | None
    notes: tuple[str, ...]
    totals: TotalsRow
    meetings: tuple[MeetingRow, ...]


class ScheduleRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One schedule; without sets it cannot be configured. seen: what a capture shows of it."""

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
    seen: SeenRow | None


class ScheduleDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole document, as a reader of it may load it."""

    schema: Literal["mdmproxy-schedule/1"]
    schedules: tuple[ScheduleRow, ...]
