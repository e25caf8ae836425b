"""The emulated server with mistakes switched on: right answers first, then the mistakes.

Which faults are on is asked before each answer, so that they can change while the server runs.
"""

from __future__ import annotations

import logging

from mdmcore.enrollment.soap import parse_envelope
from mdmcore.enrollment.token import parse_rst
from mdmcore.errors import MdmError
from mdmcore.http import Request, Response, TlsFacts
from mdmcore.namespaces import DISCOVERY_PATH, REQUEST_TYPE_RENEW
from mdmcore.server.app import MdmServer
from mdmcore.server.faults.active import ActiveFault, ActiveFaults
from mdmcore.server.faults.below import TransportFault, domain_of_hub_host, on_service_host
from mdmcore.server.faults.messages import message_of
from mdmcore.server.faults.model import Answered, Change, Fault, Step, Tools
from mdmcore.server.settings import (
    AUTHENTICATION_PATH,
    DM_PATH,
    ENROLLMENT_PATH,
    POLICY_PATH,
    SCEP_PATH,
    ServerSettings,
)
from mdmcore.xml import parse_strict

logger = logging.getLogger(__name__)

_STEPS = {
    AUTHENTICATION_PATH.lower(): Step.SIGN_IN,
    POLICY_PATH.lower(): Step.POLICY,
    DM_PATH.lower(): Step.MANAGE,
    SCEP_PATH.lower(): Step.SCEP,
}


class FaultyServer:
    """Answers as ``server`` does, and then makes the mistakes that are on."""

    def __init__(self, server: MdmServer, tools: Tools, active: ActiveFaults) -> None:
        self._server = server
        self._tools = tools
        self._active = active

    @property
    def settings(self) -> ServerSettings:
        """The settings of the server behind."""
        return self._server.settings

    def answers_for(self, host: str) -> bool:
        """Whether a connection to that host (any case, no port) is for this server."""
        if self._server.answers_for(host):
            return True
        # Devices that were sent there know the address for good.
        has_hub = self.settings.hub is not None
        return has_hub and domain_of_hub_host(host, self.settings) is not None

    def asks_client_certificate(self, host: str) -> bool:
        """Whether a connection to that host is to be asked for a client certificate."""
        return self._server.asks_client_certificate(host)

    def is_hub_request(self, request: Request) -> bool:
        """Whether the edge may stream the hub package itself: not while mistakes are made there."""
        if not self._server.is_hub_request(request):
            return False
        return not any(
            one.is_for(Step.HUB, None) and isinstance(one.fault, Fault)
            for one in self._active.now()
        )

    def below(self, host: str) -> tuple[ActiveFault, ...]:
        """The mistakes below HTTP that a connection to that host may need."""
        return tuple(
            one
            for one in self._active.now()
            if isinstance(one.fault, TransportFault) and one.is_on_host(host, self.settings)
        )

    def below_answer(self, request: Request) -> tuple[ActiveFault, ...]:
        """The mistakes that are to be made in the bytes of the answer to that request."""
        step = step_of(request, self._tools)
        found = () if step is None else self._faults_of(step, request)
        return tuple(
            one
            for one in found
            if isinstance(one.fault, TransportFault) and not one.is_for_connections
        )

    def made(self, active: ActiveFault) -> None:
        """A mistake below HTTP was made once more."""
        logger.info("fault %s made below HTTP", active.id)
        self._active.made(active)

    def answer(self, request: Request, tls: TlsFacts | None = None) -> Response:
        """The answer to one request, with its mistakes."""
        request = on_service_host(request, self.settings)
        step = step_of(request, self._tools)
        active = () if step is None else self._faults_of(step, request)
        seen = request
        for one in active:
            if isinstance(one.fault, Fault) and one.fault.prepare is not None:
                seen = one.fault.prepare(seen)
        response = self._server.answer(seen, tls)
        if step is Step.ENROLL:
            response = self._prepare_below(request, response)
        for one in active:
            if isinstance(one.fault, Fault):
                assert step is not None
                response = self._spoil(one, one.fault, step, request, response)
        return response

    def _prepare_below(self, request: Request, response: Response) -> Response:
        """The document as mistakes below HTTP need it; nothing of it is a mistake yet."""
        for one in self._active.now():
            fault = one.fault
            if isinstance(fault, TransportFault) and fault.change is not None:
                response = self._changed(fault.change, Step.ENROLL, request, response) or response
        return response

    def _faults_of(self, step: Step, request: Request) -> tuple[ActiveFault, ...]:
        """The faults that are on for that step and the device behind the request."""
        found = self._active.now()
        account = None
        if step is Step.MANAGE and any(one.account is not None for one in found):
            account = self._account_of(request)
        return tuple(one for one in found if one.is_for(step, account))

    def _account_of(self, request: Request) -> str | None:
        message = message_of(request)
        if message is None:
            return None
        accounts = self._tools.store.accounts_for(message.header.source, None)
        return accounts[0].name if accounts else None

    def _spoil(
        self, active: ActiveFault, fault: Fault, step: Step, request: Request, response: Response
    ) -> Response:
        if response.status >= 400 and not fault.is_for_failures:
            return response
        changed = self._changed(fault.change, step, request, response)
        if changed is None:
            return response
        logger.info("fault %s made in the answer of step %s", fault.id, step)
        self._active.made(active)
        return changed

    def _changed(
        self, change: Change, step: Step, request: Request, response: Response
    ) -> Response | None:
        return change(Answered(step=step, request=request, response=response, tools=self._tools))


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
