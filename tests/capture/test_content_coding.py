"""Codings are taken off, never beyond the limit."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.capture.content_coding import decode_content


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


CODERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("X-GZIP", gzip.compress),
    ("deflate", zlib.compress),
    (" deflate ", bare_deflate),
    ("br", brotli.compress),
    ("zstd", zstandard.ZstdCompressor().compress),
]
coders = pytest.mark.parametrize(("coding", "encode"), CODERS)


@coders
def test_a_coding_is_taken_off(coding: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode_content(encode(b"<SyncML/>"), coding) == b"<SyncML/>"


@coders
def test_what_would_grow_beyond_the_limit_stays(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    packed = encode(bytes(100_001))
    assert decode_content(packed, coding, limit=100_000) == packed
    assert decode_content(packed, coding, limit=100_001) == bytes(100_001)


@coders
def test_what_is_broken_stays(coding: str, encode: Callable[[bytes], bytes]) -> None:
    broken = b"\x00" + encode(b"<SyncML/>" * 10)
    assert decode_content(broken, coding) == broken


@pytest.mark.parametrize("coding", [None, "", "identity", "gzip, br", "unknown"])
def test_other_codings_leave_the_body_alone(coding: str | None) -> None:
    assert decode_content(b"body", coding) == b"body"


@given(raw=st.binary(max_size=200), coding=st.sampled_from([coding for coding, _ in CODERS]))
def test_noise_never_raises(raw: bytes, coding: str) -> None:
    assert isinstance(decode_content(raw, coding, limit=1000), bytes)
