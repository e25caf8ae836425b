"""A function that answers requests, behind real TLS and HTTP/1.1 on loopback.

What it answers goes out as it is: headers are neither added nor corrected, but for a
Content-Length where there is none.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mdmcore.http import Headers, Request, Response
from tests.support.tls_server import server_certificate, server_context

type Answer = Callable[[Request], Response]


@contextmanager
def https_server(folder: Path, names: tuple[str, ...], answer: Answer) -> Iterator[int]:
    """The server's port; its certificate is of ``tls_server.lasting_authority``."""
    context = server_context((ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_3))
    context.load_cert_chain(server_certificate(folder, names))
    with serving(context, answer) as port:
        yield port


@contextmanager
def serving(context: ssl.SSLContext | None, answer: Answer) -> Iterator[int]:
    """The port of a server with that side of TLS, or without TLS."""
    lock = threading.Lock()
    scheme = "http" if context is None else "https"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(
                method=self.command,
                url=f"{scheme}://{self.headers['Host'].partition(':')[0]}{self.path}",
                headers=Headers(list(self.headers.items())),
                body=body,
            )
            with lock:
                response = answer(request)
            self.send_response_only(response.status)
            content = response.body or b""
            for name, value in response.headers:
                self.send_header(name, value)
            if "Content-Length" not in response.headers:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A handshake that a device breaks off is no error of ours."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
