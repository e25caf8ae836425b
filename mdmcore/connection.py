"""A connection as seen at a proxy: what the device offered, how its handshake ended, what passed.

For what leaves no HTTP: a handshake that was broken off, a connection without a request, a client
certificate that somebody asks for. Values and their plain JSON form, which a recording keeps under
``connection`` in our metadata (design.md section 5); what they mean is for the rules, and where
they come from is known to ``mitm.connections``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from mdmcore.errors import ParseError

_MAX_ITEMS = 300
_MAX_TEXT = 500
_MAX_PORT = 65535
_SHOWN_SUITES = 12


class HandshakeEnd(StrEnum):
    """How the device's handshake ended: with the proxy, or with the server where it passed."""

    OK = "ok"
    ALERT = "alert"
    """The device sent a fatal alert, in the handshake or at once after it."""
    SERVER_ALERT = "server-alert"
    """The server sent one, on a connection that passed untouched."""
    CLOSED = "closed"
    """The device closed the connection after it had seen the certificate."""
    SERVER_CLOSED = "server-closed"
    """The server closed a connection that passed untouched inside the handshake."""
    CLOSED_EARLY = "closed-early"
    """The device closed the connection before it could see a certificate."""
    NO_VERSION = "no-version"
    NO_SUITE = "no-suite"
    FAILED = "failed"
    """Anything else; ``detail`` has the words."""
    SILENT = "silent"
    """It never began: nothing came over the connection, or nothing behind a CONNECT."""
    NO_SERVER = "no-server"
    """It never began: the proxy could not connect to the server, ``detail`` has the words."""
    UNKNOWN = "unknown"
    """It was not watched, or did not come to an end."""


class ServerEnd(StrEnum):
    """How TLS between the proxy and the server ended, or what the proxy minds in it.

    The certificate is judged with the roots that the proxy knows: those of public CAs, or those it
    was given for the server.
    """

    OK = "ok"
    UNKNOWN_ROOT = "unknown-root"
    """The server's chain leads to no root that the proxy knows."""
    WRONG_NAME = "wrong-name"
    OUT_OF_DATE = "out-of-date"
    BAD_CERTIFICATE = "bad-certificate"
    """Anything else that OpenSSL minds in the certificate; ``server_detail`` has the words."""
    NEWER_VERSION = "newer-version"
    """The server takes only versions of TLS above those that the device offers."""
    OLDER_VERSION = "older-version"
    """The server takes only versions of TLS below those that it was offered."""
    FAILED = "failed"
    """Anything else; ``server_detail`` has the words."""
    UNKNOWN = "unknown"
    """There was no handshake, or it was not watched."""


_ENDS = MappingProxyType(
    {
        HandshakeEnd.CLOSED: "the device closed the connection inside the TLS handshake",
        HandshakeEnd.CLOSED_EARLY: "the device closed the connection before TLS had begun",
        HandshakeEnd.SERVER_CLOSED: "the server closed the connection inside the TLS handshake",
        HandshakeEnd.NO_VERSION: "no TLS version in common",
        HandshakeEnd.NO_SUITE: "no cipher suite in common",
        HandshakeEnd.FAILED: "the TLS handshake failed",
        HandshakeEnd.SILENT: "the device sent nothing",
        HandshakeEnd.NO_SERVER: "the proxy cannot connect to the server",
        HandshakeEnd.UNKNOWN: "the TLS handshake did not come to an end",
    }
)

