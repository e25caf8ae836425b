"""A device that finds its servers by itself, but goes through a proxy: it asks for their address,
and names the host in TLS alone. All hosts are one port of loopback."""

from __future__ import annotations

import http.client
import socket
import ssl
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from mdmcore.http import Headers, Request, Response

_TIMEOUT_S = 50.0


class Tunnel:
    """Carries requests through the proxy to the port, over one connection for each host.

    ``count`` counts answers, ``status`` is that of the last one.
    """

    def __init__(self, *, proxy: int, port: int, context: ssl.SSLContext) -> None:
        self._proxy = proxy
        self._port = port
        self._context = context
        self._open: dict[str, http.client.HTTPConnection] = {}
        self.count = 0
        self.status = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def __call__(self, request: Request) -> Response:
        """The answer to one request; a connection that the server closes is opened anew."""
        parts = urlsplit(request.url)
        connection = self._open.get(request.host)
        if connection is None or connection.sock is None:
            connection = self._open[request.host] = self._connect(request.host)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.putrequest(request.method, path, skip_host=True, skip_accept_encoding=True)
        headers = list(request.headers)
        names = {name.lower() for name, _ in headers}
        if "host" not in names:
            headers.insert(0, ("Host", parts.netloc))
        if "content-length" not in names and (request.body or request.method == "POST"):
            headers.append(("Content-Length", str(len(request.body or b""))))
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders(request.body or None)
        answer = connection.getresponse()
        body = answer.read()
        self.count += 1
        self.status = answer.status
        return Response(status=answer.status, headers=Headers(answer.getheaders()), body=body)

    def _connect(self, host: str) -> http.client.HTTPConnection:
        plain = socket.create_connection(("127.0.0.1", self._proxy), timeout=_TIMEOUT_S)
        where = f"127.0.0.1:{self._port}"
        plain.sendall(f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            one = plain.recv(1)
            assert one, "the proxy closed the connection"
            head += one
        assert head.split(b" ", 2)[1] == b"200", head
        connection = http.client.HTTPConnection(host, timeout=_TIMEOUT_S)
        connection.auto_open = 0
        connection.sock = self._context.wrap_socket(plain, server_hostname=host)
        return connection
