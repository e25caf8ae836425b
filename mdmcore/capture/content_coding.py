"""Content-Encoding taken off a body, never beyond a limit (RFC 9110 section 8.4).

A few bytes of any of these codings can stand for gigabytes, so each decoder stops at the limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import zstandard

MAX_DECODED_BODY = 64 * 1024 * 1024
"""A compressed body that grows beyond this (bytes) stays as it was sent."""

_ZSTD_WINDOW = 8 * 1024 * 1024  # what RFC 8878 3.1.1.1.2 asks decoders to support


def decode_content(raw: bytes, coding: str | None, *, limit: int = MAX_DECODED_BODY) -> bytes:
    """The body without its coding.

    It stays as it is when the coding is unknown, broken, or would give more than ``limit`` bytes.
    """
    decode = _DECODERS.get((coding or "").strip().lower())
    if decode is None or not raw:
        return raw
    try:
        decoded = decode(raw, limit + 1)
    except (zlib.error, brotli.error, zstandard.ZstdError):
        return raw
    return decoded if len(decoded) <= limit else raw


def _gzip(raw: bytes, most: int) -> bytes:
    return _unpacked(raw, most, 31)


def _deflate(raw: bytes, most: int) -> bytes:
    try:
        return _unpacked(raw, most, 15)
    except zlib.error:  # some servers send the bare stream, without the zlib header
        return _unpacked(raw, most, -15)


def _unpacked(raw: bytes, most: int, window: int) -> bytes:
    """The content. Bytes of which nothing comes out, because they end too soon, are no content."""
    unpack = zlib.decompressobj(window)
    content = unpack.decompress(raw, most)
    if not content and not unpack.eof:
        raise zlib.error("the packed data end before any content")
    return content


def _brotli(raw: bytes, most: int) -> bytes:
    unpack = brotli.Decompressor()
    content = bytes(unpack.process(raw, output_buffer_limit=most))
    if not content and not unpack.is_finished():
        raise brotli.error("the packed data end before any content")
    return content


def _zstd(raw: bytes, most: int) -> bytes:
    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    with decoder.stream_reader(raw, read_across_frames=True) as stream:
        return bytes(stream.read(most))


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
