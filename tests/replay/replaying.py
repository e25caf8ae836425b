"""Lives of the emulated server, replayed with it as the device, or to the phone as the server.

All in memory. The captured life and the replay have nothing in common: keys, nonces and times are
their own. When the second key is made, for the renewal, the clock goes to the captured time of it,
since the server has its window.
"""

from __future__ import annotations

import functools
import itertools
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mdmcore.enrollment.provisioning_model import ApplicationParms
from mdmcore.http import Exchange, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.phone import Keyring, run
from mdmcore.replay import (
    Replayed,
    ReplayServer,
    Tools,
    User,
    compare_answers,
    replay,
)
from mdmcore.report.diff import DiffDocument, GatheredLife, gather
from mdmcore.server.settings import ProvisioningSettings
from tests.matrix.material import aetx
from tests.matrix.play import Stage
from tests.matrix.played import Played
from tests.matrix.variations import USUAL, VARIATIONS, Variation
from tests.report.diff.lives import exchanges_of
from tests.support.keys import load_key
from tests.support.server import counted_random

TO = "https://enterpriseenrollment.example.test"
WBXML = "application/vnd.syncml.dm+wbxml"
DAY = timedelta(days=1)


def in_wbxml() -> dict[str, Any]:
    """Settings of a server that orders WBXML."""
    return {
        "provisioning": ProvisioningSettings(application=ApplicationParms(default_encoding=WBXML))
    }


def captured(exchanges: Iterable[Exchange], name: str = "capture") -> GatheredLife:
    """The life of that capture, the longest where there are several."""
    lives = gather(exchanges, Inspector(aetx=aetx()), name)
    return max(lives, key=lambda one: len(one.steps))


@functools.cache
def recorded(profile: str, *faults: str, policies: tuple[str, ...] = ()) -> GatheredLife:
    """The recorded life of a device of that profile."""
    return captured(exchanges_of(profile, *faults, policies=policies))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came of a replay as device."""

    diff: DiffDocument
    replayed: Replayed

    @property
    def places(self) -> list[tuple[str, str]]:
        """Step and place of each difference, but for what was found and how it ended."""
        return [
            (one.step, one.what)
            for one in self.diff.differences
            if one.step not in ("findings", "outcome")
        ]

    @property
    def found(self) -> set[str]:
        """The rules that speak on one side alone."""
        return {one.what for one in self.diff.differences if one.step == "findings"}


def as_device(
    life: GatheredLife,
    profile: str,
    *faults: str,
    settings: dict[str, Any] | None = None,
    to: str = TO,
    user: User | None = None,
    wrap: Callable[[Callable[[Request], Response]], Callable[[Request], Response]] | None = None,
) -> Compared:
    """The life replayed with an emulated server that makes these mistakes."""
    variation = VARIATIONS.get(faults[0], USUAL) if faults else USUAL
    renewals = [
        one.exchange.started
        for one in life.scenes
        if b"/Renew<" in (one.exchange.request.body or b"")
    ]
    with tempfile.TemporaryDirectory() as folder:
        own = {"seed": "under test", **variation.settings, **(settings or {})}
        stage = Stage(Path(folder), profile, *faults, settings=own)
        stage.clock.advance(days=1)
        names = iter(("device2", "authority"))

        def make(bits: int) -> RSAPrivateKey:
            name = next(names)
            if name == "authority" and renewals and renewals[0] is not None:
                stage.clock.now = max(stage.clock.now, renewals[0] + DAY)
            return load_key("short" if bits < 2048 else name)

        keys = Keyring(make)
        steps = replay(
            life,
            to=to,
            name="under test",
            tools=Tools(keys=keys, clock=stage.clock, random=counted_random("replay"), user=user),
            inspector=Inspector(aetx=aetx()),
        )
        try:
            done = run(steps, wrap(stage.answer) if wrap is not None else stage.answer)
        finally:
            stage.close()
    new = captured(done.exchanges, "under test")
    return Compared(diff=compare_answers(life, new, done), replayed=done)


class Served(Stage):
    """A phone's life with a replayed server; ``told`` are the lines for the log."""

    def __init__(self, folder: Path, profile: str, life: GatheredLife, **phone: Any) -> None:
        super().__init__(folder, profile, **phone)
        self.told: list[str] = []
        names = itertools.cycle(("enterprise", "device"))
        self._replay = ReplayServer(
            life,
            keys=lambda _bits: load_key(next(names)),
            clock=self.clock,
            random=counted_random("served"),
            tell=self.told.append,
        )
        user = "other@example.test"
        self.settings = replace(self.settings, email=user, username=user)
        self.random = counted_random("other phone")
        self.keys = Keyring(lambda bits: load_key("short" if bits < 2048 else "device2"))
        self.clock.advance(days=5)

    def knows(self, host: str) -> bool:
        """Whether the replayed server answers for that host."""
        return self._replay.answers_for(host)

    def answer(self, request: Request) -> Response:
        """The replayed answer, watched."""
        number = len(self.played.exchanges) + 1
        response = self._replay.answer(request, self.peer)
        exchange = Exchange(
            id=f"served:{number}",
            capture="served",
            index=number,
            request=request,
            response=response,
            started=self.clock(),
            peer=self.peer,
        )
        self.played.exchanges.append(exchange)
        self._inspector.inspect(exchange)
        self.clock.advance(seconds=1)
        return response


def short_life(stage: Stage) -> None:
    """Enrolment, the hub, and three sessions."""
    stage.enroll()
    stage.hub()
    stage.sessions()


def served(
    life: GatheredLife,
    profile: str,
    *,
    live: Callable[[Stage], None] = short_life,
    variation: Variation = USUAL,
) -> tuple[Played, list[str]]:
    """What a phone lives through with a replayed server, and the log."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Served(Path(folder), profile, life, settings=variation.settings, **variation.phone)
        live(stage)
        return stage.close(), stage.told
