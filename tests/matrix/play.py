"""One life of a simulated phone against the emulated server, with faults on, watched by the
inspector. All in memory: fixed clock, counted randomness, fixed keys."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from mdmcore.http import Exchange, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.phone import (
    EnrolledPhone,
    HeldCertificate,
    Refusal,
    SessionOutcome,
    as_stranger,
    download_hub,
    enroll,
    next_renewal,
    renew,
    run,
    sync,
    unenroll,
    with_enrollment_agent,
    with_query,
    without_credentials,
)
from mdmcore.phone.refusal import Failure, NoAnswer
from mdmcore.records import QueuedJob, QueueState
from mdmcore.server.faults import ActiveFaults, FaultyServer, Tools, parse_fault
from mdmcore.server.unenrollment import UNENROLL
from mdmcore.syncml.fragment import serialize_commands
from mdmcore.syncml.model import Alert, AnyCommand
from tests.matrix.material import aetx, fixed_keys, hub
from tests.matrix.played import Played, Refused
from tests.phone.generations import phone_of
from tests.support.server import FixedClock, counted_random, make_authority, make_server

SESSIONS = 3
_JOBS = 20
USER = "user@example.test"


class Stage:
    """Plays a life, stage by stage. ``settings`` are the server's, ``phone`` the device's;
    ``faults`` are written as for ``emulate --fault``."""

    def __init__(
        self,
        folder: Path,
        profile: str,
        *faults: str,
        settings: Mapping[str, Any] | None = None,
        **phone: Any,
    ) -> None:
        self.clock = FixedClock()
        self.played = Played()
        random = counted_random("phone")
        server, self._store = make_server(
            folder, clock=self.clock, hub=hub(), profile=profile, **(settings or {})
        )
        tools = Tools(
            settings=server.settings,
            authority=make_authority(),
            store=self._store,
            clock=self.clock,
            random=counted_random("fault"),
        )
        active = ActiveFaults(map(parse_fault, faults))
        self._server = FaultyServer(server, tools, active)
        self._inspector = Inspector(profile=profile, aetx=aetx())
        self._answers_for = server.answers_for
        self.tools = tools
        self.settings = phone_of(profile, username=USER, email=USER, **phone)
        self.random: Callable[[int], bytes] = random
        self.keys = fixed_keys()
        self.phone: EnrolledPhone | None = None
        self.peer = "192.0.2.1"
        self.loses_answer: Callable[[Request], bool] | None = None
        """Says once whether the answer to a request gets lost, and is then forgotten."""
        self.asks_again: Callable[[Request], bool] | None = None
        """Says once whether the connection breaks before the answer is there, so that the device's
        HTTP sends the same request once more (CONNRETRYFREQ); it is then forgotten."""

    def knows(self, host: str) -> bool:
        """Whether the server answers for that host."""
        return self._answers_for(host)

    def ask(self, request: Request) -> Response:
        """The server's answer with its mistakes, watched by nobody."""
        return self._server.answer(request)

    def close(self) -> Played:
        """What it came to."""
        self._store.close()
        self.played.findings = self._inspector.findings()
        return self.played

    def answer(self, request: Request) -> Response:
        """The server's answer, watched."""
        number = len(self.played.exchanges) + 1
        response, error = None, None
        if self._answers_for(request.host):
            response = self._server.answer(request)
        else:
            error = "[Errno -2] Name or service not known"
        exchange = Exchange(
            id=f"matrix:{number}",
            capture="matrix",
            index=number,
            request=request,
            response=response,
            started=self.clock(),
            peer=self.peer,
            error=error,
        )
        self.played.exchanges.append(exchange)
        self._inspector.inspect(exchange)
        self.clock.advance(seconds=1)
        if response is None:
            raise NoAnswer(error or "")
        if self.loses_answer is not None and self.loses_answer(request):
            self.loses_answer = None
            raise NoAnswer("the answer got lost")
        if self.asks_again is not None and self.asks_again(request):
            self.asks_again = None
            self.clock.advance(seconds=30)
            return self.answer(request)
        return response

    def play[T](self, stage: str, steps: Generator[Request, Response, T]) -> T | None:
        """The result of a stage; ``None`` when the phone gave up in it, which is noted."""
        self.played.stages.append(stage)
        try:
            return run(steps, self.answer)
        except Refusal as refusal:
            self._note(stage, refusal)
            if refusal.phone is not None:
                self.phone = refusal.phone
            return None

    def _note(self, stage: str, refusal: Refusal) -> None:
        place = refusal.place
        last = self.played.exchanges[-1] if self.played.exchanges else None
        if last is not None and last.response is None and place in ("url", "header Location"):
            place = f"connection {Failure.NAME_UNRESOLVED}"
        elif place == "status" and last is not None and last.response is not None:
            place = f"status {last.response.status}"
        self.played.refused.append(Refused(stage=stage, refusal=refusal, place=place))

    def enroll(self) -> None:
        """The device enrols."""
        steps = enroll(self.settings, private_key=self.keys, random=self.random, clock=self.clock)
        self.phone = self.play("enroll", steps)

    def hub(self) -> None:
        """The hub, some minutes after the enrolment, where the document has one."""
        if self.phone is not None and self.phone.hub is not None:
            self.clock.advance(minutes=5)
            self.play("hub", download_hub(self.phone, 100_000, clock=self.clock))

    def session(self, stage: str = "session", *alerts: Alert) -> None:
        """One DM session, an hour after what was before, with these alerts in its first package."""
        if self.phone is None or self.phone.is_unenrolled:
            return
        self.clock.advance(hours=1)
        steps = sync(self.phone, random=self.random, clock=self.clock, alerts=alerts)
        outcome = self.play(stage, steps)
        if outcome is not None:
            self.phone = outcome.phone

    def ask_in_other_forms(self) -> None:
        """Sessions as a probe holds them to find gates."""
        for question in (with_query, with_enrollment_agent):
            self._ask(question)

    def ask_as_stranger(self) -> None:
        """A session that begins without credentials, and the same from an unknown device."""
        self._ask(without_credentials)
        if self.phone is not None:
            self.play("stranger", as_stranger(self.phone, random=self.random))

    def _ask(self, question: Callable[..., Generator[Request, Response, SessionOutcome]]) -> None:
        if self.phone is not None:
            steps = question(self.phone, random=self.random, clock=self.clock)
            outcome = self.play(question.__name__, steps)
            self.phone = self.phone if outcome is None else outcome.phone

    def sessions(self, count: int = SESSIONS) -> None:
        """Some sessions."""
        for number in range(1, count + 1):
            self.session(f"session {number}")

    def queue(self, *commands: AnyCommand) -> None:
        """A job for the device, sent in its next session."""
        (device,) = self._store.devices()
        self._store.queue_job(
            device.account, "send", self.clock(), commands=serialize_commands(commands)
        )

    def job_states(self) -> list[QueueState]:
        """Where the jobs of the device stand, the newest first."""
        (device,) = self._store.devices()
        return [job.state for job in self._store.jobs(device.account, 1000)]

    def renewal(self) -> None:
        """Renewal when its window opens, if the device ever asks; it stays there if it does not."""
        if self.phone is None or self.phone.is_unenrolled:
            return
        try:
            at = next_renewal(self.phone)
        except Refusal as refusal:
            self._note("renew", refusal)
            self._wait_for(self.phone.certificates)
            return
        if at is None:
            return
        self.clock.now = max(self.clock.now, at + timedelta(hours=1))
        renewed = self.play(
            "renew", renew(self.phone, keys=self.keys, random=self.random, clock=self.clock)
        )
        if renewed is not None:
            self.phone = replace(renewed)

    def _wait_for(self, certificates: Iterable[HeldCertificate]) -> None:
        """The time at which the last of these certificates would have been renewed."""
        ends = [each.certificate.not_after for each in certificates if not each.certificate.is_ca]
        if ends:
            self.clock.now = max(self.clock.now, max(ends) - timedelta(days=1))

    def leave(self) -> None:
        """The user leaves."""
        if self.phone is not None:
            self.play("leave", unenroll(self.phone, random=self.random, clock=self.clock))

    def tell_to_leave(self) -> None:
        """Somebody queues the job by which the server lets the device leave."""
        for device in self._store.devices():
            self._store.queue_job(device.account, UNENROLL, self.clock())

    def queued(self) -> list[QueuedJob]:
        """The newest jobs of each device, done or not."""
        return [
            job
            for device in self._store.devices()
            for job in self._store.jobs(device.account, _JOBS)
        ]

    def life(self) -> None:
        """Enrolment, the hub, three sessions, renewal, another session, leaving."""
        self.enroll()
        self.hub()
        self.sessions()
        self.renewal()
        self.session("session after renewal")
        self.leave()


def play(
    folder: Path,
    profile: str,
    *faults: str,
    life: Callable[[Stage], None] = Stage.life,
    **options: Any,
) -> Played:
    """A whole life with these faults."""
    stage = Stage(folder, profile, *faults, **options)
    try:
        life(stage)
    finally:
        played = stage.close()
    return played
