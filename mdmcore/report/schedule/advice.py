"""How a schedule ends, in words, and what the user must then do (session.md 6, blog T33 to T37)."""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.phone.polling import Silence
from mdmcore.phone.timetable import End, EndKind
from mdmcore.profiles import PROFILES, PollScheme
from mdmcore.report.schedule.plan import Plan
from mdmcore.report.schedule.spans import moment, span

_REFRESH = "press refresh on the account's page: company apps in the settings, workplace on 8.1"
_AGAIN = (
    "correct the document, then let the user delete the company account and add it again: the "
    "device takes a schedule of the registry at enrolment and renewal only"
)
_WHY = {
    Silence.NO_SET: "no set of the schedule has an interval above zero",
    Silence.NO_SESSION: (
        "the first sets are used up and no session was good; the long run begins only after a "
        "good one"
    ),
    Silence.WINDOW_MISSED: (
        "the device's clock is past the time in which the first sets would have been used up, "
        "and no session was good"
    ),
    Silence.USED_UP: "all sets are used up and none goes on for ever",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """``result`` is one line in capitals and a time, ``why`` its reason, ``user`` what to do."""

    result: str
    why: str
    user: str


def advice_of(plan: Plan) -> Advice:
    """What is to say about the end."""
    end = plan.timetable.end
    if plan.schedule is None:
        return Advice(
            result="CANNOT BE CONFIGURED: the enrolment may fail, there is no contact",
            why=plan.refusal,
            user="nothing helps but other values: correct the document and enrol again",
        )
    match end.kind:
        case EndKind.NEVER_BEGINS:
            return _never(end)
        case EndKind.GIVES_UP:
            return _gives_up(plan, end)
        case EndKind.GOES_ON:
            return _goes_on(plan, end)


def _never(end: End) -> Advice:
    why = "a first set of 0 in the registry: the device does not even begin"
    return Advice(
        result="NEVER CONTACTS THE SERVER",
        why=why if end.silence is None else _WHY[end.silence],
        user=f"{_AGAIN}; whether a refresh by hand helps is unconfirmed",
    )


def _gives_up(plan: Plan, end: End) -> Advice:
    assert end.silence is not None
    after = span(end.at - plan.course.enrolled)
    if end.following is not None:
        then = f"after a good session the long run begins, next at {moment(end.following)}"
    else:
        then = "each refresh is one session, none follows by itself"
        then += f". For contacts by itself {_remedy(plan)}"
    why = _WHY[end.silence]
    if end.silence is Silence.USED_UP and plan.schedule and plan.schedule.remaining.is_off:
        why = "a session was good and there is no long run that would follow it"
    return Advice(
        result=f"GIVES UP at {moment(end.at)}, {after} after enrolment",
        why=why,
        user=f"{_REFRESH}; {then}",
    )


def _goes_on(plan: Plan, end: End) -> Advice:
    last = plan.timetable.stretches[-1] if plan.timetable.stretches else None
    following = f", next contact {moment(end.following)}" if end.following is not None else ""
    where = f"{last.first.set}" if last is not None else "the first contact is still to come"
    why = f"at that time: {where}{following}"
    if plan.later is not None and plan.later.silence is not None:
        why += (
            f". It gives up later, at {moment(plan.later.at)}: {_WHY[plan.later.silence]}; "
            "then the user must press refresh"
        )
    until = moment(plan.course.until)
    if last is not None and not last.first.is_good:
        return Advice(
            result=f"GOES ON TRYING beyond {until}, without a session so far",
            why=why,
            user="nothing; a refresh by hand is one more try",
        )
    return Advice(
        result=f"GOES ON beyond {until}",
        why=why,
        user="nothing; a refresh by hand only adds a session",
    )


def _remedy(plan: Plan) -> str:
    """What gives a device another schedule."""
    is_registry = plan.schedule is not None and plan.schedule.scheme is PollScheme.REGISTRY
    over_dm = "write one into DMClient's Poll in such a session"
    if not is_registry:
        return over_dm
    reads_poll = PollScheme.DM_CLIENT in PROFILES[plan.profile].poll_schemes
    return f"{over_dm}, Add of the Poll node first, or {_AGAIN}" if reads_poll else _AGAIN
