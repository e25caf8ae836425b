"""A body as its headers say it was sent: the opposite of taking codings off.

Exchanges hold bodies without coding, and headers as they were. What is written to an archive has to
be both at once, or a reader would take a plain body for a packed one. The bytes of a packed body
are not those of before, its content is. Source: RFC 9110 section 8.4, RFC 9112 section 7.1.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli
import zstandard

from mdmcore.capture.content_coding import decode_content
from mdmcore.http import Headers


def coded(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """The body with the Content-Encoding that its headers name, and headers with its new length.

    A body whose coding could not be taken off, or is unknown, stays as it is.
    """
    name = (headers.get("Content-Encoding") or "").strip().lower()
    encode = _ENCODERS.get(name)
    if encode is None or not body:
        return headers, body
    if decode_content(body, name) != body:  # it is packed still
        return headers, body
    packed = encode(body)
    if "Content-Length" in headers:
        headers = with_value(headers, "Content-Length", str(len(packed)))
    return headers, packed


def framed(headers: Headers, body: bytes) -> bytes:
    """The body as one chunk where its headers say that it is chunked."""
    if "chunked" not in (headers.get("Transfer-Encoding") or "").lower():
        return body
    return (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"


def with_value(headers: Headers, name: str, value: str) -> Headers:
    """The headers with another value in the places of that name."""
    wanted = name.lower()
    return Headers((key, value if key.lower() == wanted else old) for key, old in headers)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def _zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(body)


_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": _zstd,
}
