"""Writing Fiddler archives whose comments Fiddler shows.

Source: formats.md sections 1.1 to 1.5. Metadata have all sixteen times, each flag once, and no
character that XML does not have; each session has a file for its answer; bodies have the chunks and
codings that their headers name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pyzipper

from mdmcore.capture.extension import extension_fields
from mdmcore.capture.saz.metadata import BLIND_TUNNEL, EXTENSION_FLAG, IS_HTTPS
from mdmcore.capture.stored_body import coded, framed
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.xml import NOT_XML, Node, serialize

COMMENT = b"Fiddler (v5.0) Session Archive. See https://fiddler2.com"
DROPPED_RESPONSE = 0x20000
DROPPED_REQUEST = 0x100000

_TYPES = (
    b'<?xml version="1.0" encoding="utf-8"?>\n'
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="htm" ContentType="text/html" />'
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
_COLOURS = {":red_circle:": ("red", True), ":warning:": ("#B8860B", False)}


def write_saz(
    out: BinaryIO, exchanges: Iterable[Exchange], *, total: int, password: str | None = None
) -> int:
    """Write an archive of so many exchanges; returns how many were written.

    ``total`` gives the numbers their width. With a password it is AES-256, with names readable.
    """
    width = len(str(max(total, 1)))
    how: dict[str, Any] = {"compression": pyzipper.ZIP_DEFLATED}
    if password is not None:
        how["encryption"] = pyzipper.WZ_AES
    number = 0
    with pyzipper.AESZipFile(out, "w", **how) as archive:
        if password is not None:
            archive.setpassword(password.encode("utf-8"))
        archive.comment = COMMENT
        archive.writestr("[Content_Types].xml", _TYPES)
        for exchange in exchanges:
            number += 1
            stem = f"raw/{number:0{width}d}"
            archive.writestr(f"{stem}_c.txt", _request(exchange))
            archive.writestr(f"{stem}_s.txt", _response(exchange.response))
            archive.writestr(f"{stem}_m.xml", _metadata(exchange, number))
    return number


def _request(exchange: Exchange) -> bytes:
    request = exchange.request
    target = request.url
    if exchange.connection is not None:
        connection = exchange.connection
        target = f"{next(iter(connection.hosts), 'unknown')}:{connection.port}"
    return _message(f"{request.method} {target} HTTP/1.1", request)


def _response(response: Response | None) -> bytes:
    return b"" if response is None else _message(f"HTTP/1.1 {response.status} ", response)


def _message(first_line: str, message: Request | Response) -> bytes:
    headers, body = coded(message.headers, message.body or b"")
    if message.body is not None:
        body = framed(headers, body)
    return _head(first_line, headers) + body


def _head(first_line: str, headers: Headers) -> bytes:
    lines = [first_line, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def _metadata(exchange: Exchange, number: int) -> bytes:
    flags = {"ui-comments": exchange.notes.comment} if exchange.notes.comment else {}
    colour = _COLOURS.get(exchange.notes.marker)
    if colour is not None:
        flags["ui-color"] = colour[0]
        if colour[1]:
            flags["ui-bold"] = "true"
    if exchange.peer:
        flags["x-clientip"] = exchange.peer
    ours = extension_fields(exchange)
    if ours:
        flags[EXTENSION_FLAG] = json.dumps(ours, separators=(",", ":"))
    root = Node(
        "Session",
        attributes={"SID": str(number), "BitFlags": f"{_bits(exchange):x}"},
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
