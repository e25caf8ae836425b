"""What is to say about a schedule: where it comes from, its timetable, and what rules find in it.

The device is read and reckoned by the simulated phone's own code (``mdmcore.phone``), the findings
come from the inspector; writing it all is for the modules beside this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from mdmcore.inspector.artifact.profile import NOTHING_TELLS
from mdmcore.phone.refusal import Refusal
from mdmcore.phone.schedule import Schedule
from mdmcore.phone.schedule_branch import default_schedule, read_schedule
from mdmcore.phone.timetable import Course, End, EndKind, Timetable, timetable
from mdmcore.profiles import PROFILES, DeviceProfile, PollScheme
from mdmcore.report.schedule.meetings import Comparison
from mdmcore.rules import Finding
from mdmcore.rules.catalogue import entry
from mdmcore.rules.decoded import Provisioning

FAR = timedelta(days=20 * 365)
"""How far ahead it is looked for an end that comes after the time asked for."""

_TYPE = re.compile(r"@type='([^']*)'")
_PHASE = "schedule"
_SCHEME_NAMES = {PollScheme.REGISTRY: "OmaDmRetry", PollScheme.DM_CLIENT: "DMClient Poll"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A schedule on its way through a course.

    ``schedule`` is ``None`` where it cannot be configured: then ``refusal`` says why. ``origin``
    says where the values come from. ``later`` is the end that comes after ``course.until``, if
    there is one. ``seen`` is what a capture shows of it.
    """

    source: str
    profile: str
    profile_reason: str
    origin: str
    schedule: Schedule | None
    refusal: str = ""
    course: Course
    timetable: Timetable
    later: End | None = None
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    seen: Comparison | None = None

    @property
    def ends(self) -> bool:
        """Whether the device never contacts its server, or gives up, in the time asked for."""
        return self.timetable.end.kind is not EndKind.GOES_ON


def plan_of(
    part: Provisioning,
    *,
    source: str,
    profile: str,
    profile_reason: str,
    course: Course,
    findings: Iterable[Finding] = (),
) -> Plan:
    """The plan of a document's schedule for that profile, with the findings about schedules."""
    schemes = _schemes(part)
    if profile_reason == NOTHING_TELLS:
        profile, profile_reason = _reader(schemes, profile, profile_reason)
    device = PROFILES[profile]
    plan = Plan(
        source=source,
        profile=profile,
        profile_reason=profile_reason,
        origin=f"the defaults of a {profile}, no schedule that it reads",
        schedule=None,
        course=course,
        timetable=_never(course),
        notes=tuple(_notes(part, schemes, device)),
        findings=tuple(each for each in findings if entry(each.rule).phase == _PHASE),
    )
    provider = _provider(part)
    assert part.document is not None
    try:
        found = read_schedule(part.document, provider, device)
    except Refusal as error:
        return replace(plan, origin=_branch(error.place), refusal=error.reason)
    if found is not None:
        plan = replace(plan, origin=_branch(found.place))
    return followed(replace(plan, schedule=found or default_schedule(provider, device)))


def followed(plan: Plan) -> Plan:
    """The plan with the timetable of its schedule."""
    if plan.schedule is None:
        return plan
    course = plan.course
    found = timetable(plan.schedule, course)
    later = None
    if found.end.kind is EndKind.GOES_ON:
        far = replace(course, until=course.until + FAR)
        end = timetable(plan.schedule, far).end
        later = end if end.kind is not EndKind.GOES_ON else None
    return replace(plan, timetable=found, later=later)


def _branch(xpath: str) -> str:
    """The types of the branch and of those around it."""
    return "/".join(_TYPE.findall(xpath)) or xpath


def _never(course: Course) -> Timetable:
    return Timetable(stretches=(), end=End(kind=EndKind.NEVER_BEGINS, at=course.enrolled))


def _schemes(part: Provisioning) -> tuple[PollScheme, ...]:
    found = []
    if part.registry_schedules:
        found.append(PollScheme.REGISTRY)
    if part.poll_schedules:
        found.append(PollScheme.DM_CLIENT)
    return tuple(found)


def _reader(schemes: tuple[PollScheme, ...], profile: str, reason: str) -> tuple[str, str]:
    """A profile that reads what the document has: the usual one if it does, else the oldest."""
    for name in (profile, *PROFILES):
        preferred = [each for each in PROFILES[name].poll_schemes if each in schemes]
        if preferred and name != profile:
            scheme = _SCHEME_NAMES[preferred[0]]
            return name, f"nothing tells the kind of device; the oldest that reads {scheme}"
        if preferred:
            break
    return profile, reason


def _provider(part: Provisioning) -> str:
    """The account's; without an account that of the Poll branch."""
    if part.account is not None:
        return part.account.provider_id or ""
    return part.poll_schedules[0].key if part.poll_schedules else ""


def _notes(
    part: Provisioning, schemes: tuple[PollScheme, ...], device: DeviceProfile
) -> Iterable[str]:
    if part.problems:
        first = part.problems[0]
        yield (
            f"the document is not well-formed (line {first.line}: {first.message}), a device "
            "refuses it; this is what its values would mean"
        )
    for scheme in schemes:
        if scheme not in device.poll_schemes:
            yield f"{_SCHEME_NAMES[scheme]} is there, but a {device.name} does not read it"
    provider = _provider(part)
    keys = [each.key for each in part.poll_schedules]
    if keys and provider not in keys:
        yield f"Poll stands below provider {keys[0]}, the account's is {provider or '(none)'}"
    yield from (note.message for note in part.notes)
