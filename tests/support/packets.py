"""Packet captures written by hand: what two ends said over TCP, in frames of several kinds.

A conversation is a list of turns; the writer makes the frames of its TCP connection, opened and
closed or not. Checksums are left out; a program that reads them does not look by default.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

CLIENT, SERVER = "client", "server"
_SYN, _ACK, _FIN, _RST, _PUSH = 0x02, 0x10, 0x01, 0x04, 0x08
BEGIN_NS = 1_784_000_000_123_456_000
STEP_NS = 1_000_000


@dataclass(kw_only=True)
class Talk:
    """One TCP connection. ``turns`` are (side, bytes); ``ends`` is who closes (``client``,
    ``server``, ``client-reset``, ``server-reset``, ``refused`` or nothing)."""

    turns: list[tuple[str, bytes]] = field(default_factory=list)
    client: tuple[str, int] = ("192.0.2.1", 50_000)
    server: tuple[str, int] = ("192.0.2.2", 443)
    begins: int = 0
    """Nanoseconds behind the begin of the capture."""
    is_opened: bool = True
    ends: str = CLIENT
    segment: int = 1400

    def say(self, side: str, data: bytes) -> None:
        """One more turn."""
        self.turns.append((side, data))


@dataclass(frozen=True, kw_only=True)
class Frame:
    """``time`` in nanoseconds; ``segment`` is TCP's, or that of another protocol."""

    time: int
    source: str
    target: str
    segment: bytes
    protocol: int = 6


def frames_of(talk: Talk) -> list[Frame]:
    """The frames of that connection."""
    return _Framer(talk).run()


class _Framer:
    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._next = {CLIENT: 1000, SERVER: 9000}
        self._frames: list[Frame] = []

    def run(self) -> list[Frame]:
        talk = self._talk
        if talk.is_opened or talk.ends == "refused":
            self._add(CLIENT, _SYN, ack=False)
            if talk.ends == "refused":
                self._add(SERVER, _RST | _ACK)
                return self._frames
            self._add(SERVER, _SYN | _ACK)
            self._add(CLIENT, _ACK)
        for side, data in talk.turns:
            for at in range(0, len(data), talk.segment):
                self._add(side, _PUSH | _ACK, data[at : at + talk.segment])
            self._add(_other(side), _ACK)
        side, _, how = talk.ends.partition("-")
        if how:
            self._add(side, _RST | _ACK)
        elif side:
            self._add(side, _FIN | _ACK)
            self._add(_other(side), _FIN | _ACK)
            self._add(side, _ACK)
        return self._frames

    def _add(self, side: str, flags: int, data: bytes = b"", *, ack: bool = True) -> None:
        talk, other = self._talk, _other(side)
        source, target = (talk.client, talk.server)[:: 1 if side == CLIENT else -1]
        segment = struct.pack(
            ">HHIIBBHHH",
            source[1],
            target[1],
            self._next[side],
            self._next[other] if ack else 0,
            0x50,
            flags,
            0xFFFF,
            0,
            0,
        )
        self._next[side] += len(data) + bool(flags & (_SYN | _FIN))
        time = BEGIN_NS + talk.begins + len(self._frames) * STEP_NS
        self._frames.append(
            Frame(time=time, source=source[0], target=target[0], segment=segment + data)
        )


def _other(side: str) -> str:
    return SERVER if side == CLIENT else CLIENT


@dataclass(frozen=True, kw_only=True)
class Link:
    """How frames lie in the file: link type, order of bytes, unit of times, bytes kept of each."""

    type: str = "raw"
    big: bool = False
    nano: bool = False
    snap: int = 0x40000


_LINKS = {"raw": 101, "ethernet": 1, "vlan": 1, "null": 0, "cooked": 113, "cooked2": 276}
PLAIN = Link()


def pcap(talks: Iterable[Talk], link: Link = PLAIN, *, drop: Iterable[int] = ()) -> bytes:
    """The file of these connections, in the order of time; without the frames of those numbers
    (from 1)."""
    frames = sorted(chain.from_iterable(frames_of(one) for one in talks), key=lambda one: one.time)
    lost = set(drop)
    kept = [frame for number, frame in enumerate(frames, 1) if number not in lost]
    return pcap_of(kept, link)


def pcap_of(frames: Iterable[Frame], link: Link = PLAIN) -> bytes:
    """The file of these frames, in this order."""
    order = ">" if link.big else "<"
    magic = 0xA1B23C4D if link.nano else 0xA1B2C3D4
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, link.snap, _LINKS[link.type])]
    for frame in frames:
        packet = _linked(_packet(frame), link.type, ":" in frame.source)
        seconds, rest = divmod(frame.time, 1_000_000_000)
        kept = packet[: link.snap]
        unit = rest if link.nano else rest // 1000
        parts += [struct.pack(f"{order}IIII", seconds, unit, len(kept), len(packet)), kept]
    return b"".join(parts)


def name_answer(name: str, address: str) -> Frame:
    """A name server's answer, at the begin of the capture."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    question = labels + struct.pack(">BHH", 0, 1, 1)
    record = struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + ipaddress.ip_address(address).packed
    message = struct.pack(">6H", 7, 0x8180, 1, 1, 0, 0) + question + record
    segment = struct.pack(">4H", 53, 50_000, 8 + len(message), 0) + message
    return Frame(
        time=BEGIN_NS - STEP_NS,
        source="192.0.2.3",
        target="192.0.2.1",
        segment=segment,
        protocol=17,
    )


def _packet(frame: Frame) -> bytes:
    source = ipaddress.ip_address(frame.source).packed
    target = ipaddress.ip_address(frame.target).packed
    size = len(frame.segment)
    if len(source) == 16:
        return (
            struct.pack(">IHBB", 0x60000000, size, frame.protocol, 64)
            + source
            + target
            + frame.segment
        )
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + size, 1, 0, 64, frame.protocol, 0)
    return head + source + target + frame.segment


def _linked(packet: bytes, kind: str, is_ipv6: bool) -> bytes:
    number = 0x86DD if is_ipv6 else 0x0800
    if kind == "raw":
        return packet
    if kind == "null":
        return struct.pack("<I", 30 if is_ipv6 else 2) + packet
    if kind == "cooked":
        return struct.pack(">HHH8sH", 0, 1, 6, bytes(8), number) + packet
    if kind == "cooked2":
        return struct.pack(">HHIHBB8s", number, 0, 1, 1, 0, 6, bytes(8)) + packet
    vlan = struct.pack(">HH", 0x8100, 7) if kind == "vlan" else b""
    return bytes(12) + vlan + struct.pack(">H", number) + packet
