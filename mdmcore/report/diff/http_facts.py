"""Facts of HTTP and TLS around a message: URL, headers, status, lengths, certificates shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from mdmcore.errors import MdmError
from mdmcore.http import Exchange, Headers
from mdmcore.inspector.masked_header import masked_header
from mdmcore.inspector.masking import Mask
from mdmcore.pki.certificate import parse_certificate
from mdmcore.report.diff.facts import Fact, Names, relation
from mdmcore.rules.life import Life

_ALWAYS_OTHER = frozenset(
    {
        *("content-length", "date", "host", "cookie", "authorization", "proxy-authorization"),
        *("etag", "last-modified", "expires", "age", "x-syncml-hmac", "if-range"),
    }
)
_PRESENT = frozenset({"cookie", "authorization", "set-cookie", "x-syncml-hmac"})
_MAX_FIELDS = 64


def http_facts(exchange: Exchange, names: Names, mask: Mask) -> Iterator[Fact]:
    """Method, URL and headers of the request; status and headers of the answer."""
    request, response = exchange.request, exchange.response
    yield Fact(what="method", value=request.method, key=request.method)
    yield from _url_facts(request.url, names, mask)
    yield from _header_facts("request header", request.headers, names, mask)
    if response is None:
        yield names.fact("no answer", exchange.error or "connection ended")
        return
    yield Fact(what="status", value=str(response.status), key=str(response.status))
    yield from _header_facts("answer header", response.headers, names, mask)
    length = response.headers.get("Content-Length")
    if length is not None and response.body is not None and exchange.verbatim:
        fits = length.strip() == str(len(response.body))
        told = relation("answer header Content-Length: is that of the body", fits)
        yield replace(told, needs_both=True)


def _url_facts(url: str, names: Names, mask: Mask) -> Iterator[Fact]:
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        yield names.fact("URL", mask.url(url))
        return
    yield names.fact("URL", mask.url(f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"))
    for name, value in query:
        sign = f"?{name}="
        yield names.fact(f"query {name}", mask.url(f"{sign}{value}").removeprefix(sign))


def _header_facts(where: str, headers: Headers, names: Names, mask: Mask) -> Iterator[Fact]:
    for name, value in headers:
        plain = name.lower()
        if plain in _PRESENT:
            yield Fact(what=f"{where} {_titled(name)}", value="is sent", key="is sent")
        elif plain not in _ALWAYS_OTHER:
            shown = value if mask.show_secrets else masked_header(name, value)
            yield names.fact(f"{where} {_titled(name)}", shown)
    if "Content-Length" in headers:
        yield Fact(what=f"{where} Content-Length", value="is sent", key="is sent")


def _titled(name: str) -> str:
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def tls_facts(exchange: Exchange, life: Life) -> Iterator[Fact]:
    """Version and certificates of the connection, where the capture has them."""
    tls = exchange.tls
    if tls is None:
        return
    if tls.version:
        yield Fact(what="TLS version", value=tls.version, key=tls.version, needs_both=True)
    shown = [_spki(der) for der in tls.client_certificates[:1]]
    own = [one.spki for one in (life.certificate, life.previous_certificate) if one is not None]
    what = "none" if not shown else "the device's own" if shown[0] in own else "another"
    yield Fact(what="TLS client certificate", value=what, key=what, needs_both=True)
    if tls.server_certificates:
        number = str(len(tls.server_certificates))
        yield Fact(what="TLS server certificates", value=number, key=number, needs_both=True)


def _spki(der: bytes) -> bytes | None:
    try:
        return parse_certificate(der).spki
    except MdmError:
        return None
