"""One life of a simulated phone against the emulated server, with faults on, watched by the
inspector. All in memory: fixed clock, counted randomness, fixed keys."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from mdmcore.enrollment.aetx import Aetx, parse_aetx, serialize_aet, serialize_aetx
from mdmcore.http import Exchange, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.phone import (
    EnrolledPhone,
    Keyring,
    PhoneSettings,
    Refusal,
    download_hub,
    enroll,
    next_renewal,
    renew,
    run,
    sync,
    unenroll,
)
from mdmcore.phone.refusal import NoAnswer
from mdmcore.rules import Finding
from mdmcore.server import Hub
from mdmcore.server.faults import ActiveFault, ActiveFaults, FaultyServer, Tools
from tests.phone.generations import phone_of
from tests.support.keys import load_key
from tests.support.server import FixedClock, counted_random, make_authority, make_server

PACKAGE = bytes(range(256)) * 600
SESSIONS = 3
ENTERPRISE = "4000000001"
USER = "user@example.test"


class Package:
    """The hub's file."""

    size = len(PACKAGE)
    etag = '"1"'
    media_type = "application/x-silverlight-app"

    def read(self, start: int, length: int) -> bytes:
        return PACKAGE[start : start + length]


def aetx() -> Aetx:
    """The enterprise's file, which the inspector is given, too."""
    return parse_aetx(serialize_aetx(ENTERPRISE, serialize_aet(ENTERPRISE)))


def hub() -> Hub:
    """The hub that phones are told of."""
    return Hub(
        package=Package(),
        file_name="company.xap",
        product_id="{11111111-2222-3333-4444-555555555555}",
        enterprise_id=ENTERPRISE,
        enrollment_token=aetx().enrollment_token,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Where the phone gave up: in which stage of the life, at which step and place."""

    stage: str
    refusal: Refusal


@dataclass(slots=True, kw_only=True)
class Played:
    """What a life came to."""

    refused: list[Refused] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    exchanges: list[Exchange] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)

    def rules(self, *severities: str) -> set[str]:
        """The rules that spoke, of these severities if given."""
        return {
            found.rule
            for found in self.findings
            if not severities or found.severity.value in severities
        }


def _keys() -> Keyring:
    """Fixed keys: the device's first, another one for renewal."""
    names = itertools.cycle(("device", "device2"))

    def make(_bits: int) -> rsa.RSAPrivateKey:
        return load_key(next(names))

    return Keyring(make)


class Stage:
    """Plays a life, stage by stage."""

    def __init__(
        self, folder: Path, profile: str, *faults: str, settings: Any = None, **phone: Any
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
        active = ActiveFaults(ActiveFault(id=one) for one in faults)
        self._server = FaultyServer(server, tools, active)
        self._inspector = Inspector(profile=profile, aetx=aetx())
        self._answers_for = server.answers_for
        self._settings = phone_of(profile, username=USER, email=USER, **phone)
        self._random: Callable[[int], bytes] = random
        self._keys = _keys()
        self.phone: EnrolledPhone | None = None

    @property
    def settings(self) -> PhoneSettings:
        """What the phone is like."""
        return self._settings

    @property
    def keys(self) -> Keyring:
        """Its private keys."""
        return self._keys

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
            peer="192.0.2.1",
            error=error,
        )
        self.played.exchanges.append(exchange)
        self._inspector.inspect(exchange)
        self.clock.advance(seconds=1)
        if response is None:
            raise NoAnswer(error or "")
        return response

    def play[T](self, stage: str, steps: Generator[Request, Response, T]) -> T | None:
        """The result of a stage; ``None`` when the phone gave up in it, which is noted."""
        self.played.stages.append(stage)
        try:
            return run(steps, self.answer)
        except Refusal as refusal:
            self.played.refused.append(Refused(stage=stage, refusal=refusal))
            if refusal.phone is not None:
                self.phone = refusal.phone
            return None

    def life(self) -> Played:
        """Enrolment, three sessions, the hub, renewal, another session, leaving."""
        try:
            self.phone = self.play(
                "enroll",
                enroll(
                    self._settings, private_key=self._keys, random=self._random, clock=self.clock
                ),
            )
            for number in range(1, SESSIONS + 1):
                self.session(f"session {number}")
            if self.phone is not None and self.phone.hub is not None:
                self.play("hub", download_hub(self.phone, 100_000, clock=self.clock))
            self.renewal()
            self.session("session after renewal")
            if self.phone is not None:
                self.play("leave", unenroll(self.phone, random=self._random, clock=self.clock))
        finally:
            played = self.close()
        return played

    def session(self, stage: str) -> None:
        """One DM session, an hour after what was before."""
        if self.phone is None or self.phone.is_unenrolled:
            return
        self.clock.advance(hours=1)
        outcome = self.play(stage, sync(self.phone, random=self._random, clock=self.clock))
        if outcome is not None:
            self.phone = outcome.phone

    def renewal(self) -> None:
        """Renewal when its window opens, if the device ever asks."""
        if self.phone is None or self.phone.is_unenrolled:
            return
        at = None
        with suppress(Refusal):
            at = next_renewal(self.phone)
        if at is None:
            return
        self.clock.now = max(self.clock.now, at + timedelta(hours=1))
        renewed = self.play(
            "renew", renew(self.phone, keys=self._keys, random=self._random, clock=self.clock)
        )
        if renewed is not None:
            self.phone = replace(renewed)


def play(folder: Path, profile: str, *faults: str, **options: Any) -> Played:
    """A whole life with these faults."""
    return Stage(folder, profile, *faults, **options).life()
