"""Whether the first DM session came while the device was still trying (enrollment.md 9.5, 15.4).

The time is that of the exchanges: a device whose clock was moved past its window looks the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from mdmcore.enrollment.schedule_view import RetrySet
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Life
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.provisioned import NOTHING
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.schedule_in_force import schedule_of

_DEFAULT_RETRIES = 10
_DEFAULT_MINUTES = 15
"""The first set of a device that is told nothing, or nothing that it could do."""
_LONGEST_MINUTES = 1000 * 365 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How long a device tries to reach its server after the enrolment.

    ``whole`` is ``None`` where a set repeats for ever. ``xpath`` is that of the schedule, empty
    where the document has none.
    """

    first_try: timedelta
    whole: timedelta | None
    words: str
    xpath: str = ""


def window_of(life: Life) -> Window:
    """The window by the provisioning document of that life."""
    schedule = schedule_of(life.provisioning or NOTHING, life)
    sets = () if schedule is None else (schedule.first, schedule.second)
    active = [one for one in sets if one.is_active]
    if any(one.is_endless for one in active):
        minutes: int | None = None
    else:
        minutes = sum(_minutes(one) for one in active)
    if minutes == 0:
        active, minutes = [], _DEFAULT_RETRIES * _DEFAULT_MINUTES
    tries = [(one.retries or 0, one.minutes or 0) for one in active]
    tries = tries or [(_DEFAULT_RETRIES, _DEFAULT_MINUTES)]
    return Window(
        first_try=_time(tries[0][1]),
        whole=None if minutes is None else _time(minutes),
        words=" + ".join(f"{count} x {interval}" for count, interval in tries) + " minutes",
        xpath="" if schedule is None else schedule.path,
    )


def _time(minutes: int) -> timedelta:
    """So many minutes; what no device lives to see is as long as the longest time."""
    return timedelta(minutes=min(minutes, _LONGEST_MINUTES))


def _minutes(one: RetrySet) -> int:
    return (one.retries or 0) * (one.minutes or 0)


def while_it_may_come(life: Life) -> Severity | None:
    """Info as long as the device still tries."""
    if life.has_posted_dm or life.enrolled_at is None or life.seen_until is None:
        return None
    whole = window_of(life).whole
    is_over = whole is not None and life.seen_until - life.enrolled_at > whole
    return None if is_over else Severity.INFO


@rule("first-sync-window-missed", kinds={Kind.SYNCML}, cap=while_it_may_come, is_about_silence=True)
def window_missed(scene: Scene) -> Iterator[Hit]:
    """No DM message comes in the time in which a device tries after its enrolment, so periodic
    polling never starts until the user presses refresh. Mend what is named as cause, look at ADDR
    and at the TLS of the DM server."""
    life, now = scene.life, scene.now
    if scene.before.has_posted_dm or life.enrolled_at is None or now is None:
        return
    window, waited = window_of(life), now - life.enrolled_at
    if life.has_posted_dm:
        if window.whole is not None and waited > window.whole:
            yield scene.hit(
                f"the first DM message comes {_length(waited)} after the enrolment, "
                f"the device was to try for {window.words}",
                part="request",
                field="url",
                evidence=scene.exchange.request.url.partition("?")[0],
            )
        return
    if waited >= window.first_try:
        yield scene.hit(
            f"no DM message in {_length(waited)} after the enrolment, "
            f"the device was to try for {window.words}",
            part="document",
            xpath=window.xpath or "/wap-provisioningdoc",
            evidence=window.words,
        )


def _length(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    return f"{minutes} minutes" if hours < 2 else f"{hours} hours {rest} minutes"
