"""A loopback HTTP/1.1 server for the Company Hub package, so that its body can stream.

mitmproxy copies an answer made by an addon several times in memory; a body that comes from an
upstream streams through (mitmproxy.md 0a). The origin listens on 127.0.0.1 only, answers one
path that holds a random token, and reads the package in chunks.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from mdmcore.http import Headers
from mdmcore.server.hub import HubPackage, plan_download

logger = logging.getLogger(__name__)

_HOST = "127.0.0.1"
_MAX_HEAD_BYTES = 64 * 1024
_MAX_REQUEST_BODY = 64 * 1024
_CHUNK = 256 * 1024
_IDLE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    method: str
    path: str
    version: str
    headers: Headers

    @property
    def keeps_alive(self) -> bool:
        asked = (self.headers.get("Connection") or "").lower()
        if self.version == "HTTP/1.0":
            return "keep-alive" in asked
        return "close" not in asked


class _BadRequestError(Exception):
    """A request this server will not read on; the value is the status to answer with."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


class HubOrigin:
    """Serves one package at ``path`` of 127.0.0.1:``port`` from ``start`` until ``close``."""

    def __init__(self, package: HubPackage, *, token: str) -> None:
        self._package = package
        self.path = f"/{token}"
        self.host = _HOST
        self.port = 0
        self._server: asyncio.Server | None = None
        self._starting = asyncio.Lock()
        self._connections: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen on a free port; does nothing when it listens already. Raises OSError."""
        async with self._starting:
            if self._server is None:
                self._server = await asyncio.start_server(
                    self._serve, _HOST, 0, limit=_MAX_HEAD_BYTES
                )
                self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stop listening and cut what is open; from the loop's thread, at once."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._connections:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection stays open."""
        try:
            async with asyncio.timeout(_IDLE_S):
                head = await _read_head(reader)
        except _BadRequestError as error:
            await _refuse(writer, error.status, keep=False)
            return False
        if head is None:
            return False
        if not hmac.compare_digest(head.path.encode(), self.path.encode()):
            await _refuse(writer, 404, keep=head.keeps_alive)
            return head.keeps_alive
        return await self._send_package(head, writer)

    async def _send_package(self, head: _Head, writer: asyncio.StreamWriter) -> bool:
        package = self._package
        plan = plan_download(
            head.method,
            head.headers,
            size=package.size,
            etag=package.etag,
            media_type=package.media_type,
        )
        writer.write(_head_bytes(plan.status, plan.headers, keep=head.keeps_alive))
        sent = 0
        while sent < plan.length:
            size = min(_CHUNK, plan.length - sent)
            chunk = await asyncio.to_thread(package.read, plan.start + sent, size)
            if not chunk:
                logger.error("mdmproxy: the hub package became shorter while it was served")
                raise ConnectionAbortedError
            writer.write(chunk)
            sent += len(chunk)
            async with asyncio.timeout(_IDLE_S):
                await writer.drain()
        await writer.drain()
        return head.keeps_alive


async def _read_head(reader: asyncio.StreamReader) -> _Head | None:
    """Request line, headers, and a small body thrown away; ``None`` at a clean end."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise _BadRequestError(431) from None
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise _BadRequestError(400) from None
        return None
    first, *lines = raw[:-4].decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or parts[2] not in {"HTTP/1.0", "HTTP/1.1"}:
        raise _BadRequestError(400)
    headers = Headers(_fields(lines))
    await _skip_body(reader, headers)
    return _Head(method=parts[0], path=parts[1], version=parts[2], headers=headers)


def _fields(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise _BadRequestError(400)
        yield name, value.strip()


async def _skip_body(reader: asyncio.StreamReader, headers: Headers) -> None:
    length = headers.get("Content-Length", "0") or "0"
    if "Transfer-Encoding" in headers or not (length.isascii() and length.isdigit()):
        raise _BadRequestError(400)
    if len(length) > 9 or int(length) > _MAX_REQUEST_BODY:
        raise _BadRequestError(413)
    await reader.readexactly(int(length))


async def _refuse(writer: asyncio.StreamWriter, status: int, *, keep: bool) -> None:
    writer.write(_head_bytes(status, Headers([("Content-Length", "0")]), keep=keep))
    await writer.drain()


def _head_bytes(status: int, headers: Headers, *, keep: bool) -> bytes:
    fields = [*headers, ("Connection", "keep-alive" if keep else "close")]
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
