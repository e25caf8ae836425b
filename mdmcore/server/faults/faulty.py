"""The emulated server with mistakes switched on: right answers first, then the mistakes.

Which faults are on is asked before each answer, so that they can change while the server runs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mdmcore.enrollment.soap import parse_envelope
from mdmcore.enrollment.token import parse_rst
from mdmcore.errors import ConfigError, MdmError
from mdmcore.http import Request, Response, TlsFacts
from mdmcore.namespaces import DISCOVERY_PATH, REQUEST_TYPE_RENEW
from mdmcore.server.app import MdmServer
from mdmcore.server.faults.model import FAULTS, Answered, Fault, Step, Tools
from mdmcore.server.settings import (
    AUTHENTICATION_PATH,
    DM_PATH,
    ENROLLMENT_PATH,
    POLICY_PATH,
)
from mdmcore.xml import parse_strict

logger = logging.getLogger(__name__)

_STEPS = {
    AUTHENTICATION_PATH.lower(): Step.SIGN_IN,
    POLICY_PATH.lower(): Step.POLICY,
    DM_PATH.lower(): Step.MANAGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveFault:
    """A fault that is on; with ``step`` only there."""

    id: str
    step: Step | None = None

    @property
    def fault(self) -> Fault:
        """What it does; ConfigError when there is no such fault."""
        try:
            return FAULTS[self.id]
        except KeyError:
            raise ConfigError(f"no fault is called {self.id!r}") from None


class FaultyServer:
    """Answers as ``server`` does, and then makes the mistakes that ``active`` names."""

    def __init__(
        self, server: MdmServer, tools: Tools, active: Callable[[], Iterable[ActiveFault]]
    ) -> None:
        self._server = server
        self._tools = tools
        self._active = active

    def answer(self, request: Request, tls: TlsFacts | None = None) -> Response:
        """The answer to one request, with its mistakes."""
        step = step_of(request, self._tools)
        faults = () if step is None else tuple(self._faults_of(step))
        seen = request
        for fault in faults:
            seen = seen if fault.prepare is None else fault.prepare(seen)
        response = self._server.answer(seen, tls)
        for fault in faults:
            assert step is not None
            response = self._spoil(fault, step, request, response)
        return response

    def _faults_of(self, step: Step) -> Iterator[Fault]:
        """The faults that are on for that step."""
        for active in self._active():
            if active.step in (None, step) and step in active.fault.steps:
                yield active.fault

    def _spoil(self, fault: Fault, step: Step, request: Request, response: Response) -> Response:
        if response.status >= 400 and not fault.is_for_failures:
            return response
        answered = Answered(step=step, request=request, response=response, tools=self._tools)
        changed = fault.change(answered)
        if changed is None:
            return response
        logger.info("fault %s made in the answer of step %s", fault.id, step)
        return changed


def step_of(request: Request, tools: Tools) -> Step | None:
    """The step that a request belongs to; ``None`` for what is none of ours."""
    path = request.path.lower()
    if path == DISCOVERY_PATH.lower():
        return Step.PROBE if request.method == "GET" else Step.DISCOVER
    if path == ENROLLMENT_PATH.lower():
        return Step.RENEW if _is_renewal(request) else Step.ENROLL
    if tools.settings.is_hub_path(request.path):
        return Step.HUB
    return _STEPS.get(path)


def _is_renewal(request: Request) -> bool:
    try:
        token = parse_rst(parse_envelope(parse_strict(request.body or b"")), strict=False)
    except MdmError:
        return False
    return token.request_type == REQUEST_TYPE_RENEW
