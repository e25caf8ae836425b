"""The life of a simulated phone over a transport, step by step: what demo and probe do alike.

Keys stay in the keyring; what the phone knows is ``phone``, moved on by each step, by a refused one
too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from datetime import UTC, datetime

from mdmcore.http import Request, Response
from mdmcore.phone.drive import run
from mdmcore.phone.enrollment import enroll
from mdmcore.phone.hub import HubDownload, download_hub
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.management import SessionOutcome, sync
from mdmcore.phone.questions import as_stranger
from mdmcore.phone.refusal import Refusal
from mdmcore.phone.renewal import renew
from mdmcore.phone.settings import Clock, PhoneSettings
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.unenrollment import unenroll
from mdmcore.pki.request import generate_key

type Question = Callable[..., Generator[Request, Response, SessionOutcome]]
"""One of ``mdmcore.phone.questions`` that is a session."""

HUB_RANGE_BYTES = 64 * 1024
"""What is asked for at once of a hub package."""


def machine_clock() -> datetime:
    """This computer's time."""
    return datetime.now(UTC)


class LivePhone:
    """A phone and its transport. Every step raises Refusal when the phone gives up in it."""

    def __init__(
        self,
        settings: PhoneSettings,
        answer: Callable[[Request], Response],
        *,
        keys: Keyring | None = None,
        clock: Clock = machine_clock,
    ) -> None:
        self.settings = settings
        self.phone: EnrolledPhone | None = None
        self.keys = Keyring(generate_key) if keys is None else keys
        self._answer = answer
        self._clock = clock

    def enroll(self) -> EnrolledPhone:
        """From the e-mail address to the applied document."""
        steps = enroll(self.settings, private_key=self.keys, random=os.urandom, clock=self._clock)
        self.phone = self._run(steps)
        return self.phone

    def sync(self) -> SessionOutcome:
        """One DM session."""
        steps = sync(self._enrolled, random=os.urandom, clock=self._clock, keys=self.keys)
        outcome = self._run(steps)
        self.phone = outcome.phone
        return outcome

    def ask(self, question: Question) -> SessionOutcome:
        """A session in another form."""
        steps = question(self._enrolled, random=os.urandom, clock=self._clock, keys=self.keys)
        outcome = self._run(steps)
        self.phone = outcome.phone
        return outcome

    def ask_as_stranger(self) -> Response:
        """The answer to a device that no server knows."""
        return self._run(as_stranger(self._enrolled, random=os.urandom))

    def download_hub(self) -> HubDownload:
        """The Company Hub, in ranges."""
        return self._run(download_hub(self._enrolled, HUB_RANGE_BYTES, clock=self._clock))

    def renew(self) -> EnrolledPhone:
        """Renewal now, whether or not its window is open."""
        steps = renew(
            self._enrolled, keys=self.keys, random=os.urandom, clock=self._clock, is_asked=True
        )
        self.phone = self._run(steps)
        return self.phone

    def unenroll(self) -> None:
        """The user leaves."""
        steps = unenroll(self._enrolled, random=os.urandom, clock=self._clock, keys=self.keys)
        self.phone = self._run(steps)

    @property
    def _enrolled(self) -> EnrolledPhone:
        assert self.phone is not None, "nothing comes before enrolment"
        return self.phone

    def _run[T](self, steps: Generator[Request, Response, T]) -> T:
        try:
            return run(steps, self._answer)
        except Refusal as refusal:
            if refusal.phone is not None:
                self.phone = refusal.phone
            raise
