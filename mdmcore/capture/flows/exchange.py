"""What a live or recorded flow shows, as an exchange; serves the live proxy, too.

How a file is cut into flows is not done here. What only a flow can have, such as the ids of its
connections, is no part of an exchange.
"""

from __future__ import annotations

import contextlib
import ipaddress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from cryptography.hazmat.primitives.serialization import Encoding
from mitmproxy.connection import Connection
from mitmproxy.http import Headers as FlowHeaders
from mitmproxy.http import HTTPFlow, Message
from mitmproxy.net.http.url import parse_authority
from mitmproxy.proxy.mode_specs import ReverseMode

from mdmcore.capture.body_record import passed_of
from mdmcore.capture.connection_record import connection_of
from mdmcore.capture.content_coding import decode_content
from mdmcore.capture.flow_metadata import annotation_of, with_facts_of
from mdmcore.capture.forwarded_header import device_headers
from mdmcore.capture.passing_record import passing_of
from mdmcore.http import (
    Exchange,
    Headers,
    Notes,
    Request,
    Response,
    TlsFacts,
    connection_exchange,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_OF_EITHER_SIDE = ("peer closed connection", "HTTP/2 ", "Received HTTP/2 ", "Invalid HTTP/2 ")


def exchange_from_flow(flow: HTTPFlow, *, id: str, index: int, capture: str) -> Exchange:
    """The exchange that a live or recorded flow shows; an edited flow as it stands now.

    The URL names the host of the connection, not that of the Host header: as it is in TLS where
    the proxy stands before one server, or was asked for an address. Bodies have their
    Content-Encoding removed where it can be; None for a body that was streamed through, of which
    the answer then has what was noted (``body_record``). A flow that stands for a connection
    (``connection_record``) gives that; raises ParseError when such a record is damaged. A header
    that the proxy added (``forwarded_header``) is left out. What a flow does not tell of
    the exchange that it was made from (``flow_metadata``) is that of the exchange.
    """
    connection = connection_of(flow.metadata)
    if connection is not None:
        seen = connection_exchange(
            connection,
            id=id,
            index=index,
            capture=capture,
            tls=tls_facts(flow),
            notes=_notes(flow),
        )
        return with_facts_of(seen, flow.metadata)
    seen = Exchange(
        id=id,
        index=index,
        capture=capture,
        request=_request(flow),
        response=_response(flow),
        started=_time(flow.request.timestamp_start),
        ended=_ended(flow),
        peer=_peer(flow),
        tls=tls_facts(flow),
        error=_error(flow),
        is_begun=passing_of(flow.metadata).is_begun,
        notes=_notes(flow),
    )
    return with_facts_of(seen, flow.metadata)


def tls_facts(flow: HTTPFlow) -> TlsFacts | None:
    """What the handshakes on both sides of a flow showed; ``None`` when there was none.

    mitmproxy drops a certificate that it cannot parse: no client certificate means none, or one
    of those.
    """
    client, server = flow.client_conn, flow.server_conn
    if not (client.tls or server.certificate_list):
        return None
    return TlsFacts(
        version=client.tls_version,
        cipher=client.cipher,
        sni=client.sni,
        client_certificates=_certificates(client),
        server_certificates=_certificates(server),
        server_sni=server.sni if server.tls and server.sni != client.sni else None,
    )


def _notes(flow: HTTPFlow) -> Notes:
    data = annotation_of(flow.metadata)
    return Notes(comment=flow.comment, marker=flow.marked, data=data)


def _ended(flow: HTTPFlow) -> datetime | None:
    """When the whole answer was there, or it was clear that none comes."""
    if flow.error is not None:
        return _time(flow.error.timestamp)
    return _time(flow.response.timestamp_end) if flow.response is not None else None


def _error(flow: HTTPFlow) -> str | None:
    """What ended the exchange, in mitmproxy's words; whose doing it was, where they do not tell."""
    said = flow.error.msg if flow.error is not None else None
    passing = passing_of(flow.metadata)
    if passing.crash:
        return f"mitmproxy has crashed: {passing.crash}{f' {said}' if said else ''}"
    # In HTTP/2 the words are the same for both sides.
    is_of_either = said is not None and said.startswith(_OF_EITHER_SIDE)
    return f"the device left: {said}" if is_of_either and passing.has_left else said


def _request(flow: HTTPFlow) -> Request:
    request = flow.request
    return Request(
        method=request.data.method.decode("latin-1"),
        url=_url(flow),
        headers=device_headers(_headers(request.headers), flow.metadata),
        body=_body(request),
    )


def _response(flow: HTTPFlow) -> Response | None:
    if flow.response is None:
        return None
    body = _body(flow.response)
    return Response(
        status=flow.response.status_code,
        headers=_headers(flow.response.headers),
        body=body,
        passed=passed_of(flow.metadata) if body is None else None,
    )


def _url(flow: HTTPFlow) -> str:
    request = flow.request
    scheme = request.scheme if request.scheme in _DEFAULT_PORTS else _scheme_of(flow)
    host, port = request.host, request.port
    named = _named_in_tls(flow)
    if named is not None:
        scheme, (host, port) = "https", named
    shown = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
    path = request.data.path.decode("latin-1")
    # An OPTIONS * and a CONNECT have no path of their own.
    slash = "" if path.startswith("/") else "/"
    return f"{scheme}://{_url_host(host)}{shown}{slash}{path}"


def _named_in_tls(flow: HTTPFlow) -> tuple[str, int] | None:
    """The host that the device named in TLS, where the proxy goes to a place of another name: the
    server that it stands before, or the address that the device had looked up itself."""
    client, request = flow.client_conn, flow.request
    if not client.tls or not client.sni or request.method == "CONNECT":
        return None
    is_before = isinstance(client.proxy_mode, ReverseMode)
    if not (is_before or _is_address(request.host)) or client.sni.lower() == request.host.lower():
        return None
    try:
        name, port = parse_authority(request.host_header or "", check=False)
    except ValueError:
        name, port = "", None
    if name.lower() == client.sni.lower():
        return client.sni, port or _DEFAULT_PORTS["https"]
    return client.sni, _DEFAULT_PORTS["https"] if is_before else request.port


def _is_address(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    return False


def _scheme_of(flow: HTTPFlow) -> str:
    return "https" if flow.client_conn.tls else "http"


def _url_host(host: str) -> str:
    """The host as a URL may hold it: IPv6 in brackets, A-labels, all else percent-encoded."""
    with contextlib.suppress(ValueError):
        return f"[{ipaddress.IPv6Address(host).compressed}]"
    if not host.isascii():
        with contextlib.suppress(UnicodeError):
            host = host.encode("idna").decode("ascii")
    return quote(host.encode("utf-8", "surrogateescape"), safe="!$&'()*+,;=-._~%")


def _headers(headers: FlowHeaders) -> Headers:
    # Latin-1 keeps each byte; headers of these protocols are ASCII anyhow.
    return Headers(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.fields
    )


def _body(message: Message) -> bytes | None:
    raw = message.raw_content
    return None if raw is None else decode_content(raw, message.headers.get("content-encoding"))


def _time(seconds: float | None) -> datetime | None:
    if seconds is None:
        return None
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def _peer(flow: HTTPFlow) -> str | None:
    return flow.client_conn.peername[0] or None


def _certificates(connection: Connection) -> tuple[bytes, ...]:
    return tuple(
        certificate.to_cryptography().public_bytes(Encoding.DER)
        for certificate in connection.certificate_list
    )
