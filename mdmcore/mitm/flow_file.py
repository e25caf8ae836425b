"""Exchanges as flows: for recordings and conversions that mitmproxy reads, too.

The opposite of ``capture.flows``, which finds the same exchange again. What a flow has and an
exchange lacks, such as the addresses of its connections, is left empty; what an exchange has and a
flow lacks stands in the metadata (``capture.flow_metadata``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, get_args
from urllib.parse import urlsplit

from mitmproxy import connection
from mitmproxy.certs import Cert
from mitmproxy.flow import Error
from mitmproxy.http import Headers, HTTPFlow, Request, Response
from mitmproxy.net.http import status_codes

from mdmcore.capture.body_record import PASSED_FIELD
from mdmcore.capture.connection_record import METADATA_KEY
from mdmcore.capture.facts import facts_of
from mdmcore.capture.flow_metadata import FACTS_FIELD, metadata_with, records_of
from mdmcore.capture.flows import exchange_from_flow
from mdmcore.capture.flows.original import put_notes
from mdmcore.capture.passing_record import PASSING_FIELD, Passing, passing_fields
from mdmcore.capture.plain_json import plain_text
from mdmcore.capture.stored_body import coded
from mdmcore.http import Exchange, TlsFacts
from mdmcore.http import Headers as OurHeaders
from mdmcore.http import Request as OurRequest
from mdmcore.mitm.connection_flow import connection_flow
from mdmcore.passed_body import passed_fields
from mdmcore.pki.authority import certificate_pem

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NOWHERE = ("", 0)
_VERSIONS = frozenset(get_args(connection.TlsVersion))


def flow_from(exchange: Exchange) -> HTTPFlow:
    """The flow of an exchange; one that got no answer has its error."""
    if exchange.connection is not None:
        flow = _connection_flow(exchange)
    else:
        flow = _http_flow(exchange)
        _put_records(flow, _seen_live(exchange))
    _put_records(flow, _not_seen(exchange, flow))
    put_notes(flow, exchange.notes)
    return flow


def _http_flow(exchange: Exchange) -> HTTPFlow:
    started = exchange.started.timestamp() if exchange.started is not None else 0.0
    flow = HTTPFlow(_client(exchange, started), _server(exchange, started))
    flow.request = _request(exchange, started)
    ended = started if exchange.ended is None else exchange.ended.timestamp()
    flow.response = _response(exchange, started, ended)
    flow.timestamp_created = started
    if exchange.error is not None:
        flow.error = Error(plain_text(exchange.error), ended)
    return flow


def _connection_flow(exchange: Exchange) -> HTTPFlow:
    record = exchange.connection
    assert record is not None
    started = record.opened.timestamp() if record.opened is not None else 0.0
    client = _client(exchange, started)
    if record.closed is not None:
        client.timestamp_end = record.closed.timestamp()
    flow = connection_flow(record, client, _server(exchange, started))
    # What was found is the annotation's matter; without one, nothing has been judged.
    flow.metadata[METADATA_KEY] = metadata_with({}, records_of(flow.metadata))
    return flow


def _seen_live(exchange: Exchange) -> dict[str, Any]:
    """The records that a live flow of this exchange would have."""
    records: dict[str, Any] = {}
    if exchange.is_begun:
        records[PASSING_FIELD] = passing_fields(Passing(is_begun=True))
    response = exchange.response
    if response is not None and response.body is None and response.passed is not None:
        records[PASSED_FIELD] = passed_fields(response.passed)
    return records


def _not_seen(exchange: Exchange, flow: HTTPFlow) -> dict[str, Any]:
    """What a reader of the flow would not find of the exchange."""
    seen = exchange_from_flow(flow, id=exchange.id, index=exchange.index, capture=exchange.capture)
    facts = facts_of(exchange, seen)
    return {FACTS_FIELD: facts} if facts else {}


def _put_records(flow: HTTPFlow, records: dict[str, Any]) -> None:
    if records:
        flow.metadata[METADATA_KEY] = metadata_with({}, {**records_of(flow.metadata), **records})


# --- the parts of a flow ---------------------------------------------------------------------


def _client(exchange: Exchange, started: float) -> connection.Client:
    client = connection.Client(
        peername=(plain_text(exchange.peer or ""), 0), sockname=_NOWHERE, timestamp_start=started
    )
    tls = exchange.tls
    if tls is not None:
        client.tls = True
        client.tls_version = tls.version if tls.version in _VERSIONS else None  # type: ignore[assignment]
        client.cipher = None if tls.cipher is None else plain_text(tls.cipher)
        client.sni = None if tls.sni is None else plain_text(tls.sni)
        client.certificate_list = _certificates(tls.client_certificates)
    return client


def _server(exchange: Exchange, started: float) -> connection.Server:
    _, host, port, _ = _place(exchange.request)
    server = connection.Server(address=(host, port))
    server.timestamp_start = started
    tls: TlsFacts | None = exchange.tls
    if tls is not None:
        name = tls.server_sni if tls.server_sni is not None else tls.sni
        server.tls = True
        server.sni = None if name is None else plain_text(name)
        server.certificate_list = _certificates(tls.server_certificates)
    return server


def _certificates(chain: tuple[bytes, ...]) -> list[Cert]:
    """Those that mitmproxy can hold: it drops the others when it sees them live, too."""
    return [found for der in chain if (found := _certificate(der)) is not None]


@lru_cache(maxsize=256)
def _certificate(der: bytes) -> Cert | None:
    try:
        return Cert.from_pem(certificate_pem(der))
    except ValueError:
        return None


def _request(exchange: Exchange, started: float) -> Request:
    request = exchange.request
    scheme, host, port, path = _place(request)
    kept, body = _raw(request.headers, request.body)
    headers = _headers(kept)
    if "Host" not in headers:
        shown = f"[{host}]" if ":" in host else host
        headers["Host"] = shown if port == _DEFAULT_PORTS.get(scheme) else f"{shown}:{port}"
    return Request(
        host=host,
        port=port,
        method=_bytes(request.method),
        scheme=_bytes(scheme),
        authority=b"",
        path=_bytes(path),
        http_version=b"HTTP/1.1",
        headers=headers,
        content=body,
        trailers=None,
        timestamp_start=started,
        timestamp_end=started,
    )


def _response(exchange: Exchange, started: float, ended: float) -> Response | None:
    response = exchange.response
    if response is None:
        return None
    headers, body = _raw(response.headers, response.body)
    return Response(
        http_version=b"HTTP/1.1",
        status_code=response.status,
        reason=status_codes.RESPONSES.get(response.status, "").encode(),
        headers=_headers(headers),
        content=body,
        trailers=None,
        timestamp_start=started,
        timestamp_end=ended,
    )


def _raw(headers: OurHeaders, body: bytes | None) -> tuple[OurHeaders, bytes | None]:
    """Headers and body as a flow has them: with the coding that the headers name."""
    return (headers, None) if body is None else coded(headers, body)


def _headers(headers: OurHeaders) -> Headers:
    return Headers([(_bytes(name), _bytes(value)) for name, value in headers])


def _bytes(text: str) -> bytes:
    """The bytes of the wire, each a character; what cannot be that came as text, and is UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _place(request: OurRequest) -> tuple[str, str, int, str]:
    """Scheme, host, port and path with query of a URL, as far as it has them."""
    try:
        parts = urlsplit(request.url)
        port = parts.port if parts.port is not None else _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return "http", "", 80, "/"
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return parts.scheme, plain_text(parts.hostname or ""), port, path
