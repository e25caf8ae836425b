"""The steps of a probe, one after another: what each does, when it is left out, what it reached.

A step that the phone refuses ends the life, as it does on a device, unless the rest is wanted, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from types import MappingProxyType

from mdmcore.cli.life import LivePhone, Question, machine_clock
from mdmcore.cli.probe.choices import StepName
from mdmcore.cli.probe.watch import Watched
from mdmcore.phone.management import SessionOutcome
from mdmcore.phone.questions import with_enrollment_agent, with_query, without_credentials
from mdmcore.phone.refusal import Failure, NoAnswer, Refusal, Step
from mdmcore.phone.settings import Clock
from mdmcore.phone.state import EnrolledPhone
from mdmcore.report.explanation import Seen, explain
from mdmcore.report.probe import Outcome, ProbeStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The device's time, and whether somebody wants renewal before its window opens."""

    now: datetime
    renews_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    name: str
    title: str
    act: Callable[[LivePhone], str]
    """Does it; what was reached, in words."""
    group: StepName | None = None
    """What leaves it out."""
    obstacle: Callable[[EnrolledPhone, Conditions], str] = lambda _phone, _given: ""
    """Why a device like this has no such step now; empty where it has one."""
    needs: str = ""
    """The step without which it makes no sense."""
    ends_life: bool = True
    """Whether a device that gives up here does nothing more."""
    is_for_the_refused: bool = False
    """Whether it is taken, too, when the DM endpoint has turned the device away."""


_MISSING = MappingProxyType(
    {"renew": "as there is no new certificate", "session": "as there was no session"}
)
"""Why a step is left out that needs another one."""


class Walk:
    """Takes the steps of one life. ``pass_over`` makes the way to the server mind a failure of TLS
    no longer, and says whether that changes anything: a life that keeps going then takes the step
    again."""

    def __init__(
        self,
        live: LivePhone,
        watched: Watched,
        *,
        skip: Iterable[StepName] = (),
        keeps_going: bool = False,
        renews_now: bool = False,
        clock: Clock = machine_clock,
        on_enrolled: Callable[[EnrolledPhone], None] = lambda _phone: None,
        pass_over: Callable[[Failure], bool] = lambda _failure: False,
    ) -> None:
        self._pass_over = pass_over
        self._live = live
        self._watched = watched
        self._skip = frozenset(skip)
        self._keeps_going = keeps_going
        self._renews_now = renews_now
        self._clock = clock
        self._on_enrolled = on_enrolled
        self._done: set[str] = set()
        self._stopped_by = ""
        self._is_turned_away = False

    def steps(self, before: Callable[[str], None]) -> Iterator[ProbeStep]:
        """Take them; ``before`` is told the title of each that is taken."""
        for step in STEPS:
            reason = self._left_out(step)
            if reason:
                yield ProbeStep(
                    name=step.name, title=step.title, outcome=Outcome.SKIPPED, detail=reason
                )
                continue
            before(step.title)
            taken = self._take(step)
            again = step
            while self._goes_on_without(taken):
                yield taken
                again = _again(step, again, taken)
                before(again.title)
                taken = self._take(again)
            if taken.outcome is Outcome.DONE:
                self._done.add(step.name)
            elif self._live.phone is None or (step.ends_life and not self._keeps_going):
                self._stopped_by = step.title
            yield taken

    def _goes_on_without(self, taken: ProbeStep) -> bool:
        """Whether the step can be taken again without what TLS has failed for."""
        told = taken.explanation
        if told is None or not self._keeps_going:
            return False
        failed = (one for one in self._watched.seen if one.exchange == told.exchange)
        failure = next((one.failure for one in failed), None)
        return failure is not None and self._pass_over(failure)

    def _left_out(self, step: _Step) -> str:
        if step.group in self._skip:
            return "not asked for"
        if step.group is StepName.QUESTIONS and StepName.SESSION in self._skip:
            return "as they are sessions, which were not asked for"
        if self._stopped_by and not (step.is_for_the_refused and self._is_turned_away):
            return f"as the device stops at {self._stopped_by}"
        phone = self._live.phone
        if phone is None:
            return ""
        if phone.is_unenrolled:
            return "as the server has ended the enrolment"
        if step.needs and step.needs not in self._done:
            return _MISSING[step.needs]
        given = Conditions(now=self._clock(), renews_now=self._renews_now)
        return step.obstacle(phone, given)

    def _take(self, step: _Step) -> ProbeStep:
        begin, began = len(self._watched.seen), monotonic()
        refusal: Refusal | None = None
        detail = ""
        try:
            detail = step.act(self._live)
            if step.act is _enroll and self._live.phone is not None:
                self._on_enrolled(self._live.phone)
        except Refusal as error:
            refusal = error
        told = None
        if refusal is not None:
            self._is_turned_away |= _is_turned_away(refusal, self._watched.seen[-1:])
            profile = self._live.settings.profile
            told = explain(refusal, self._watched.seen, begin=begin, profile=profile)
        return ProbeStep(
            name=step.name,
            title=step.title,
            outcome=Outcome.DONE if refusal is None else Outcome.REFUSED,
            detail=detail if refusal is None else refusal.reason,
            exchanges=tuple(one.exchange for one in self._watched.seen[begin:]),
            seconds=monotonic() - began,
            explanation=told,
        )


