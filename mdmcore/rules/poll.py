"""Rules on the three sets of retries as such, in DMClient Poll or OmaDmRetry (enrollment.md 9.5).

They belong to the phase schedule. Of several that could speak of one mistake the gravest does:
all values zero, then all counts zero, then the first count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mdmcore.enrollment.provisioning_view import Setting
from mdmcore.enrollment.schedule_view import Schedule
from mdmcore.profiles import PollScheme
from mdmcore.rules.catalogue import entry
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.provisioned import ISSUING, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.schedule_in_force import schedule_in_force

_FIRST_COUNT = "poll-first-count-zero"


def is_all_zero(schedule: Schedule) -> bool:
    """Whether all six values are written as zero."""
    return all(each.number == 0 for each in schedule.settings)


def has_no_count(schedule: Schedule) -> bool:
    """Whether all three counts are written as zero."""
    return all(each.count.number == 0 for each in schedule.sets)


@rule("poll-all-zero", kinds=ISSUING)
def all_zero(scene: Scene) -> Iterator[Hit]:
    """All six values of the polling schedule are zero: that is a configuration failure, and
    enrolment may fail. Give at least the first set and the last one values above zero."""
    schedule = schedule_in_force(scene)
    if schedule is not None and is_all_zero(schedule):
        yield _hit(scene, schedule, "all six values of the schedule are zero", schedule.settings)


@rule("poll-counts-zero", kinds=ISSUING)
def counts_zero(scene: Scene) -> Iterator[Hit]:
    """All three counts of the polling schedule are zero: that is a configuration failure. Zero
    means for ever, so at most the last set may have it."""
    schedule = schedule_in_force(scene)
    if schedule is not None and has_no_count(schedule) and not is_all_zero(schedule):
        counts = [each.count for each in schedule.sets]
        yield _hit(scene, schedule, "all three counts of the schedule are zero", counts)


@rule("poll-two-infinite", kinds=ISSUING)
def two_infinite(scene: Scene) -> Iterator[Hit]:
    """Two sets of the polling schedule repeat for ever (count zero, interval above zero): the
    device sets the later one to zero. Let only the last set be infinite."""
    schedule = schedule_in_force(scene)
    if schedule is None or has_no_count(schedule):
        return
    endless = [each for each in schedule.sets if each.is_endless]
    if len(endless) < 2 or (schedule.first.is_endless and _is_first_judged(scene, schedule)):
        return
    earlier, later = endless[0], endless[1]
    yield document_hit(
        scene,
        f"{earlier.count.name} and {later.count.name} are both zero, with intervals of "
        f"{earlier.minutes} and {later.minutes} minutes",
        later.count.path,
        f"{later.interval.name} {later.minutes}",
    )


def _is_first_judged(scene: Scene, schedule: Schedule) -> bool:
    """Whether an endless first set is already found by another rule."""
    is_silent = entry(_FIRST_COUNT).severity(scene.profile) is Severity.NONE
    return schedule.scheme is PollScheme.REGISTRY or not is_silent


@rule(_FIRST_COUNT, kinds=ISSUING)
def first_count_zero(scene: Scene) -> Iterator[Hit]:
    """NumberOfFirstRetries is zero, so the first set of retries runs for ever and the others
    never begin. Set it above zero; the last set is the one that may run for ever."""
    schedule = schedule_in_force(scene)
    if schedule is None or schedule.scheme is not PollScheme.DM_CLIENT or has_no_count(schedule):
        return
    count = schedule.first.count
    if count.number == 0:
        yield document_hit(scene, f"{count.name} is 0", count.path, count.text or "")


@rule("poll-both-schemes", kinds=ISSUING)
def both_schemes(scene: Scene) -> Iterator[Hit]:
    """The document has both registry OmaDmRetry and DMClient Poll, and which one wins is nowhere
    said. Choose by the version of the device: OmaDmRetry for 8.0, Poll from 8.1 on."""
    part = provisioned(scene)
    if part.registry_schedules and part.poll_schedules:
        registry, poll = part.registry_schedules[0], part.poll_schedules[0]
        yield document_hit(
            scene,
            "the document has both OmaDmRetry and DMClient Poll",
            poll.path,
            f"{registry.key} and Poll of {poll.key}",
        )


def _hit(scene: Scene, schedule: Schedule, message: str, shown: Iterable[Setting]) -> Hit:
    evidence = ", ".join(f"{each.name} {each.text}" for each in shown)
    return document_hit(scene, message, schedule.path, evidence)