_NEVER_BEGUN = frozenset({HandshakeEnd.SILENT, HandshakeEnd.NO_SERVER})
# No request can have passed behind these.
_WITHOUT_REQUEST = frozenset(
    {
        HandshakeEnd.ALERT,
        HandshakeEnd.SERVER_ALERT,
        HandshakeEnd.CLOSED,
        HandshakeEnd.CLOSED_EARLY,
        HandshakeEnd.SERVER_CLOSED,
    }
)
_WITH_DETAIL = frozenset({HandshakeEnd.FAILED, HandshakeEnd.NO_SERVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection of a device to the proxy.

    ``host`` and ``port`` are those that the device, or the proxy for it, connects to; ``sni`` is
    the name in the ClientHello. ``versions`` (oldest first) and ``suites`` are the names of what
    the device offered, ``alert`` that of its alert (RFC 8446 6.2: ``unknown_ca``). ``is_asked``:
    the proxy asked the device for a client certificate; ``is_given``: it gave one that can be read.
    ``is_asked_by_server`` and ``is_given_to_server`` are the same between proxy and server, whose
    handshake ended as ``server_end`` says, in OpenSSL's words ``server_detail``;
    ``is_server_unchecked``: what is wrong with the certificate was passed over as the proxy was
    told to, and requests went on.
    ``requests`` counts HTTP requests so far. ``is_passed_through``: the proxy did not stand in TLS.
    ``is_served``: the proxy was set up for this host, by emulating it or standing before it alone.

    Of a connection that passed, what the handshake showed: ``is_asked_by_server`` and
    ``is_given_to_server`` are then between server and device. ``server_version`` and
    ``server_suite`` are the server's choice, ``accepted`` the names of the CAs it asks for.
    ``is_resumed``: an earlier session went on, without certificates; ``is_renegotiated``: another
    handshake followed inside the encryption. ``sent`` and ``received`` count bytes of the device's
    and the server's side, ``closed_by`` is ``device`` or ``server``.

    ``is_captured``: it was seen in a packet capture, where nobody stood in it; ``is_decrypted``: a
    key opened what passed in it.
    """

    host: str
    port: int = 443
    sni: str = ""
    peer: str | None = None
    opened: datetime | None = None
    closed: datetime | None = None
    versions: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()
    end: HandshakeEnd = HandshakeEnd.UNKNOWN
    alert: str = ""
    detail: str = ""
    is_asked: bool = False
    is_given: bool = False
    is_asked_by_server: bool = False
    is_given_to_server: bool = False
    server_end: ServerEnd = ServerEnd.UNKNOWN
    server_detail: str = ""
    is_server_unchecked: bool = False
    requests: int = 0
    is_passed_through: bool = False
    is_served: bool = False
    server_version: str = ""
    server_suite: str = ""
    accepted: tuple[str, ...] = ()
    is_resumed: bool = False
    is_renegotiated: bool = False
    sent: int = 0
    received: int = 0
    closed_by: str = ""
    is_captured: bool = False
    is_decrypted: bool = False

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of the host in lower case, the one that the device named itself first."""
        names = (name.lower().rstrip(".") for name in (self.sni, self.host))
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def is_over_without_request(self) -> bool:
        """Whether it ended, one way or other, and nothing was asked over it. One over which nothing
        came at all tells nothing of TLS: spare connections are like that, and looks at a port."""
        if self.requests or self.end in _NEVER_BEGUN:
            return False
        if self.is_captured:
            return self.is_decrypted or self.end in _WITHOUT_REQUEST
        return not self.is_passed_through

    @property
    def has_server_problem(self) -> bool:
        """Whether TLS with the server failed, or should have."""
        return self.server_end not in (ServerEnd.OK, ServerEnd.UNKNOWN)

    @property
    def offer(self) -> str:
        """What the device offered, in words."""
        more = len(self.suites) - _SHOWN_SUITES
        suites = ", ".join(self.suites[:_SHOWN_SUITES]) or "no suite"
        suites += f" and {more} more" if more > 0 else ""
        return f"{', '.join(self.versions) or 'no version'} with {suites}"

    @property
    def said(self) -> str:
        """How it ended, in a few words."""
        if self.is_passed_through:
            return self._said_of_passing
        if self.end is HandshakeEnd.ALERT:
            return self._broken_off_by("device")
        if self.end is HandshakeEnd.SERVER_ALERT:
            return self._broken_off_by("server")
        if self.end is not HandshakeEnd.OK:
            detail = f" ({self.detail})" if self.detail and self.end in _WITH_DETAIL else ""
            return f"{_ENDS[self.end]}{detail}"
        if self.has_server_problem:
            return self._said_of_server
        asked = (("server", self.is_asked_by_server), ("proxy", self.is_asked))
        by = " and ".join(f"the {who}" for who, is_so in asked if is_so)
        asks = f"{by} asked for a client certificate" if by else ""
        if self.requests:
            return asks or "requests passed"
        return f"no request; {asks}" if asks else "no request"

    @property
    def hides_certificates(self) -> bool:
        """Whether it passed in a version that encrypts certificates and requests for them."""
        is_open = not self.is_passed_through or self.is_decrypted
        return not is_open and self.server_version == "TLS 1.3"

    @property
    def _said_of_passing(self) -> str:
        version = f": {self.server_version}" if self.server_version else ""
        parts = [f"{self._way_of_passing}{version}"]
        if self.end is HandshakeEnd.ALERT:
            parts.append(self._broken_off_by("device"))
        elif self.end is HandshakeEnd.SERVER_ALERT:
            parts.append(self._broken_off_by("server"))
        elif self.end is HandshakeEnd.NO_SERVER and self.is_captured:
            parts.append("the device gets no connection to the server")
        elif self.end not in {HandshakeEnd.OK, HandshakeEnd.UNKNOWN}:
            parts.append(_ENDS[self.end])
        if self.detail:
            parts.append(self.detail)
        if self.is_asked_by_server:
            gave = "one" if self.is_given_to_server else "none"
            parts.append(f"the server asked for a client certificate and the device gave {gave}")
        if self.is_resumed:
            parts.append("an earlier session went on, without certificates")
        if self.is_renegotiated:
            parts.append("another handshake followed inside the encryption")
        if self.hides_certificates:
            parts.append("its certificates are encrypted")
        return "; ".join(parts)

    @property
    def _way_of_passing(self) -> str:
        if not self.is_captured:
            return "passed through untouched"
        if self.is_decrypted:
            return "captured and decrypted" if self.requests else "captured without a request"
        return "captured" if self.end in _NEVER_BEGUN else "captured and not decrypted"

    def _broken_off_by(self, who: str) -> str:
        return f"the {who} broke off TLS with the alert {self.alert or 'of unknown name'}"

    @property
    def _said_of_server(self) -> str:
        words = self.server_detail or self.server_end.value
        if self.is_server_unchecked:
            return f"the server's certificate is not checked; it would be refused: {words}"
        return f"this proxy and the server have no TLS: {words}"


def connection_fields(connection: Connection) -> dict[str, Any]:
    """The record in plain JSON types; what has its default value is left out."""
    result: dict[str, Any] = {}
    for item in fields(Connection):
        value = getattr(connection, item.name)
        if item.name != "host" and value == item.default:
            continue
        if isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, StrEnum):
            value = value.value
        result[item.name] = value
    return result


def parse_connection(data: object) -> Connection:
    """The record of ``connection_fields``; unknown fields are passed over. Raises ParseError."""
    if not isinstance(data, Mapping):
        raise ParseError("a connection record is no table of fields")
    values: dict[str, Any] = {}
    for item in fields(Connection):
        if item.name in data:
            values[item.name] = _READERS[str(item.type)](item.name, data[item.name])
    if "host" not in values:
        raise ParseError("a connection record has no host")
    return Connection(**values)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise ParseError(f"a connection record has a wrong {name}")
    return value


def _optional_text(name: str, value: object) -> str | None:
    return None if value is None else _text(name, value)


def _number(name: str, value: object) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or not isinstance(value, int) or value < 0:
        raise ParseError(f"a connection record has a wrong {name}")
    if name == "port" and value > _MAX_PORT:
        raise ParseError("a connection record has a wrong port")
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ParseError(f"a connection record has a wrong {name}")
    return value


def _time(name: str, value: object) -> datetime | None:
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(_text(name, value))
    except ValueError:
        raise ParseError(f"a connection record has a wrong {name}") from None
    if found.tzinfo is None:
        raise ParseError(f"a connection record has a time without zone in {name}")
    return found


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > _MAX_ITEMS:
        raise ParseError(f"a connection record has wrong {name}")
    return tuple(_text(name, item) for item in value)


def _end(name: str, value: object) -> HandshakeEnd:
    try:
        return HandshakeEnd(_text(name, value))
    except ValueError:
        raise ParseError(f"a connection record has a wrong {name}") from None


def _server_end(name: str, value: object) -> ServerEnd:
    try:
        return ServerEnd(_text(name, value))
    except ValueError:
        raise ParseError(f"a connection record has a wrong {name}") from None


_READERS = MappingProxyType(
    {
        "str": _text,
        "str | None": _optional_text,
        "int": _number,
        "bool": _flag,
        "datetime | None": _time,
        "tuple[str, ...]": _texts,
        "HandshakeEnd": _end,
        "ServerEnd": _server_end,
    }
)
"""How a field is read, by its type as it is written above."""
