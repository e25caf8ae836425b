"""Writing Fiddler archives whose comments Fiddler shows.

Source: formats.md sections 1.1 to 1.5. Metadata have all sixteen times, each flag once, and no
character that XML does not have; each session has a file for its answer; bodies have the chunks and
codings that their headers name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, BinaryIO

import pyzipper

from mdmcore.capture.extension import SCHEMA, end_fields, extension_fields
from mdmcore.capture.http1 import parse_message
from mdmcore.capture.saz.archive import END_FILE
from mdmcore.capture.saz.metadata import (
    BLIND_TUNNEL,
    EXTENSION_FLAG,
    IS_HTTPS,
    SessionMetadata,
)
from mdmcore.capture.saz.session import StoredExchange, exchange_of
from mdmcore.capture.saz.sink import Sink
from mdmcore.capture.source import Reading
from mdmcore.capture.stored_body import coded, framed
from mdmcore.http import (
    REDACTED,
    Exchange,
    Headers,
    Request,
    Response,
    connection_exchange,
)
from mdmcore.xml import NOT_XML, Node, serialize

COMMENT = b"Fiddler (v5.0) Session Archive. See https://fiddler2.com"
DROPPED_RESPONSE = 0x20000
DROPPED_REQUEST = 0x100000

_TYPES = (
    b'<?xml version="1.0" encoding="utf-8"?>\n'
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="htm" ContentType="text/html" />'
    b'<Default Extension="json" ContentType="application/json" />'
    b'<Default Extension="xml" ContentType="application/xml" />'
    b'<Default Extension="txt" ContentType="text/plain" /></Types>'
)
_NEVER = "0001-01-01T00:00:00"
_BEGAN = ("ClientConnected", "ClientBeginRequest", "GotRequestHeaders", "ClientDoneRequest")
_SENT = ("ServerConnected", "FiddlerBeginRequest", "ServerGotRequest")
_ENDED = (
    "ServerBeginResponse",
    "GotResponseHeaders",
    "ServerDoneResponse",
    "ClientBeginResponse",
    "ClientDoneResponse",
)
_COUNTS = ("GatewayTime", "DNSTime", "TCPConnectTime", "HTTPSHandshakeTime")
_BLANKS = re.compile(r"\s")
_BREAKS = re.compile(r"[\r\n]+")
_MAX_METHOD = 40
_MAX_COMMENT = 65_535
_REDACTED_FLAG = "addon.mdmproxy.redacted"
_USUAL_WIDTH = 6
MAX_HEADERS = 900
"""Headers of a message that are written as such: readers have limits."""
_COLOURS = {":red_circle:": ("red", True), ":warning:": ("#B8860B", False)}


class SazWriter:
    """Writes an archive to ``out``, which it does not close.

    ``total`` is how many sessions there will be, where that is known: it gives the numbers their
    width. With a password it is AES-256, with names readable. ``remark`` says at the end what is
    to be said of the whole.
    """

    def __init__(
        self,
        out: BinaryIO,
        *,
        total: int | None = None,
        password: str | None = None,
        remark: Callable[[], str] = lambda: "",
    ) -> None:
        self._remark = remark
        how: dict[str, Any] = {"compression": pyzipper.ZIP_DEFLATED}
        if password is not None:
            how["encryption"] = pyzipper.WZ_AES
        self._sink = Sink(out)
        self._archive = pyzipper.AESZipFile(self._sink, "w", **how)
        if password is not None:
            self._archive.setpassword(password.encode("utf-8"))
        self._archive.comment = COMMENT
        self._archive.writestr("[Content_Types].xml", _TYPES)
        self._width = _USUAL_WIDTH if total is None else len(str(max(total, 1)))
        self._number = 0

    def add(self, exchange: Exchange) -> None:
        """Write a session."""
        self._number += 1
        asked, answered = _request(exchange), _response(exchange.response)
        stem = f"raw/{self._number:0{self._width}d}"
        self._archive.writestr(f"{stem}_c.txt", asked)
        self._archive.writestr(f"{stem}_s.txt", answered)
        self._archive.writestr(f"{stem}_m.xml", _metadata(exchange, self._number, asked, answered))
        self._sink.check()

    def finish(self, until: datetime | None = None) -> None:
        """End the archive, which has everything ``until`` then."""
        if until is not None:
            self._archive.writestr(END_FILE, json.dumps(end_fields(until)))
        remark = self._remark()
        if remark:
            text = remark.encode("utf-8", "replace")[: _MAX_COMMENT - len(COMMENT) - 1]
            self._archive.comment = COMMENT + b"\n" + text
        self._archive.close()
        self._sink.check()

    def abandon(self) -> None:
        """Let go of the file: a zip archive writes to it until it is closed."""
        self._sink.drop()
        self._archive.close()


def _request(exchange: Exchange) -> bytes:
    # The header would tell readers that the body is base64.
    asked = exchange.request
    request = replace(asked, headers=asked.headers.without("Fiddler-Encoding"))
    target = request.url
    if exchange.connection is not None:
        connection = exchange.connection
        target = f"{next(iter(connection.hosts), 'unknown')}:{connection.port}"
    method = _BLANKS.sub("", request.method)[:_MAX_METHOD] or "UNKNOWN"
    return _message(f"{method} {_BLANKS.sub('%20', target) or '/'} HTTP/1.1", request)


def _response(response: Response | None) -> bytes:
    if response is None:
        return b""
    status = response.status if 0 < response.status < 1000 else 999
    return _message(f"HTTP/1.1 {status} {_phrase(status)}", response)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _message(first_line: str, message: Request | Response) -> bytes:
    headers, body = coded(message.headers, message.body or b"")
    if message.body is not None:
        body = framed(headers, body)
    return _head(first_line, headers) + body


def _head(first_line: str, headers: Headers) -> bytes:
    """What of it would not be read back as it was, the facts have, too."""
    kept = [(name, value) for name, value in headers if name][:MAX_HEADERS]
    fields = [f"{_BREAKS.sub('', name)}: {_BREAKS.sub(' ', value)}" for name, value in kept]
    return "\r\n".join([first_line, *fields, "", ""]).encode("latin-1", "replace")


def _metadata(exchange: Exchange, number: int, asked: bytes, answered: bytes) -> bytes:
    flags = {"ui-comments": exchange.notes.comment} if exchange.notes.comment else {}
    if REDACTED in exchange.notes.data:
        flags[_REDACTED_FLAG] = "true"
    colour = _COLOURS.get(exchange.notes.marker)
    if colour is not None:
        flags["ui-color"] = colour[0]
        if colour[1]:
            flags["ui-bold"] = "true"
    if exchange.peer:
        flags["x-clientip"] = NOT_XML.sub("\ufffd", exchange.peer)
    known = SessionMetadata(
        bits=_bits(exchange),
        started=exchange.started,
        ended=exchange.ended or exchange.started,
        flags=flags,
    )
    ours = extension_fields(exchange, _seen(exchange, known, asked, answered))
    if not ours and exchange.request.method.upper() == "CONNECT":
        ours = {"schema": SCHEMA}  # else it would be taken for one of Fiddler's tunnels
    if ours:
        flags[EXTENSION_FLAG] = json.dumps(ours, separators=(",", ":"))
    root = Node(
        "Session",
        attributes={"SID": str(number), "BitFlags": f"{known.bits:x}"},
        children=(
            Node("SessionTimers", attributes=_timers(exchange)),
            Node("PipeInfo"),
            Node(
                "SessionFlags",
                children=[
                    Node("SessionFlag", attributes={"N": name, "V": NOT_XML.sub("\ufffd", text)})
                    for name, text in flags.items()
                ],
            ),
        ),
    )
    return serialize(root, declaration=True)


def _seen(exchange: Exchange, metadata: SessionMetadata, asked: bytes, answered: bytes) -> Exchange:
    """What our reader finds in the files of a session by itself."""
    if exchange.connection is not None:
        return connection_exchange(exchange.connection, id="", index=0, capture="")
    stored = StoredExchange(
        name="",
        request=parse_message(asked),
        answer=parse_message(answered) if answered else None,
        metadata=metadata,
    )
    return exchange_of(stored, Reading(name=""), None)


def _bits(exchange: Exchange) -> int:
    bits = IS_HTTPS if exchange.request.url.lower().startswith("https:") else 0
    if exchange.connection is not None and exchange.connection.is_passed_through:
        bits |= BLIND_TUNNEL
    if exchange.request.body is None:
        bits |= DROPPED_REQUEST
    if exchange.response is not None and exchange.response.body is None:
        bits |= DROPPED_RESPONSE
    return bits


def _timers(exchange: Exchange) -> dict[str, str]:
    began, ended = _time(exchange.started), _time(exchange.ended or exchange.started)
    return {
        **dict.fromkeys(_BEGAN, began),
        **dict.fromkeys(_COUNTS, "0"),
        **dict.fromkeys(_SENT, began),
        **dict.fromkeys(_ENDED, ended),
    }


def _time(time: datetime | None) -> str:
    return _NEVER if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")
