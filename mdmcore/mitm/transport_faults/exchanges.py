"""The requests of a connection that ends at the listener, as flows like any other, and its answers.

mitmproxy's events are raised here as it would raise them, so that the answer comes from the same
addon, and what passed is inspected and recorded. Only then the bytes are spoilt.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from mitmproxy import certs, connection, http
from mitmproxy import flow as mitmproxy_flow
from mitmproxy.net.http import http1
from mitmproxy.proxy.layers.http._hooks import (
    HttpErrorHook,
    HttpRequestHeadersHook,
    HttpRequestHook,
    HttpResponseHeadersHook,
    HttpResponseHook,
)

from mdmcore.mitm.convert import apply_response, request_from
from mdmcore.mitm.direct import misdirected
from mdmcore.mitm.transport_faults.passing import Passing
from mdmcore.mitm.transport_faults.requests import BadRequestError, RequestReader
from mdmcore.mitm.transport_faults.spoilt_bytes import Written, spoil, written
from mdmcore.mitm.transport_faults.tls_stream import TlsStream
from mdmcore.server.faults import ActiveFault, FaultyServer

_SLOW_S = 120.0
_BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One connection whose handshake is done, and the chain that the listener showed in it."""

    stream: TlsStream
    passing: Passing
    chain: Sequence[x509.Certificate]
    reset: Callable[[], None]
    """Reset the device's connection."""


class Exchanges:
    """Serves one connection. ``flows`` gets each flow before its first event."""

    def __init__(
        self, line: Line, *, server: FaultyServer, addons: Any, flows: Callable[[Any], None]
    ) -> None:
        self._line = line
        self._server = server
        self._addons = addons
        self._flows = flows
        host, port = line.passing.host, line.passing.port
        self._upstream = connection.Server(
            address=(host, port),
            sni=host,
            tls=True,
            certificate_list=[certs.Cert(one) for one in line.chain],
        )

    async def serve(self) -> None:
        """Answer until one side ends the connection. Raises SSL.Error and OSError."""
        passing = self._line.passing
        reader = RequestReader(self._line.stream, passing.host, passing.port)
        try:
            while (request := await reader.next()) is not None:
                if not await self._exchange(request):
                    break
        except BadRequestError as error:
            await self._line.stream.write(b"HTTP/1.1 %d Bad Request\r\n\r\n" % error.status)
        await self._line.stream.end()

    async def _exchange(self, request: http.Request) -> bool:
        """One request and its answer; whether the connection stays open."""
        flow = http.HTTPFlow(self._line.passing.client, self._upstream, live=True)
        flow.request = request
        request.timestamp_end = time.time()
        self._flows(flow)
        await self._tell(HttpRequestHeadersHook(flow))
        await self._tell(HttpRequestHook(flow))
        if flow.error is not None:
            return False
        if flow.response is None:
            apply_response(flow, misdirected(request.host))
        response = flow.response
        assert response is not None
        await self._tell(HttpResponseHeadersHook(flow))
        has_no_body = request.method == "HEAD" or response.status_code in _BODILESS
        body = b"" if has_no_body else response.raw_content or b""
        answer = written(body)
        made: tuple[ActiveFault, ...] = ()
        if not has_no_body and response.status_code < 400:
            answer, made = self._spoilt(flow, answer)
            if made:
                response.headers.pop("Transfer-Encoding", None)
                response.headers["Content-Length"] = str(answer.length)
                response.raw_content = answer.body
        if answer.waits and await self._device_leaves():
            await self._fail(flow, "the device left before the answer came")
            await self._made(made)
            return False
        if answer.error:
            response.raw_content = None
            await self._fail(flow, answer.error)
        else:
            response.timestamp_end = time.time()
            await self._tell(HttpResponseHook(flow))
        await self._made(made)
        sent = b"".join(http1.assemble_body(response.headers, [answer.body], None))
        await self._line.stream.write(http1.assemble_response_head(response) + sent)
        if answer.resets:
            self._line.reset()
        asked = f"{request.headers.get('Connection', '')},{response.headers.get('Connection', '')}"
        return not (answer.closes or answer.resets or "close" in asked.lower())

    def _spoilt(
        self, flow: http.HTTPFlow, answer: Written
    ) -> tuple[Written, tuple[ActiveFault, ...]]:
        made: list[ActiveFault] = []
        for one in self._server.below_answer(request_from(flow, self._line.passing.host)):
            changed = spoil(one.id, answer)
            if changed is not None:
                answer = changed
                made.append(one)
        return answer, tuple(made)

    async def _made(self, made: Sequence[ActiveFault]) -> None:
        for one in made:
            await asyncio.to_thread(self._server.made, one)

    async def _device_leaves(self) -> bool:
        """Whether the device is gone before the time is over."""
        try:
            async with asyncio.timeout(_SLOW_S):
                await self._line.stream.left()
        except TimeoutError:
            return False
        return True

    async def _fail(self, flow: http.HTTPFlow, text: str) -> None:
        flow.error = mitmproxy_flow.Error(text)
        await self._tell(HttpErrorHook(flow))

    async def _tell(self, event: Any) -> None:
        await self._addons.handle_lifecycle(event)
