"""Writing HAR 1.2, entry by entry.

Source: HAR 1.2, formats.md section 2.4. Every key that the specification wants is there. A body
that is no UTF-8 text is base64 and says so, also in postData, which many programs read and the
specification does not know. What HAR has no room for stands under ``_mdmproxy``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import parse_qsl

from mdmcore.capture.extension import end_fields, extension_fields
from mdmcore.capture.har.entry import EXTENSION, exchange_of
from mdmcore.capture.har.fields import Place
from mdmcore.capture.plain_json import plain_text
from mdmcore.capture.source import Reading
from mdmcore.http import Exchange, Headers, Request, Response, charset, connection_exchange

_NEVER = "1970-01-01T00:00:00Z"
_PLAIN_CHARSETS = (None, "utf-8", "utf8", "us-ascii")


class HarWriter:
    """Writes an archive to ``out``, which it does not close. ``version`` is that of mdmproxy.

    ``remark`` says at the end what is to be said of the whole, where there is no ``comment``.
    """

    def __init__(
        self,
        out: BinaryIO,
        *,
        version: str,
        comment: str = "",
        remark: Callable[[], str] = lambda: "",
    ) -> None:
        self._out = out
        self._remark = remark
        self._count = 0
        creator = json.dumps({"name": "mdmproxy", "version": version})
        out.write(b'{"log": {"version": "1.2", "creator": %b,\n' % creator.encode())
        if comment:
            out.write(b'"comment": %b,\n' % json.dumps(plain_text(comment)).encode())
        out.write(b'"pages": [],\n"entries": [')

    def add(self, exchange: Exchange) -> None:
        """Write an entry."""
        self._out.write(b",\n" if self._count else b"\n")
        self._out.write(json.dumps(_entry(exchange)).encode("ascii"))
        self._count += 1

    def finish(self, until: datetime | None = None) -> None:
        """End the archive, which has everything ``until`` then."""
        self._out.write(b"\n]")
        if until is not None:
            end = json.dumps({EXTENSION: end_fields(until)})
            self._out.write(b",\n%b" % end[1:-1].encode())
        remark = self._remark()
        if remark:
            self._out.write(b',\n"comment": %b' % json.dumps(plain_text(remark)).encode())
        self._out.write(b"}}\n")

    def abandon(self) -> None:
        """Nothing is held."""


def _entry(exchange: Exchange) -> dict[str, Any]:
    took = 0.0
    if exchange.started is not None and exchange.ended is not None:
        took = max(0.0, (exchange.ended - exchange.started).total_seconds() * 1000)
    entry: dict[str, Any] = {
        "startedDateTime": _time(exchange.started),
        "time": took,
        "request": _request(exchange.request),
        "response": _response(exchange.response, exchange.error),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
    }
    if exchange.notes.comment:
        entry["comment"] = plain_text(exchange.notes.comment)
    ours = extension_fields(exchange, _seen(entry, exchange))
    if ours:
        entry[EXTENSION] = ours
    return entry


def _seen(entry: dict[str, Any], exchange: Exchange) -> Exchange:
    """What our reader finds in an entry by itself."""
    if exchange.connection is not None:
        return connection_exchange(exchange.connection, id="", index=0, capture="")
    found = exchange_of(Place(entry, "entry"), Reading(name=""), creator="mdmproxy")
    return exchange if found is None else found


def _request(request: Request) -> dict[str, Any]:
    result: dict[str, Any] = {
        "method": plain_text(request.method),
        "url": plain_text(request.url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [
            {"name": plain_text(name), "value": plain_text(value)}
            for name, value in parse_qsl(request.query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": -1 if request.body is None else len(request.body),
    }
    if request.body:
        result["postData"] = {
            "mimeType": plain_text(request.headers.get("Content-Type") or ""),
            **_body(request.body, request.headers),
        }
    return result


def _response(response: Response | None, error: str | None) -> dict[str, Any]:
    status = 0 if response is None else response.status
    headers = Headers() if response is None else response.headers
    body = None if response is None else response.body
    content: dict[str, Any] = {
        "size": -1 if response is not None and body is None else len(body or b""),
        "mimeType": plain_text(headers.get("Content-Type") or ""),
    }
    if body is not None:
        content |= _body(body, headers)
    result: dict[str, Any] = {
        "status": status,
        "statusText": _phrase(status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(headers),
        "content": content,
        "redirectURL": plain_text(headers.get("Location") or ""),
        "headersSize": -1,
        "bodySize": -1,
    }
    if response is None and error:
        result["_error"] = plain_text(error)
    return result


def _body(body: bytes, headers: Headers) -> dict[str, str]:
    if charset(headers) in _PLAIN_CHARSETS:
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            if "\0" not in text and not text.startswith("\ufeff"):
                return {"text": text}
    return {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": plain_text(name), "value": plain_text(value)} for name, value in headers]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _time(time: datetime | None) -> str:
    return _NEVER if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")
