"""An origin that sends given bytes as they are, and keeps what it was sent, byte for byte."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_TIMEOUT_S = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class RawOrigin:
    """``answers`` maps a path to the bytes of its answer; ``asked`` holds each request."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.answers: dict[bytes, bytes] = {}
        self.asked: list[bytes] = []
        self.port: int = listener.getsockname()[1]

    def serve(self) -> None:
        """One connection after the other, until the listener is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(_TIMEOUT_S)
                try:
                    request = read_request(connection)
                    self.asked.append(request)
                    connection.sendall(self.answers[request.split(b" ", 2)[1]])
                except (OSError, IndexError, KeyError):
                    continue


@contextmanager
def raw_origin() -> Iterator[RawOrigin]:
    """One on a free loopback port, in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = RawOrigin(listener)
        thread = threading.Thread(target=origin.serve, daemon=True)
        thread.start()
        try:
            yield origin
        finally:
            # Closing alone does not wake a thread that waits in accept.
            with socket.socket() as waker:
                listener.shutdown(socket.SHUT_RDWR)
                waker.close()
            thread.join(_TIMEOUT_S)


def read_request(connection: socket.socket) -> bytes:
    """A request with its head, and its body as long as announced or to the last chunk."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if length is not None:
        while len(body) < int(length[1]):
            body += _more(connection)
    elif b"\r\ntransfer-encoding: chunked" in head.lower():
        while not body.endswith(b"0\r\n\r\n"):
            body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise OSError("the connection ended in a request")
    return data


def exchange(port: int, request: bytes) -> bytes:
    """Everything that comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_S) as connection:
        connection.sendall(request)
        parts = []
        while data := connection.recv(65536):
            parts.append(data)
    return b"".join(parts)
