"""Writing HAR 1.2, entry by entry.

Source: HAR 1.2, formats.md section 2.4. Every key that the specification wants is there. A body
that is no UTF-8 text is base64 and says so, also in postData, which many programs read and the
specification does not know. What HAR has no room for stands under ``_mdmproxy``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

from mdmcore.capture.extension import extension_fields
from mdmcore.capture.har.entry import EXTENSION
from mdmcore.http import Exchange, Headers, Request, Response, charset

_NEVER = "1970-01-01T00:00:00Z"
_PLAIN_CHARSETS = (None, "utf-8", "utf8", "us-ascii")


def write_har(
    out: BinaryIO, exchanges: Iterable[Exchange], *, version: str, comment: str = ""
) -> int:
    """Write an archive; returns how many entries it has. ``version`` is that of mdmproxy."""
    creator = json.dumps({"name": "mdmproxy", "version": version})
    out.write(b'{"log": {"version": "1.2", "creator": %b,\n' % creator.encode())
    if comment:
        out.write(b'"comment": %b,\n' % json.dumps(comment).encode())
    out.write(b'"pages": [],\n"entries": [')
    count = 0
    for exchange in exchanges:
        out.write(b",\n" if count else b"\n")
        out.write(json.dumps(_entry(exchange)).encode("ascii"))
        count += 1
    out.write(b"\n]}}\n")
    return count


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
        entry["comment"] = _text(exchange.notes.comment)
    ours = extension_fields(exchange)
    if ours:
        entry[EXTENSION] = ours
    return entry


def _request(request: Request) -> dict[str, Any]:
    result: dict[str, Any] = {
        "method": request.method,
        "url": _text(request.url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": -1 if request.body is None else len(request.body),
    }
    if request.body:
        result["postData"] = {
            "mimeType": request.headers.get("Content-Type") or "",
            **_body(request.body, request.headers),
        }
    return result


def _response(response: Response | None, error: str | None) -> dict[str, Any]:
    status = 0 if response is None else response.status
    headers = Headers() if response is None else response.headers
    body = None if response is None else response.body
    content: dict[str, Any] = {
        "size": -1 if response is not None and body is None else len(body or b""),
        "mimeType": headers.get("Content-Type") or "",
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
        "redirectURL": headers.get("Location") or "",
        "headersSize": -1,
        "bodySize": -1,
    }
    if response is None and error:
        result["_error"] = _text(error)
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
    return [{"name": _text(name), "value": _text(value)} for name, value in headers]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _text(text: str) -> str:
    """Without lone surrogates, which strict readers refuse."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _time(time: datetime | None) -> str:
    return _NEVER if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")
