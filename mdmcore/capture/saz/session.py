"""One session of a Fiddler archive as an exchange.

Source: formats.md section 1.2. The request line has the whole URL; chunk framing is still in the
bodies; Fiddler's own answers say something of the network and nothing of the server.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from mdmcore.capture.content_coding import decode_content
from mdmcore.capture.http1 import StoredMessage, without_chunks
from mdmcore.capture.saz.metadata import IS_HTTPS, MADE_BY_FIDDLER, SessionMetadata
from mdmcore.capture.source import Reading
from mdmcore.errors import ParseError
from mdmcore.http import Exchange, Notes, Request, Response, TlsFacts

_NO_RESPONSE = "the capture holds no response"
_DROPPED = 0x20000
_MAX_ERROR = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredExchange:
    """A session's files, taken apart; ``name`` is that of its request's file."""

    name: str
    request: StoredMessage
    answer: StoredMessage | None
    metadata: SessionMetadata


def exchange_of(stored: StoredExchange, reading: Reading, tls: TlsFacts | None) -> Exchange:
    """The exchange; ``tls`` is what its tunnel told. Raises ParseError."""
    metadata, extension = stored.metadata, stored.metadata.extension
    method, target = stored.request.request_line()
    response, error = _response(stored)
    url = _url(target, stored, tls)
    index = reading.exchanges + 1
    seen = Exchange(
        id=reading.exchange_id(index),
        index=index,
        capture=reading.name,
        request=Request(
            method=method,
            url=url,
            headers=stored.request.headers.without("Fiddler-Encoding"),
            body=_request_body(stored.request),
        ),
        response=response,
        started=metadata.started,
        ended=metadata.ended,
        peer=metadata.client,
        tls=tls,
        error=error,
        notes=notes_of(metadata),
    )
    exchange = extension.apply(seen)
    reading.next_index()
    return exchange


def notes_of(metadata: SessionMetadata) -> Notes:
    """The comment and our own annotation. Raises ParseError."""
    extension = metadata.extension
    return Notes(comment=metadata.comment, marker=extension.marker, data=extension.data)


def _response(stored: StoredExchange) -> tuple[Response | None, str | None]:
    """The answer, or why there is none."""
    answer = stored.answer
    if answer is None:
        return None, _NO_RESPONSE
    status = answer.status()
    if status == 0:
        return None, _NO_RESPONSE
    if stored.metadata.bits & MADE_BY_FIDDLER and answer.body.startswith(b"[Fiddler]"):
        said = " ".join(answer.body[:2000].decode("utf-8", "replace").split())
        return None, said[:_MAX_ERROR]
    body: bytes | None = _body(answer)
    if stored.metadata.bits & _DROPPED and not body:
        body = None
    return Response(status=status, headers=answer.headers, body=body), None


def _body(message: StoredMessage) -> bytes:
    body = message.body
    if "chunked" in (message.headers.get("Transfer-Encoding") or "").lower():
        plain = without_chunks(body)
        body = body if plain is None else plain
    return decode_content(body, message.headers.get("Content-Encoding"))


def _request_body(message: StoredMessage) -> bytes:
    body = _body(message)
    if (message.headers.get("Fiddler-Encoding") or "").strip().lower() == "base64":
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raise ParseError("the body should be base64, as Fiddler-Encoding says") from None
    return body


def _url(target: str, stored: StoredExchange, tls: TlsFacts | None) -> str:
    """The URL as it stands; other programs write the path alone, as the device sent it."""
    if target.lower().startswith(("http://", "https://")):
        return target.split("#", 1)[0]
    host = stored.request.headers.get("Host") or ""
    flags = stored.metadata.flags
    is_https = (
        stored.metadata.bits & IS_HTTPS
        or tls is not None
        or any(name.startswith(("https-client-", "https-server-")) for name in flags)
        or host.endswith(":443")
    )
    slash = "" if target.startswith("/") else "/"
    return f"{'https' if is_https else 'http'}://{host}{slash}{target}"
