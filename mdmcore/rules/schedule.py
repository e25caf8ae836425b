"""Rules on the registry values OmaDmRetry, and on how often a device polls (enrollment.md 9.5).

What holds for the sets in either spelling is judged in ``poll``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.enrollment.schedule_view import RetrySet, Schedule
from mdmcore.profiles import PollScheme, device_profile
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.poll import has_no_count
from mdmcore.rules.provisioned import ISSUING, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.schedule_in_force import is_read_key, schedule_in_force

_REGISTRY = "/wap-provisioningdoc/characteristic[@type='Registry']"

_ONLY_ENDLESS = frozenset({"win10"})
"""Where any set counts, the first too, but only if it repeats for ever."""


@rule("omadmretry-first-set-zero", kinds=ISSUING)
def first_set_zero(scene: Scene) -> Iterator[Hit]:
    """AuxNumRetries or AuxRetryInterval is zero, so the phone never contacts the server after
    enrolment; that cannot be repaired over DM. Set both above zero, such as 10 and 15."""
    schedule = _registry(scene)
    if schedule is None or has_no_count(schedule):  # poll-all-zero or poll-counts-zero speak then
        return
    for each in (schedule.first.count, schedule.first.interval):
        # An absent value has a default above zero; only a written one can be wrong.
        if each.number is not None and each.number <= 0:
            yield document_hit(scene, f"{each.name} is {each.number}", each.path, str(each.number))


@rule("omadmretry-periodic-missing", kinds=ISSUING)
def periodic_missing(scene: Scene) -> Iterator[Hit]:
    """Aux2RetryInterval is zero or absent, so once the first sets are used up the device does not
    contact the server any more. Set it, such as 480 minutes on 8.0 and 1440 on 8.1."""
    schedule = schedule_in_force(scene)
    if schedule is None:
        if _has_no_schedule(scene):
            message = "there is no OmaDmRetry, so polling ends after the default first set"
            yield document_hit(scene, message, _REGISTRY, "absent")
        return
    if schedule.scheme is not PollScheme.REGISTRY or has_no_count(schedule):
        return
    # An earlier set that repeats for ever polls on, whatever the last one says.
    if schedule.first.is_endless or schedule.second.is_endless:
        return
    interval = schedule.periodic.interval
    if not schedule.periodic.is_active:
        message = f"{interval.name} is {interval.text or 'absent'}: no periodic polling"
        yield document_hit(scene, message, interval.path, interval.text or "absent")


def _has_no_schedule(scene: Scene) -> bool:
    """Whether a device that reads OmaDmRetry alone gets an account and no schedule at all."""
    part = provisioned(scene)
    return (
        scene.decoded.kind is Kind.RST
        and device_profile(scene.profile).poll_schemes == (PollScheme.REGISTRY,)
        and part.account is not None
        and not part.registry_schedules
        and (scene.life.is_profile_known or not part.poll_schedules)
    )


@rule("omadmretry-wrong-key", kinds=ISSUING)
def wrong_key(scene: Scene) -> Iterator[Hit]:
    """The retry values stand under a registry key that the device does not read, so it follows
    the defaults. Use HKLM\\Software\\Microsoft\\Enrollment\\OmaDmRetry; only the Windows 8.1 PC
    has another one, below HKLM\\Security\\MachineEnrollment."""
    found = provisioned(scene).registry_schedules
    if any(is_read_key(each.key, scene.life) for each in found):
        return
    expected = device_profile(scene.profile).retry_key
    for each in found:
        yield document_hit(
            scene, f"the retry values stand under {each.key}, not {expected}", each.path, each.key
        )


@rule("omadmretry-datatype", kinds=ISSUING)
def datatype(scene: Scene) -> Iterator[Hit]:
    """A value of OmaDmRetry has no datatype="integer": the registry is typed, so it is stored with
    another type and not used. Add datatype="integer" to each of the six."""
    schedule = _registry(scene)
    for each in schedule.settings if schedule is not None else ():
        if each.is_written and each.datatype != "integer":
            found = f"datatype {each.datatype!r}" if each.datatype else "no datatype"
            yield document_hit(
                scene,
                f"{each.name} has {found}, not 'integer'",
                each.path,
                each.datatype or "absent",
            )


@rule("omadmretry-swapped-sets", kinds=ISSUING)
def swapped_sets(scene: Scene) -> Iterator[Hit]:
    """The first set of retries (Aux) is slower or longer than the second (the plain pair), as if
    the names were taken at their word. The phone follows the values: Aux comes first."""
    schedule = _registry(scene)
    if schedule is None:
        return
    first, second = schedule.first, schedule.second
    if not (_is_finite(first) and _is_finite(second)):
        return
    if (first.minutes or 0) > (second.minutes or 0) or _length(first) > _length(second):
        yield document_hit(
            scene,
            f"the first set (Aux) is {_words(first)}, the second {_words(second)}",
            first.interval.path,
            f"{_words(first)}; {_words(second)}",
        )


@rule("omadmretry-too-fast", kinds=ISSUING)
def too_fast(scene: Scene) -> Iterator[Hit]:
    """The device polls at short intervals for as long as it is enrolled, which costs battery, data
    and server load. Poll hourly at most on 8.0, daily on 8.1 which has push, and not below a
    quarter of an hour on Windows 10."""
    schedule = schedule_in_force(scene)
    if schedule is None or has_no_count(schedule):
        return
    # Of an unknown device that reads Poll only the mildest bound is certain.
    is_certain = scene.life.is_profile_known or schedule.scheme is PollScheme.REGISTRY
    profile = scene.profile if is_certain else "win10"
    only_endless = profile in _ONLY_ENDLESS
    # Elsewhere an endless first set is a mistake of its own, whatever its pace.
    candidates = schedule.sets if only_endless else schedule.sets[1:]
    periodic = next((each for each in candidates if each.is_endless), schedule.periodic)
    if only_endless and not periodic.is_endless:
        return
    shortest = device_profile(profile).shortest_poll_minutes
    if periodic.is_active and (periodic.minutes or 0) < shortest:
        yield document_hit(
            scene,
            f"{periodic.interval.name} is {periodic.minutes} minutes, below {shortest}",
            periodic.interval.path,
            str(periodic.minutes),
        )


def _registry(scene: Scene) -> Schedule | None:
    """The schedule in force, where it is OmaDmRetry."""
    schedule = schedule_in_force(scene)
    return schedule if schedule is not None and schedule.scheme is PollScheme.REGISTRY else None


def _is_finite(each: RetrySet) -> bool:
    return each.is_active and (each.retries or 0) > 0


def _length(each: RetrySet) -> int:
    return (each.retries or 0) * (each.minutes or 0)


def _words(each: RetrySet) -> str:
    return f"{each.retries} times every {each.minutes} minutes"
