"""An origin whose answers are made while they are sent: larger than memory, paused, or cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from tests.support.raw_origin import read_request

TIMEOUT_S = 60.0

type Pour = Callable[[], Iterable[bytes]]
"""Makes the bytes of an answer, its head first; afterwards the connection is closed."""


class PouringOrigin:
    """``answers`` maps a path to what pours its answer."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.answers: dict[bytes, Pour] = {}
        self.port: int = listener.getsockname()[1]

    @property
    def url(self) -> str:
        """Its address as a URL without path."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        """One connection after the other, until the listener is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):  # who asked may leave
                connection.settimeout(TIMEOUT_S)
                path = read_request(connection).split(b" ", 2)[1]
                for data in self.answers[path]():
                    connection.sendall(data)


@contextmanager
def pouring_origin() -> Iterator[PouringOrigin]:
    """One on a free loopback port, in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = PouringOrigin(listener)
        thread = threading.Thread(target=origin.serve, daemon=True)
        thread.start()
        try:
            yield origin
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(TIMEOUT_S)


def head(status: str, **fields: str) -> bytes:
    """The head of an answer; underscores in names stand for hyphens."""
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode()


@contextmanager
def asking(port: int, path: str, **fields: str) -> Iterator[socket.socket]:
    """A connection on which a GET was sent."""
    lines = [f"GET {path} HTTP/1.1", "Host: hub.example.test", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        yield connection


def receive(connection: socket.socket, length: int | None = None) -> bytes:
    """That many bytes or more, or all until the other side closes."""
    parts, count = [], 0
    while length is None or count < length:
        data = connection.recv(65536)
        if not data:
            assert length is None, f"closed after {count} bytes"
            break
        parts.append(data)
        count += len(data)
    return b"".join(parts)
