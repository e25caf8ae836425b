"""Probing the emulated server in memory, with mistakes switched on."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mdmcore.cli.probe.plan import Plan, Way
from mdmcore.cli.probe.run import Audience, probe_over
from mdmcore.http import Request, Response, TlsFacts
from mdmcore.phone import Failure, NoAnswer
from mdmcore.report.probe import ProbeRun, ProbeStep
from tests.matrix.play import Stage


class MemoryCarrier:
    """Carries requests to a stage's server, without a network."""

    tls: TlsFacts | None = None

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __call__(self, request: Request) -> Response:
        """The server's answer; hosts it does not answer for have no address."""
        if not self._stage.knows(request.host):
            raise NoAnswer(
                f"the name {request.host} has no address", failure=Failure.NAME_UNRESOLVED
            )
        self._stage.clock.advance(seconds=1)
        return self._stage.ask(request)


def probe_in_memory(
    profile: str,
    *faults: str,
    audience: Audience | None = None,
    phone: dict[str, Any] | None = None,
    wrap: Callable[[MemoryCarrier], Any] = lambda carrier: carrier,
    **plan: Any,
) -> ProbeRun:
    """One life; ``phone`` are settings of it, ``plan`` those of the plan."""
    with tempfile.TemporaryDirectory(prefix="mdmproxy-test-") as folder:
        stage = Stage(Path(folder), profile, *faults, **(phone or {}))
        asked = Plan(name="probe", settings=stage.settings, way=Way(), clock=stage.clock, **plan)
        try:
            return probe_over(
                wrap(MemoryCarrier(stage)), asked, audience or Audience(), keys=stage.keys
            )
        finally:
            stage.close()


def step(run: ProbeRun, name: str) -> ProbeStep:
    """The step of that name."""
    return next(one for one in run.steps if one.name == name)
