"""Packet captures by their first bytes."""

from __future__ import annotations

import gzip

import pytest

from mdmcore.capture.pcap.sniffing import is_pcap

PCAPNG = bytes.fromhex("0a0d0d0a1c0000004d3c2b1a")
HEADS = (
    bytes.fromhex("d4c3b2a1"),
    bytes.fromhex("a1b2c3d4"),
    bytes.fromhex("4d3cb2a1"),
    bytes.fromhex("a1b23c4d"),
    b"GMBU",
    b"RTSS",
    PCAPNG,
    bytes.fromhex("0a0d0d0a0000001c1a2b3c4d"),
)


@pytest.mark.parametrize("head", HEADS, ids=lambda one: one.hex())
def test_each_format_is_told_also_packed(head: bytes) -> None:
    assert is_pcap(head + bytes(100))
    assert is_pcap(gzip.compress(head + bytes(100), mtime=0))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x0a\x0d\x0d\x0a" + bytes(20),
        b"{}",
        b"PK\x03\x04",
        gzip.compress(b"{}", mtime=0),
        b"\x1f\x8b\x08" + bytes(20),
        b"\x1f\x8b",
    ],
)
def test_what_is_none(head: bytes) -> None:
    assert not is_pcap(head)
