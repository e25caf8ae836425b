"""Watching a phone's exchanges: each is inspected as it happens, by the inspector of captures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from mdmcore.http import Exchange, Request, Response, TlsFacts
from mdmcore.inspector import Inspector
from mdmcore.phone.refusal import NoAnswer
from mdmcore.phone.settings import Clock
from mdmcore.report import Row
from mdmcore.report.explanation import Seen


class Carrier(Protocol):
    """What carries requests: ``cli.transport.HttpTransport``, or a server in memory."""

    tls: TlsFacts | None
    """What the handshake of the latest exchange showed."""

    def __call__(self, request: Request) -> Response:
        """The answer; NoAnswer when none comes."""
        ...


class Watched:
    """Carries requests, and keeps of each exchange what explains a refusal."""

    def __init__(
        self,
        carry: Carrier,
        *,
        name: str,
        inspector: Inspector,
        clock: Clock,
        on_row: Callable[[Row], None],
    ) -> None:
        self.seen: list[Seen] = []
        self._carry = carry
        self._name = name
        self._inspector = inspector
        self._clock = clock
        self._on_row = on_row

    def __call__(self, request: Request) -> Response:
        """The answer to one request."""
        started = self._clock()
        try:
            response = self._carry(request)
        except NoAnswer as missing:
            self._note(request, None, started=started, missing=missing)
            raise
        self._note(request, response, started=started)
        return response

    def _note(
        self,
        request: Request,
        response: Response | None,
        *,
        started: datetime,
        missing: NoAnswer | None = None,
    ) -> None:
        number = len(self.seen) + 1
        exchange = Exchange(
            id=f"{self._name}:{number}",
            index=number,
            capture=self._name,
            request=request,
            response=response,
            started=started,
            ended=self._clock(),
            tls=self._carry.tls,
            error=None if missing is None else missing.reason,
        )
        inspection = self._inspector.inspect(exchange)
        self.seen.append(
            Seen(
                exchange=exchange.id,
                status=None if response is None else response.status,
                findings=inspection.findings,
                failure=None if missing is None else missing.failure,
                words="" if missing is None else missing.reason,
            )
        )
        self._on_row(Row(exchange=exchange, inspection=inspection))
