"""A device's days on a virtual clock: sessions by its schedule, the work between them, renewals.

Nothing waits: the clock is moved to the next moment at which the device does something. Like the
other legs it yields requests, so that a whole week passes through a proxy in seconds.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from mdmcore.http import Request, Response
from mdmcore.phone.background import next_work, work_on
from mdmcore.phone.device.dm_client import channel_renewal, open_channel
from mdmcore.phone.device.policies import needs_password, pin_length
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.management import sync
from mdmcore.phone.polling import contacted, next_contact, succeeded
from mdmcore.phone.refusal import Refusal
from mdmcore.phone.renewal import next_renewal, renew
from mdmcore.phone.settings import Random
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.timeline import EventKind, LifeEvent, changes

_CONNECTION_RETRIES = 3
"""CONNRETRYFREQ, how often a session that got no answer is tried again (w7, default)."""
_FIRST_WAIT = timedelta(seconds=16)
"""INITIALBACKOFFTIME; each wait is twice the one before (w7, default)."""
UNANSWERED = _FIRST_WAIT * (2**_CONNECTION_RETRIES - 1)
"""How long a contact takes that never gets an answer."""


class VirtualClock:
    """A clock that moves only when told, and never back."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move_to(self, time: datetime) -> None:
        """Let it be that time, if it is later."""
        self.now = max(self.now, time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a device has lived through, oldest event first, and what it is now."""

    phone: EnrolledPhone
    events: tuple[LifeEvent, ...]


class _Moment(IntEnum):
    """What comes first when several things are due at one time."""

    WORK = 0
    RENEWAL = 1
    CHANNEL = 2
    CONTACT = 3


def live(
    phone: EnrolledPhone,
    *,
    clock: VirtualClock,
    until: datetime,
    random: Random,
    keys: Keyring | None = None,
) -> Generator[Request, Response, Life]:
    """Live until that time, or until the device is wiped or leaves. Never a Refusal.

    Without ``keys`` the certificate is not renewed; keys that renewals make are put there.
    """
    return (yield from _Living(phone, clock, random, keys).run(until))


def refresh(
    phone: EnrolledPhone, *, clock: VirtualClock, random: Random, keys: Keyring | None = None
) -> Generator[Request, Response, Life]:
    """The user presses refresh: one session now, whatever the schedule says; ``keys`` as for
    ``sync``."""
    living = _Living(phone, clock, random, keys)
    yield from living.contact()
    return living.life()


class _Living:
    """One stretch of a life."""

    def __init__(
        self, phone: EnrolledPhone, clock: VirtualClock, random: Random, keys: Keyring | None
    ) -> None:
        self._phone = phone
        self._clock = clock
        self._random = random
        self._keys = keys
        self._renews = keys is not None
        self._events: list[LifeEvent] = []

    def life(self) -> Life:
        """What has been so far."""
        return Life(phone=self._phone, events=tuple(self._events))

    def run(self, until: datetime) -> Generator[Request, Response, Life]:
        """From moment to moment."""
        while not self._phone.is_unenrolled:
            due = self._next()
            if due is None or due[0] > until:
                break
            self._clock.move_to(due[0])
            match due[1]:
                case _Moment.WORK:
                    self._become(
                        (
                            yield from work_on(
                                self._phone, self._clock.now, keys=self._keys, random=self._random
                            )
                        )
                    )
                case _Moment.RENEWAL:
                    yield from self._renew()
                case _Moment.CHANNEL:
                    self._reopen_channel()
                    yield from self.contact()
                case _Moment.CONTACT:
                    self._count_contact()
                    yield from self.contact()
        self._clock.move_to(until)
        return self.life()

    def _next(self) -> tuple[datetime, _Moment] | None:
        phone, now = self._phone, self._clock.now
        contact = next_contact(
            phone.schedule, phone.device.polling, enrolled=phone.enrolled, now=now
        )
        moments = (
            (next_work(phone), _Moment.WORK),
            (self._renewal(), _Moment.RENEWAL),
            (channel_renewal(phone.device.push), _Moment.CHANNEL),
            (contact, _Moment.CONTACT),
        )
        return min(((max(at, now), what) for at, what in moments if at is not None), default=None)

    def _renewal(self) -> datetime | None:
        if not self._renews:
            return None
        if self._phone.device.is_renewing:
            return self._clock.now
        try:
            return next_renewal(self._phone)
        except Refusal:
            return None

    # --- sessions -------------------------------------------------------------------------------

    def contact(self) -> Generator[Request, Response, None]:
        """A session, tried again while no answer comes at all."""
        device = replace(self._phone.device, is_locked=False)  # the user has unlocked it meanwhile
        self._phone = replace(self._phone, device=device)
        wait = _FIRST_WAIT
        for attempt in range(_CONNECTION_RETRIES + 1):
            refusal = yield from self._session()
            if refusal is None or refusal.place != "url" or attempt == _CONNECTION_RETRIES:
                return
            self._clock.move_to(self._clock.now + wait)
            wait *= 2

    def _session(self) -> Generator[Request, Response, Refusal | None]:
        try:
            outcome = yield from sync(
                self._phone, random=self._random, clock=self._clock, keys=self._keys
            )
        except Refusal as error:
            self._become(error.phone or self._phone)
            self._note(EventKind.REFUSAL, str(error))
            return error
        codes = ", ".join(f"{done.name} {done.code}" for done in outcome.executed) or "no commands"
        broken = ", broken off by the server" if outcome.is_aborted else ""
        self._note(EventKind.SESSION, f"session {outcome.session_id}: {codes}{broken}")
        self._become(outcome.phone)
        is_good = outcome.is_client_authenticated and outcome.is_server_authenticated
        if is_good and not outcome.is_aborted and not self._phone.is_unenrolled:
            phone = self._phone
            polling = succeeded(phone.schedule, phone.device.polling)
            self._phone = replace(phone, device=replace(phone.device, polling=polling))
            self._set_pin()
        return None

    def _count_contact(self) -> None:
        phone = self._phone
        polling = contacted(phone.schedule, phone.device.polling, at=self._clock.now, is_good=False)
        self._phone = replace(phone, device=replace(phone.device, polling=polling))

    def _set_pin(self) -> None:
        """The user sets a PIN where the policies demand one."""
        device = self._phone.device
        if device.pin or not needs_password(device):
            return
        digits = (str(byte % 10) for byte in self._random(pin_length(device)))
        self._phone = replace(self._phone, device=replace(device, pin="".join(digits)))
        self._note(EventKind.PIN, "the user sets a PIN, as the policies demand")

    # --- what comes by itself -------------------------------------------------------------------

    def _renew(self) -> Generator[Request, Response, None]:
        phone, is_asked = self._phone, self._phone.device.is_renewing
        phone = replace(phone, device=replace(phone.device, is_renewing=False))
        self._phone = phone
        if self._keys is None:
            return
        try:
            renewed = yield from renew(
                phone, keys=self._keys, random=self._random, clock=self._clock, is_asked=is_asked
            )
        except Refusal as error:
            if error.phone is None:  # nothing was sent, and asking again would change nothing
                self._renews = False
            self._become(error.phone or phone)
            self._note(EventKind.REFUSAL, str(error))
            return
        self._become(renewed)
        self._note(EventKind.RENEWAL, "the certificate is renewed")

    def _reopen_channel(self) -> None:
        phone, push = self._phone, self._phone.device.push
        if push is None:
            return
        device_id = phone.settings.device_id
        opened = open_channel(push.pfn, device_id=device_id, now=self._clock.now)
        self._become(replace(phone, device=replace(phone.device, push=opened)))

    def _become(self, after: EnrolledPhone) -> None:
        for kind, text in changes(self._phone, after):
            self._note(kind, text)
        self._phone = after

    def _note(self, kind: EventKind, text: str) -> None:
        self._events.append(LifeEvent(at=self._clock.now, kind=kind, text=text))
