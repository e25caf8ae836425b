"""A pcap file of HTTP requests, written by hand: one TCP segment each, addresses made up."""

from __future__ import annotations

import struct
from collections.abc import Iterable

_MAGIC, _MAJOR, _MINOR, _SNAP, _RAW_IP = 0xA1B2C3D4, 2, 4, 0x40000, 101
_CLIENT, _SERVER = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])


def http_posts(bodies: Iterable[bytes], media_type: str) -> bytes:
    """A capture in which each body is posted once, each over a connection of its own."""
    packets = [
        _packet(_request(body, media_type), port=50_000 + number)
        for number, body in enumerate(bodies)
    ]
    head = struct.pack("<IHHiIII", _MAGIC, _MAJOR, _MINOR, 0, 0, _SNAP, _RAW_IP)
    records = (
        struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet
        for number, packet in enumerate(packets)
    )
    return head + b"".join(records)


def _request(body: bytes, media_type: str) -> bytes:
    head = (
        "POST /omadm HTTP/1.1\r\nHost: mdm.example.test\r\n"
        f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def _packet(payload: bytes, *, port: int) -> bytes:
    """IPv4 and TCP without checksums; a program that reads them does not look by default."""
    length = 40 + len(payload)
    assert length < 0x10000
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, length, 1, 0, 64, 6, 0, _CLIENT, _SERVER)
    tcp = struct.pack(">HHIIBBHHH", port, 80, 1, 1, 0x50, 0x18, 0xFFFF, 0, 0)
    return ip + tcp + payload
