"""An origin that sends given bytes as they are, and keeps what it was sent, byte for byte."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_TIMEOUT_S = 30.0
_NO_LINGER = struct.pack("ii", 1, 0)
_HANDSHAKE = b"\x16"
TLS_HELLO = b"TLS"
"""Stands for a path where the other side begins TLS; without an answer the connection is closed."""
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class RawOrigin:
    """``answers`` maps a path to the bytes of its answer; ``asked`` holds each request.

    It closes each connection after the answer; behind those of ``held`` it waits for the other side
    to do so, and those of ``reset`` it resets. ``rests`` holds, for a path, what is sent of the
    answer once an event is set.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.answers: dict[bytes, bytes] = {}
        self.asked: list[bytes] = []
        self.held: set[bytes] = set()
        self.reset: set[bytes] = set()
        self.rests: dict[bytes, tuple[threading.Event, bytes]] = {}
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
                    path = request.split(b" ", 2)[1] if request[:1] != _HANDSHAKE else TLS_HELLO
                    connection.sendall(self.answers[path])
                    if path in self.rests:
                        event, rest = self.rests[path]
                        event.wait(_TIMEOUT_S)
                        connection.sendall(rest)
                    if path in self.held:
                        connection.recv(1)
                    if path in self.reset:
                        # Closing with a linger time of 0 sends RST.
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
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
        if data[:1] == _HANDSHAKE:
            return data
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
