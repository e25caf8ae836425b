"""Lives in memory and how they are seen, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from mdmcore.http import Exchange, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.phone import EnrolledPhone, run
from mdmcore.phone.life import VirtualClock, live, refresh
from mdmcore.report import Row
from mdmcore.report.schedule import Sightings
from mdmcore.report.schedule.sightings import Sighted
from tests.matrix.play import Stage


def sightings_of(exchanges: Iterable[Exchange], profile: str) -> tuple[Sightings, Inspector]:
    """What an inspector makes of these exchanges."""
    inspector, sightings = Inspector(profile), Sightings()
    for exchange in exchanges:
        sightings.take(Row(exchange=exchange, inspection=inspector.inspect(exchange)))
    return sightings, inspector


def sighted(exchanges: Iterable[Exchange], profile: str) -> Sighted:
    """The one life of these exchanges."""
    sightings, inspector = sightings_of(exchanges, profile)
    (life,) = inspector.lives()
    return sightings.of(life)


class Days:
    """A device that enrols with the emulated server and lives by its schedule on virtual time."""

    def __init__(self, folder: Path, profile: str, *faults: str) -> None:
        self.profile = profile
        self.stage = Stage(folder, profile, *faults)
        self.stage.enroll()
        assert self.stage.phone is not None
        self.enrolled = self.stage.played.exchanges[-1].started or self.stage.clock.now
        self.clock = VirtualClock(self.stage.clock.now)

    @property
    def exchanges(self) -> list[Exchange]:
        """All that was said."""
        return self.stage.played.exchanges

    def until(self, time: datetime) -> None:
        """Live on."""
        phone = self._phone
        self.stage.phone = run(
            live(phone, clock=self.clock, until=time, random=self.stage.random), self._answer
        ).phone

    def refresh(self, time: datetime) -> None:
        """The user presses refresh at that time."""
        self.clock.move_to(time)
        phone = self._phone
        self.stage.phone = run(
            refresh(phone, clock=self.clock, random=self.stage.random), self._answer
        ).phone

    def leave(self) -> None:
        """The user leaves."""
        self.stage.clock.now = self.clock.now
        self.stage.leave()

    @property
    def _phone(self) -> EnrolledPhone:
        assert self.stage.phone is not None
        return self.stage.phone

    def _answer(self, request: Request) -> Response:
        self.stage.clock.now = self.clock.now
        return self.stage.answer(request)
