"""Handshake messages in the clear: put together from records, and those read that we speak of.

Sources: RFC 5246 7.4, RFC 8446 4, RFC 6066 3 (server_name). Signatures, key exchanges and most
extensions are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from mdmcore.errors import ParseError
from mdmcore.tls_wire.fields import Fields
from mdmcore.tls_wire.suites import SIGNALS, is_grease

MAX_MESSAGE = 256 * 1024
"""Octets of one handshake message: a chain of more is nobody's."""

MAX_ITEMS = 100
_HEADER = 4
_SERVER_NAME = 0
_SUPPORTED_VERSIONS = 43
_TLS12 = 0x0303
# RFC 8446 4.1.3: a ServerHello with this random asks for another ClientHello.
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


class Message(IntEnum):
    """Types of the handshake messages that are read (RFC 8446 B.3, RFC 5246 A.4)."""

    CLIENT_HELLO = 1
    SERVER_HELLO = 2
    CERTIFICATE = 11
    CERTIFICATE_REQUEST = 13
    SERVER_HELLO_DONE = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHello:
    """What the device offers: versions, oldest first, and suites in its order, without signals and
    GREASE; ``name`` is the server's that it asks for."""

    random: bytes
    versions: tuple[int, ...]
    suites: tuple[int, ...]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHello:
    """What the server chose; ``is_retry`` when it asks for another ClientHello first."""

    version: int
    suite: int
    is_retry: bool


class MessageReader:
    """Puts handshake messages together; ParseError for one that is too long."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, fragment: bytes) -> Iterator[tuple[int, bytes]]:
        """Type and body of each message that is whole now."""
        self._waiting += fragment
        while len(self._waiting) >= _HEADER:
            length = int.from_bytes(self._waiting[1:_HEADER], "big")
            if length > MAX_MESSAGE:
                raise ParseError(f"a handshake message of {length} bytes")
            end = _HEADER + length
            if end > len(self._waiting):
                return
            kind, body = self._waiting[0], bytes(self._waiting[_HEADER:end])
            del self._waiting[:end]
            yield kind, body


def parse_client_hello(body: bytes) -> ClientHello:
    """The offer. A device without supported_versions names its highest version alone. Raises
    ParseError."""
    fields = Fields(body)
    versions, random = [fields.number(2)], fields.take(32)
    fields.vector(1)
    listed = fields.vector(2)
    suites: list[int] = []
    while listed:
        suites.append(listed.number(2))
    fields.vector(1)
    extensions = fields.vector(2) if fields else Fields(b"")
    name = ""
    while extensions:
        number, content = extensions.number(2), extensions.vector(2)
        if number == _SUPPORTED_VERSIONS:
            versions, offered = [], content.vector(1)
            while offered:
                versions.append(offered.number(2))
        elif number == _SERVER_NAME and content:
            entry = content.vector(2)
            entry.take(1)
            name = entry.vector(2).rest().decode("ascii", "replace")
    return ClientHello(
        random=random,
        versions=tuple(sorted({one for one in versions if not is_grease(one)})),
        suites=tuple(one for one in suites if one not in SIGNALS and not is_grease(one)),
        name=name,
    )


def parse_server_hello(body: bytes) -> ServerHello:
    """Version and suite that hold from now on. Raises ParseError."""
    fields = Fields(body)
    version, random = fields.number(2), fields.take(32)
    fields.vector(1)
    suite = fields.number(2)
    fields.take(1)
    extensions = fields.vector(2) if fields else Fields(b"")
    while extensions:
        number, content = extensions.number(2), extensions.vector(2)
        if number == _SUPPORTED_VERSIONS:
            version = content.number(2)
    return ServerHello(version=version, suite=suite, is_retry=random == _RETRY)


def parse_certificates(body: bytes) -> tuple[bytes, ...]:
    """The certificates (DER) of a Certificate message up to TLS 1.2. Raises ParseError."""
    return _items(Fields(body).vector(3), 3)


def parse_certificate_request(body: bytes, version: int) -> tuple[bytes, ...]:
    """The names (DER) of the CAs that the server accepts. Raises ParseError."""
    fields = Fields(body)
    fields.vector(1)
    if version >= _TLS12:
        fields.vector(2)
    return _items(fields.vector(2), 2) if fields else ()


def _items(fields: Fields, width: int) -> tuple[bytes, ...]:
    found = []
    while fields:
        found.append(fields.vector(width).rest())
    return tuple(found[:MAX_ITEMS])
