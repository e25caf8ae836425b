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
    """How the device's handshake with the proxy ended."""

    OK = "ok"
    ALERT = "alert"
    """The device sent a fatal alert, in the handshake or at once after it."""
    CLOSED = "closed"
    """The device closed the connection after it had seen the proxy's certificate."""
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


_ENDS = MappingProxyType(
    {
        HandshakeEnd.CLOSED: "the device closed the connection inside the TLS handshake",
        HandshakeEnd.CLOSED_EARLY: "the device closed the connection before TLS had begun",
        HandshakeEnd.NO_VERSION: "no TLS version in common",
        HandshakeEnd.NO_SUITE: "no cipher suite in common",
        HandshakeEnd.FAILED: "the TLS handshake failed",
        HandshakeEnd.SILENT: "the device sent nothing",
        HandshakeEnd.NO_SERVER: "the proxy cannot connect to the server",
        HandshakeEnd.UNKNOWN: "the TLS handshake did not come to an end",
    }
)

_NEVER_BEGUN = frozenset({HandshakeEnd.SILENT, HandshakeEnd.NO_SERVER})
_WITH_DETAIL = frozenset({HandshakeEnd.FAILED, HandshakeEnd.NO_SERVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection of a device to the proxy.

    ``host`` and ``port`` are those that the device, or the proxy for it, connects to; ``sni`` is
    the name in the ClientHello. ``versions`` (oldest first) and ``suites`` are the names of what
    the device offered, ``alert`` that of its alert (RFC 8446 6.2: ``unknown_ca``). ``is_asked``:
    the proxy asked the device for a client certificate; ``is_given``: it gave one that can be read.
    ``is_asked_by_server`` and ``is_given_to_server`` are the same between proxy and server.
    ``requests`` counts HTTP requests so far. ``is_passed_through``: the proxy did not stand in TLS.
    ``is_served``: the proxy was set up for this host, by emulating it or standing before it alone.
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
    requests: int = 0
    is_passed_through: bool = False
    is_served: bool = False

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of the host in lower case, the one that the device named itself first."""
        names = (name.lower().rstrip(".") for name in (self.sni, self.host))
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def is_over_without_request(self) -> bool:
        """Whether it ended, one way or other, and nothing was asked over it. One over which nothing
        came at all tells nothing of TLS: spare connections are like that, and looks at a port."""
        return self.requests == 0 and not self.is_passed_through and self.end not in _NEVER_BEGUN

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
            return "passed through untouched"
        if self.end is HandshakeEnd.ALERT:
            return f"the device broke off TLS with the alert {self.alert or 'of unknown name'}"
        if self.end is not HandshakeEnd.OK:
            detail = f" ({self.detail})" if self.detail and self.end in _WITH_DETAIL else ""
            return f"{_ENDS[self.end]}{detail}"
        asked = (("server", self.is_asked_by_server), ("proxy", self.is_asked))
        by = " and ".join(f"the {who}" for who, is_so in asked if is_so)
        asks = f"{by} asked for a client certificate" if by else ""
        if self.requests:
            return asks or "requests passed"
        return f"no request; {asks}" if asks else "no request"


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
        elif isinstance(value, HandshakeEnd):
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


_READERS = MappingProxyType(
    {
        "str": _text,
        "str | None": _optional_text,
        "int": _number,
        "bool": _flag,
        "datetime | None": _time,
        "tuple[str, ...]": _texts,
        "HandshakeEnd": _end,
    }
)
"""How a field is read, by its type as it is written above."""
