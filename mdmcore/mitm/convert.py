"""Between mitmproxy's flows and the core's requests, responses and exchanges.

Which host a flow is for is decided by the connection (SNI, CONNECT or request line), never by the
Host header, which any client can write as it likes.
"""

from __future__ import annotations

from collections.abc import Callable

from mitmproxy import http
from mitmproxy.net.http import status_codes

from mdmcore.capture.content_coding import decode_content
from mdmcore.capture.flows import exchange_from_flow, tls_facts
from mdmcore.http import Exchange, Headers, Request, Response, TlsFacts
from mdmcore.xml import MAX_XML_BYTES

_DEFAULT_PORTS = {"http": 80, "https": 443}
_BODILESS = frozenset({204, 304})


def exchange_from(flow: http.HTTPFlow, *, capture: str, index: int) -> Exchange:
    """The flow as the core sees it, by the same code that reads flow files."""
    return exchange_from_flow(flow, id=f"{capture}:{index}", index=index, capture=capture)


def tls_from(flow: http.HTTPFlow) -> TlsFacts | None:
    """What the handshakes around a flow showed; an unparsable certificate is not among it."""
    return tls_facts(flow)


def connection_hosts(flow: http.HTTPFlow) -> tuple[str, ...]:
    """Names the device connected to, in lower case: the SNI first, then CONNECT or request line."""
    names = (flow.client_conn.sni, flow.request.host)
    return tuple(dict.fromkeys(name.lower().rstrip(".") for name in names if name))


def matching_host(flow: http.HTTPFlow, answers_for: Callable[[str], bool]) -> str | None:
    """The connection's name that is one of ours, if any."""
    return next((name for name in connection_hosts(flow) if answers_for(name)), None)


def request_from(flow: http.HTTPFlow, host: str) -> Request:
    """The request of a flow, its URL on ``host``. A compressed body is unpacked, bounded."""
    request = flow.request
    raw = request.raw_content
    port = "" if request.port == _DEFAULT_PORTS.get(request.scheme) else f":{request.port}"
    path = request.path if request.path.startswith("/") else "/"
    headers = Headers(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.fields
    )
    return Request(
        method=request.method,
        url=f"{request.scheme}://{host}{port}{path}",
        headers=headers,
        body=None
        if raw is None
        else decode_content(raw, headers.get("Content-Encoding"), limit=MAX_XML_BYTES),
    )


def apply_response(flow: http.HTTPFlow, response: Response) -> None:
    """Answer the flow: whole body, Content-Length in bytes, Connection as the client's version
    needs it (a client that asked for ``close`` must be told of it). An answer that is to be chunked
    is, where the client's version knows that."""
    body = response.body or b""
    headers = response.headers.without("Connection").without("Transfer-Encoding")
    has_body = flow.request.method != "HEAD" and response.status not in _BODILESS
    if has_body and _is_chunked(flow.request, response):
        headers = headers.without("Content-Length").replaced("Transfer-Encoding", "chunked")
    elif has_body:
        headers = headers.replaced("Content-Length", str(len(body)))
    fields = list(headers)
    if flow.request.is_http2 or flow.request.is_http3:
        # Names are lower-case there and Connection is forbidden (RFC 9113 8.2).
        fields = [(name.lower(), value) for name, value in fields]
    elif connection := _connection(flow.request):
        fields.append(("Connection", connection))
    flow.response = http.Response(
        http_version=b"HTTP/1.1",
        status_code=response.status,
        reason=status_codes.RESPONSES.get(response.status, "").encode(),
        headers=http.Headers(
            [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        ),
        content=body,
        trailers=None,
        timestamp_start=flow.request.timestamp_end or flow.request.timestamp_start,
        timestamp_end=flow.request.timestamp_end or flow.request.timestamp_start,
    )


def _is_chunked(request: http.Request, response: Response) -> bool:
    coding = (response.headers.get("Transfer-Encoding") or "").strip().lower()
    return coding == "chunked" and request.http_version == "HTTP/1.1"


def _connection(request: http.Request) -> str | None:
    asked = {part.strip().lower() for part in request.headers.get("Connection", "").split(",")}
    if "close" in asked:
        return "close"
    if request.http_version == "HTTP/1.0":
        return "keep-alive" if "keep-alive" in asked else "close"
    return None