def _is_turned_away(refusal: Refusal, last: Sequence[Seen]) -> bool:
    return refusal.step is Step.MANAGEMENT and any(
        one.status is not None and 400 <= one.status < 500 for one in last
    )


def _again(step: _Step, latest: _Step, refused: ProbeStep) -> _Step:
    """The step once more, called after the rule for which it was refused before."""
    number = int(latest.name.rpartition("-again-")[2] or 1) if "-again-" in latest.name else 1
    told = refused.explanation
    rule = "" if told is None or told.rule is None else told.rule.id
    return replace(
        step,
        name=f"{step.name}-again-{number + (latest is not step)}",
        title=f"{step.title}, again without minding {rule or 'that failure of TLS'}",
    )


def _enroll(live: LivePhone) -> str:
    phone = live.enroll()
    return f"{phone.auth_policy}; {_certificate(phone)}; sessions go to {phone.account.addr}"


def _session(live: LivePhone) -> str:
    outcome = live.sync()
    parts = [
        f"{outcome.messages} message{'s' if outcome.messages != 1 else ''}",
        f"{len(outcome.executed)} commands of the server",
        _authenticated(outcome),
    ]
    if outcome.is_aborted:
        parts.append("the server broke it off")
    if outcome.is_unenrolled:
        parts.append("the server ended the enrolment")
    return ", ".join(parts)


def _authenticated(outcome: SessionOutcome) -> str:
    match outcome.is_client_authenticated, outcome.is_server_authenticated:
        case True, True:
            return "both sides proved"
        case True, False:
            return "the server did not prove itself"
        case False, True:
            return "the device was not accepted"
        case _:
            return "no side proved"


def _hub(live: LivePhone) -> str:
    package = live.download_hub()
    return f"{package.total} bytes in {package.requests} requests, SHA-256 {package.sha256[:16]}..."


def _no_hub(phone: EnrolledPhone, _given: Conditions) -> str:
    if not phone.settings.device.reads_app_management:
        return f"as {phone.settings.device.title} has none"
    return "as the provisioning document offers none" if phone.hub is None else ""


def _renew(live: LivePhone) -> str:
    return _certificate(live.renew())


def _no_renewal(phone: EnrolledPhone, given: Conditions) -> str:
    if not phone.settings.device.renewal_ways(phone.auth_policy):
        return f"as {phone.settings.device.title} does not renew after {phone.auth_policy}"
    held = phone.mdm_certificate
    if given.renews_now or held is None:
        return ""
    opens = held.certificate.not_after - timedelta(days=phone.renewal.period_days)
    if given.now >= opens:
        return ""
    return f"as its window opens on {opens:%Y-%m-%d} (--renew-now asks all the same)"


def _unenroll(live: LivePhone) -> str:
    live.unenroll()
    if not live.settings.device.reports_unenrollment:
        return "this device tells no server"
    return "the server was told"


def _certificate(phone: EnrolledPhone) -> str:
    held = phone.mdm_certificate
    if held is None:
        return "no certificate with the device's key"
    certificate = held.certificate
    return f"{certificate.subject.rfc4514()} until {certificate.not_after:%Y-%m-%d}"


def _ask_in_other_forms(live: LivePhone) -> str:
    """A form that is refused is an answer, too."""
    return "; ".join(f"{name}: {_told(live, question)}" for name, question in _FORMS)


def _ask_as_stranger(live: LivePhone) -> str:
    """How a device that is known is asked for credentials, and how one that is not."""
    known = _told(live, without_credentials)
    try:
        stranger = f"HTTP {live.ask_as_stranger().status}"
    except NoAnswer as missing:
        stranger = missing.reason
    return f"the device: {known}; a stranger: {stranger}"


def _told(live: LivePhone, question: Question) -> str:
    try:
        live.ask(question)
    except Refusal as refusal:
        return refusal.reason
    return "taken"


_FORMS: tuple[tuple[str, Question], ...] = (
    ("with the query of Windows", with_query),
    ("with the User-Agent of the enrolment", with_enrollment_agent),
)


STEPS = (
    _Step(name="enroll", title="Enrolment", act=_enroll),
    _Step(name="session", title="First session", act=_session, group=StepName.SESSION),
    _Step(
        name="session-2",
        title="Second session, with the nonces of the first",
        act=_session,
        group=StepName.SESSION,
    ),
    _Step(
        name="forms",
        title="Sessions with another query and User-Agent",
        act=_ask_in_other_forms,
        group=StepName.QUESTIONS,
        ends_life=False,
        is_for_the_refused=True,
    ),
    _Step(
        name="stranger",
        title="A first message without credentials, and a stranger's",
        act=_ask_as_stranger,
        group=StepName.QUESTIONS,
        needs="session",
        ends_life=False,
    ),
    _Step(
        name="hub",
        title="Company Hub",
        act=_hub,
        group=StepName.HUB,
        obstacle=_no_hub,
        ends_life=False,
    ),
    _Step(
        name="renew",
        title="Renewal",
        act=_renew,
        group=StepName.RENEW,
        obstacle=_no_renewal,
        ends_life=False,
    ),
    _Step(
        name="session-3",
        title="Session with the new certificate",
        act=_session,
        group=StepName.SESSION,
        needs="renew",
    ),
    _Step(name="unenroll", title="Unenrolment", act=_unenroll, group=StepName.UNENROLL),
)
"""A whole life, in order. Without its hub, or with the old certificate, a device lives on."""
