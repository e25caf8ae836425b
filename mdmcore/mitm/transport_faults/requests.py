"""Reading HTTP/1.1 requests off a TLS stream, with mitmproxy's own parser of heads."""

from __future__ import annotations

from mitmproxy import http
from mitmproxy.net.http import http1

from mdmcore.mitm.transport_faults.tls_stream import TlsStream

_MAX_HEAD = 64 * 1024
_MAX_BODY = 16 * 1024 * 1024
_HEAD_END = b"\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class BadRequestError(Exception):
    """A request that is not read on; the value is the status to answer with."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


class RequestReader:
    """The requests of one connection to ``host``, one after the other."""

    def __init__(self, stream: TlsStream, host: str, port: int) -> None:
        self._stream = stream
        self._host = host
        self._port = port
        self._buffer = b""

    async def next(self) -> http.Request | None:
        """The next request, ``None`` at the end. Raises BadRequestError, SSL.Error, OSError."""
        while _HEAD_END not in self._buffer:
            if len(self._buffer) > _MAX_HEAD:
                raise BadRequestError(431)
            if not await self._more():
                return None
        head, _, self._buffer = self._buffer.partition(_HEAD_END)
        try:
            request = http1.read_request_head(head.lstrip(b"\r\n").split(b"\r\n"))
            size = http1.expected_http_body_size(request)
        except ValueError:
            raise BadRequestError(400) from None
        if size is None:
            raise BadRequestError(411)
        if size > _MAX_BODY:
            raise BadRequestError(413)
        if size and request.headers.get("Expect", "").lower() == "100-continue":
            await self._stream.write(_CONTINUE)
        while len(self._buffer) < size:
            if not await self._more():
                return None
        request.data.content, self._buffer = self._buffer[:size], self._buffer[size:]
        # Not by the properties: they would rewrite the Host header.
        request.data.scheme, request.data.host, request.data.port = b"https", self._host, self._port
        return request

    async def _more(self) -> bool:
        data = await self._stream.read()
        self._buffer += data
        return bool(data)
