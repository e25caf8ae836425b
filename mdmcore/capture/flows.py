"""mitmproxy flow files: streamed into exchanges, with the place of each break.

The only module of the core that knows mitmproxy's flows; ``exchange_from_flow`` serves the live
proxy too. Format: a row of tnetstrings, one dict for each flow, of any format version that the
installed mitmproxy migrates. How the row is cut into frames, and found again after damage, is in
``frames``; what an exchange means is not decided here.
"""

from __future__ import annotations

import contextlib
import gc
import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import quote

from cryptography.hazmat.primitives.serialization import Encoding
from mitmproxy import flow as mitmproxy_flow
from mitmproxy.connection import Connection
from mitmproxy.exceptions import FlowReadException
from mitmproxy.http import Headers as FlowHeaders
from mitmproxy.http import HTTPFlow, Message
from mitmproxy.io import compat, tnetstring
from mitmproxy.net.http.url import parse_authority
from mitmproxy.proxy.mode_specs import ReverseMode

from mdmcore.capture.body_record import passed_of
from mdmcore.capture.connection_record import METADATA_KEY, connection_of, until_of
from mdmcore.capture.content_coding import decode_content
from mdmcore.capture.forwarded_header import device_headers
from mdmcore.capture.frames import Frame, FrameReader
from mdmcore.capture.passing_record import passing_of
from mdmcore.capture.source import Reading
from mdmcore.errors import ParseError
from mdmcore.http import (
    Exchange,
    Headers,
    Notes,
    Request,
    Response,
    TlsFacts,
    connection_exchange,
)

_BIG_FRAME = 1024 * 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_OF_EITHER_SIDE = ("peer closed connection", "HTTP/2 ", "Received HTTP/2 ", "Invalid HTTP/2 ")

# What building a flow from hostile data raises: mitmproxy checks types, not values.
_BUILD_ERRORS = (
    FlowReadException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    ParseError,
)


def read_flows(file: BinaryIO, reading: Reading) -> Iterator[Exchange]:
    """The HTTP exchanges of a flow file; breaks go to ``reading``, other flows are counted there.

    Where a frame is damaged, reading goes on at the next frame that can be recognised, and the
    problem says so ('recovered').
    """
    frames = FrameReader(file, reading.problem)
    while (frame := frames.next()) is not None:
        if len(frame.data) >= _BIG_FRAME:
            # Building a flow leaves reference cycles inside mitmproxy: big ones would pile up.
            gc.collect()
        state = _state(frame)
        if state is None:
            frames.reject(frame, "is no flow: its content is damaged")
            continue
        try:
            exchange = _exchange_of_state(state, reading)
        except _BUILD_ERRORS as error:
            reading.problem(f"offset {frame.offset}", f"this flow cannot be read: {_line(error)}")
            continue
        if exchange is not None:
            yield exchange


def _state(frame: Frame) -> dict[bytes | str, Any] | None:
    """The frame's dict, or None where it is not whole."""
    try:
        state = tnetstring.loads(frame.data)
    except _BUILD_ERRORS:
        return None
    return state if isinstance(state, dict) else None


def _exchange_of_state(state: dict[bytes | str, Any], reading: Reading) -> Exchange | None:
    """The exchange, or None for a flow that is not HTTP; raises one of _BUILD_ERRORS."""
    kind = state.get("type", state.get(b"type"))
    name = kind.decode("ascii", "replace") if isinstance(kind, bytes) else str(kind)
    if name in ("tcp", "udp", "dns"):
        reading.passed_over[name] += 1
        return None
    flow = mitmproxy_flow.Flow.from_state(compat.migrate_flow(state))
    if not isinstance(flow, HTTPFlow):
        reading.passed_over[flow.type] += 1
        return None
    until = until_of(flow.metadata)
    if until is not None:
        reading.saw_until(until)
        return None
    index = reading.exchanges + 1
    exchange = exchange_from_flow(
        flow, id=reading.exchange_id(index), index=index, capture=reading.name
    )
    reading.next_index()
    return exchange


def exchange_from_flow(flow: HTTPFlow, *, id: str, index: int, capture: str) -> Exchange:
    """The exchange that a live or recorded flow shows; an edited flow as it stands now.

    The URL names the host of the connection, not that of the Host header: as it is in TLS where
    the proxy stands before one server, or was asked for an address. Bodies have their
    Content-Encoding removed where it can be; None for a body that was streamed through, of which
    the answer then has what was noted (``body_record``). A flow that stands for a connection
    (``connection_record``) gives that; raises ParseError when such a record is damaged. A header
    that the proxy added (``forwarded_header``) is left out.
    """
    connection = connection_of(flow.metadata)
    if connection is not None:
        return connection_exchange(
            connection,
            id=id,
            index=index,
            capture=capture,
            tls=tls_facts(flow),
            notes=_notes(flow),
        )
    return Exchange(
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
    ours = flow.metadata.get(METADATA_KEY)
    data = ours if isinstance(ours, dict) else {}
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


def _line(error: Exception) -> str:
    """The error in one bounded line: mitmproxy quotes whole states in some of its own."""
    text = " ".join(str(error).split())
    if isinstance(error, KeyError):
        text = f"{text} is missing"
    return (text if len(text) <= 200 else f"{text[:200]}...") or type(error).__name__
