"""All of HTTP that the core knows: a request, its answer, and the facts of the connection.

Bodies are bytes as they stand after transfer coding is removed. ``None`` means that the body was
not recorded (it streamed through); an empty body is ``b""``. What is known of an answer's body that
streamed through stands beside it. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from mdmcore.connection import Connection
from mdmcore.observation import Observation
from mdmcore.passed_body import PassedBody


class Headers:
    """An immutable, ordered header list; names compare without case, order and doubles are kept."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = tuple(fields)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of that name."""
        wanted = name.lower()
        return next((value for key, value in self._fields if key.lower() == wanted), default)

    def get_all(self, name: str) -> tuple[str, ...]:
        """All values of that name, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self._fields if key.lower() == wanted)

    def replaced(self, name: str, value: str) -> Headers:
        """A copy in which that name has exactly this value."""
        wanted = name.lower()
        rest = [pair for pair in self._fields if pair[0].lower() != wanted]
        return Headers([*rest, (name, value)])

    def without(self, name: str) -> Headers:
        """A copy in which that name does not stand."""
        wanted = name.lower()
        return Headers(pair for pair in self._fields if pair[0].lower() != wanted)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash(self._fields)

    def __repr__(self) -> str:
        return f"Headers({list(self._fields)!r})"


def media_type(headers: Headers) -> str:
    """The Content-Type in lower case without its parameters, empty when there is none."""
    return (headers.get("Content-Type") or "").split(";", 1)[0].strip().lower()


def charset(headers: Headers) -> str | None:
    """The charset parameter of Content-Type in lower case."""
    for part in (headers.get("Content-Type") or "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return None


def is_coded(headers: Headers) -> bool:
    """Whether a Content-Encoding was put on the body (RFC 9110 8.4)."""
    return (headers.get("Content-Encoding") or "").strip().lower() not in ("", "identity")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # captures hold what anybody asked for, e.g. "http://[x/"
        return SplitResult("", "", "", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. The URL names the host of the connection, not that of a Host header.

    A URL that cannot be split has no host, the path ``/`` and no query.
    """

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes | None = b""

    @property
    def host(self) -> str:
        """Host of the URL in lower case, without port."""
        return (_split(self.url).hostname or "").lower()

    @property
    def path(self) -> str:
        """Path of the URL as sent, without query; ``/`` when empty."""
        return _split(self.url).path or "/"

    @property
    def query(self) -> str:
        """Query of the URL as sent, without its question mark."""
        return _split(self.url).query

    @property
    def media_type(self) -> str:
        """Content-Type without parameters, in lower case."""
        return media_type(self.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP answer. ``passed`` is what is known of a body that was not kept (``body`` is
    ``None`` then), as far as it came."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes | None = b""
    passed: PassedBody | None = None

    @property
    def body_length(self) -> int | None:
        """How many bytes of the body came, kept or not; ``None`` where nobody counted."""
        if self.body is not None:
            return len(self.body)
        return self.passed.length if self.passed is not None else None

    @property
    def media_type(self) -> str:
        """Content-Type without parameters, in lower case."""
        return media_type(self.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFacts:
    """What the handshakes around an exchange showed. Certificates are DER, leaf first.

    ``server_sni`` is the name by which a proxy asked the server, where it is another than ``sni``,
    the device's.
    """

    version: str | None = None
    cipher: str | None = None
    sni: str | None = None
    client_certificates: tuple[bytes, ...] = ()
    server_certificates: tuple[bytes, ...] = ()
    server_sni: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What was written on an exchange: a person's or our comment, a marker, and our own data in
    plain JSON types (design.md section 5, annotations)."""

    comment: str = ""
    marker: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.comment or self.marker or self.data)


NO_NOTES = Notes()
REDACTED = "redacted"
"""In ``Notes.data``: the exchange was redacted, and how many values of each kind were replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, as seen live or read from a capture.

    ``verbatim`` is false where the source printed the bodies anew (a text log): then lengths,
    leading blanks and line ends are not those of the wire, and no rule may judge them.
    ``peer`` is the device's network address where it is known; ``error`` what ended the exchange
    when there is no response, and ``ended`` when that was, or the answer was whole. ``remarks``
    are the lines that the source, a server's own log, has behind the exchange and before the next
    one. ``is_begun``: the device had the beginning of the answer when it broke off.
    ``connection`` is there where no exchange is meant, but the connection itself: see
    ``connection_exchange``; ``observation`` where it is what the device itself tells: see
    ``observation_exchange``. ``is_bare``: the source keeps messages alone, so that URL, status and
    Content-Type are those which the message implies, and no rule may judge HTTP. ``notes`` are what
    the capture has written on it.
    """

    id: str
    index: int
    capture: str
    request: Request
    response: Response | None = None
    started: datetime | None = None
    ended: datetime | None = None
    peer: str | None = None
    tls: TlsFacts | None = None
    error: str | None = None
    verbatim: bool = True
    remarks: tuple[str, ...] = ()
    is_begun: bool = False
    connection: Connection | None = None
    observation: Observation | None = None
    is_bare: bool = False
    notes: Notes = NO_NOTES

    @property
    def is_broken_off(self) -> bool:
        """Whether the head of an answer was there, and something ended it before it was whole."""
        return self.error is not None and self.response is not None and self.response.body is None


def connection_exchange(
    connection: Connection,
    *,
    id: str,
    index: int,
    capture: str,
    tls: TlsFacts | None = None,
    notes: Notes = NO_NOTES,
) -> Exchange:
    """A connection in the place of an exchange (kind ``tls``): a CONNECT without an answer."""
    host = next(iter(connection.hosts), "")
    shown = f"[{host}]" if ":" in host else host
    port = "" if connection.port == 443 else f":{connection.port}"
    return Exchange(
        id=id,
        index=index,
        capture=capture,
        request=Request(method="CONNECT", url=f"https://{shown}{port}/"),
        started=connection.opened,
        peer=connection.peer,
        tls=tls,
        error=connection.said,
        connection=connection,
        notes=notes,
    )


OBSERVED = "EVENT"
"""The method that stands for what a device itself tells."""


def observation_exchange(
    observation: Observation,
    *,
    id: str,
    index: int,
    capture: str,
    started: datetime | None = None,
    notes: Notes = NO_NOTES,
) -> Exchange:
    """What a device tells in the place of an exchange (kind ``other``): without URL or answer."""
    return Exchange(
        id=id,
        index=index,
        capture=capture,
        request=Request(method=OBSERVED, url="", body=None),
        started=started,
        verbatim=False,
        observation=observation,
        notes=notes,
    )
