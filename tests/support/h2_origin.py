"""An HTTP/2 server on loopback that answers well or wrongly, by the query of what is asked."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import RequestReceived
from h2.exceptions import ProtocolError

from tests.support.tls_server import HOST, server_certificate

type Answer = Callable[[H2Connection, int], bytes]

_HEAD = [(":status", "200"), ("content-type", "text/html")]


def _right(connection: H2Connection, stream: int) -> bytes:
    connection.send_headers(stream, _HEAD, end_stream=True)
    return b""


def _trailers(connection: H2Connection, stream: int) -> bytes:
    connection.send_headers(stream, _HEAD)
    connection.send_data(stream, b"hello")
    connection.send_headers(stream, [("x-t", "1")], end_stream=True)
    return b""


def _reset(connection: H2Connection, stream: int) -> bytes:
    connection.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
    return b""


def _goes_away(connection: H2Connection, stream: int) -> bytes:
    connection.close_connection(ErrorCodes.INTERNAL_ERROR)
    return b""


def _short(connection: H2Connection, stream: int) -> bytes:
    connection.send_headers(stream, [*_HEAD, ("content-length", "5")])
    connection.send_data(stream, b"abc", end_stream=True)
    return b""


def _no_head(connection: H2Connection, stream: int) -> bytes:
    return b"\x00\x00\x03\x00\x01" + stream.to_bytes(4) + b"abc"  # DATA before HEADERS


def _closes(connection: H2Connection, stream: int) -> bytes:
    raise OSError("the connection is to be closed")


def _waits(connection: H2Connection, stream: int) -> bytes:
    return b""


_ANSWERS: dict[str, Answer] = {
    "waits": _waits,
    "right": _right,
    "trailers": _trailers,
    "reset": _reset,
    "goes-away": _goes_away,
    "short": _short,
    "no-head": _no_head,
    "closes": _closes,
}


@contextmanager
def h2_origin(folder: Path) -> Iterator[str]:
    """The server; yields its URL. Its certificate is of the authority of ``tls_server``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_certificate(folder, (HOST,)))
    context.set_alpn_protocols(["h2"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, context), daemon=True)
        thread.start()
        try:
            yield f"https://{HOST}:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(20)


def _serve(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            raw, _ = listener.accept()
        except OSError:
            return
        raw.settimeout(20)
        try:
            with context.wrap_socket(raw, server_side=True) as stream:
                _talk(stream)
        except (OSError, ProtocolError):  # after a GOAWAY it takes no more frames
            continue


def _talk(stream: ssl.SSLSocket) -> None:
    connection = H2Connection(H2Configuration(client_side=False, header_encoding=None))
    connection.initiate_connection()
    stream.sendall(connection.data_to_send())
    while data := stream.recv(65536):
        for event in connection.receive_data(data):
            if isinstance(event, RequestReceived):
                query = dict(event.headers)[b":path"].decode().partition("?")[2]
                more = _ANSWERS[query](connection, event.stream_id)
                stream.sendall(connection.data_to_send() + more)
        stream.sendall(connection.data_to_send())
