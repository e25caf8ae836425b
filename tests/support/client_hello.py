"""A raw ClientHello, for devices that no TLS library of today can play."""

from __future__ import annotations

import socket
from collections.abc import Iterable


def client_hello(
    suites: Iterable[int],
    *,
    version: int = 0x0301,
    host: str | None = "mdm.example.test",
    supported_versions: Iterable[int] = (),
) -> bytes:
    """One TLS record with a ClientHello (RFC 5246 7.4.1.2)."""
    body = handshake_body(suites, version=version, host=host, supported_versions=supported_versions)
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    record_version = min(version, 0x0301).to_bytes(2, "big")
    return b"\x16" + record_version + len(handshake).to_bytes(2, "big") + handshake


def handshake_body(
    suites: Iterable[int],
    *,
    version: int = 0x0301,
    host: str | None = None,
    supported_versions: Iterable[int] = (),
) -> bytes:
    """The ClientHello without record and handshake headers."""
    numbers = b"".join(number.to_bytes(2, "big") for number in suites)
    extensions = b"" if host is None else _server_name(host.encode("ascii"))
    listed = b"".join(number.to_bytes(2, "big") for number in supported_versions)
    if listed:
        extensions += _extension(43, bytes([len(listed)]) + listed)
    return b"".join(
        [
            version.to_bytes(2, "big"),
            bytes(range(32)),
            b"\0",
            len(numbers).to_bytes(2, "big"),
            numbers,
            b"\x01\0",
            len(extensions).to_bytes(2, "big") + extensions if extensions else b"",
        ]
    )


def tls_answer(
    port: int, hello: bytes, *, connect_to: str | None = "mdm.example.test:443"
) -> bytes:
    """What a proxy on that loopback port says to the hello, by CONNECT or at once."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        if connect_to is not None:
            connection.sendall(f"CONNECT {connect_to} HTTP/1.1\r\n\r\n".encode("ascii"))
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            assert head.startswith(b"HTTP/1.1 200"), head
        connection.sendall(hello)
        answer = b""
        while more := connection.recv(4096):
            answer += more
        return answer


def _server_name(host: bytes) -> bytes:
    name = b"\0" + len(host).to_bytes(2, "big") + host
    return _extension(0, len(name).to_bytes(2, "big") + name)


def _extension(number: int, body: bytes) -> bytes:
    return number.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body
