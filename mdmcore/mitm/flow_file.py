"""Exchanges that we carried ourselves, as flows: for recordings that mitmproxy reads, too.

The opposite of ``capture.flows``. What a flow has and an exchange lacks, such as the addresses of
its connections, is left empty.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from mitmproxy import connection
from mitmproxy.certs import Cert
from mitmproxy.flow import Error
from mitmproxy.http import Headers, HTTPFlow, Request, Response
from mitmproxy.net.http import status_codes

from mdmcore.http import Exchange
from mdmcore.http import Headers as OurHeaders
from mdmcore.pki.authority import certificate_pem

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NOWHERE = ("", 0)


def flow_from(exchange: Exchange) -> HTTPFlow:
    """The flow of an exchange; one that got no answer has its error."""
    started = exchange.started.timestamp() if exchange.started is not None else 0.0
    flow = HTTPFlow(_client(exchange, started), _server(exchange, started))
    flow.request = _request(exchange, started)
    ended = started if exchange.ended is None else exchange.ended.timestamp()
    flow.response = _response(exchange, started, ended)
    flow.timestamp_created = started
    if exchange.error is not None:
        flow.error = Error(exchange.error, ended)
    return flow


def _client(exchange: Exchange, started: float) -> connection.Client:
    client = connection.Client(
        peername=(exchange.peer or "", 0), sockname=_NOWHERE, timestamp_start=started
    )
    client.tls = exchange.request.url.lower().startswith("https:")
    if exchange.tls is not None:
        client.tls_version = exchange.tls.version  # type: ignore[assignment]
        client.cipher = exchange.tls.cipher
        client.sni = exchange.tls.sni
    return client


def _server(exchange: Exchange, started: float) -> connection.Server:
    host, port = _address(exchange.request.url)
    server = connection.Server(address=(host, port))
    server.timestamp_start = started
    if exchange.tls is not None:
        server.tls = True
        server.sni = exchange.tls.sni
        server.certificate_list = [
            Cert.from_pem(certificate_pem(der)) for der in exchange.tls.server_certificates
        ]
    return server


def _request(exchange: Exchange, started: float) -> Request:
    request = exchange.request
    parts = urlsplit(request.url)
    host, port = _address(request.url)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    headers = _headers(request.headers)
    if "Host" not in headers:
        headers["Host"] = parts.netloc
    return Request(
        host=host,
        port=port,
        method=request.method.encode("latin-1"),
        scheme=parts.scheme.encode("latin-1"),
        authority=b"",
        path=path.encode("latin-1"),
        http_version=b"HTTP/1.1",
        headers=headers,
        content=request.body,
        trailers=None,
        timestamp_start=started,
        timestamp_end=started,
    )


def _response(exchange: Exchange, started: float, ended: float) -> Response | None:
    response = exchange.response
    if response is None:
        return None
    return Response(
        http_version=b"HTTP/1.1",
        status_code=response.status,
        reason=status_codes.RESPONSES.get(response.status, "").encode(),
        headers=_headers(response.headers),
        content=response.body,
        trailers=None,
        timestamp_start=started,
        timestamp_end=ended,
    )


def _headers(headers: OurHeaders) -> Headers:
    return Headers([(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers])


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    port = parts.port if parts.port is not None else _DEFAULT_PORTS.get(parts.scheme, 0)
    return parts.hostname or "", port
