"""DNS by hand (RFC 1035 4.1): queries to a loopback port over UDP or TCP, and a server there."""

from __future__ import annotations

import ipaddress
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

A, CNAME, TXT, AAAA, HTTPS, ANY = 1, 5, 16, 28, 65, 255
NOERROR, SERVFAIL, NXDOMAIN, NOTIMP = 0, 2, 3, 4
_ID = 0x1234


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsAnswer:
    """The response code and the addresses of the answer section."""

    code: int
    addresses: tuple[str, ...]


def query(name: str, kind: int = A, *, questions: int = 1) -> bytes:
    """A standard query with recursion desired."""
    question = _labels(name) + kind.to_bytes(2, "big") + b"\0\x01"
    head = _ID.to_bytes(2, "big") + b"\x01\0" + questions.to_bytes(2, "big") + b"\0" * 6
    return head + question * questions


def ask(port: int, message: bytes, *, tcp: bool = False) -> DnsAnswer:
    """What a server on that loopback port says."""
    if tcp:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as stream:
            stream.sendall(len(message).to_bytes(2, "big") + message)
            with stream.makefile("rb") as reader:
                length = int.from_bytes(reader.read(2), "big")
                return parse(reader.read(length))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(20)
        datagrams.sendto(message, ("127.0.0.1", port))
        return parse(datagrams.recv(4096))


def parse(message: bytes) -> DnsAnswer:
    """Read an answer to one of our queries; its names are skipped."""
    assert int.from_bytes(message[:2], "big") == _ID
    assert message[2] & 0x80, "this is no response"
    questions, answers = (int.from_bytes(message[at : at + 2], "big") for at in (4, 6))
    at = 12
    for _ in range(questions):
        at = _after_name(message, at) + 4
    addresses = []
    for _ in range(answers):
        at = _after_name(message, at)
        kind = int.from_bytes(message[at : at + 2], "big")
        length = int.from_bytes(message[at + 8 : at + 10], "big")
        data = message[at + 10 : at + 10 + length]
        at += 10 + length
        if kind in (A, AAAA):
            addresses.append(str(ipaddress.ip_address(data)))
    assert at == len(message)
    return DnsAnswer(code=message[3] & 0x0F, addresses=tuple(addresses))


def _after_name(message: bytes, at: int) -> int:
    while message[at]:
        if message[at] & 0xC0:
            return at + 2
        at += message[at] + 1
    return at + 1


@dataclass(kw_only=True)
class _Zone:
    code: int = NOERROR
    alias: str = ""
    is_long: bool = False
    junk: bytes | None = None
    id_shift: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    streams: int = 0


@dataclass
class Zone(_Zone):
    """What a DNS server knows, and how it answers: with a code, through an alias, cut short over
    UDP, with junk, or under another id. ``asked`` are names and types, ``streams`` TCP queries."""

    hosts: Mapping[str, tuple[str, ...]]

    def answer(self, message: bytes, *, over_tcp: bool) -> bytes:
        """The answer to one query."""
        if self.junk is not None:
            return self.junk
        end = _after_name(message, 12)
        name, kind = _name(message), int.from_bytes(message[end : end + 2], "big")
        question = message[12 : end + 4]
        if over_tcp:
            self.streams += 1
        else:
            self.asked.append((name, {A: "A", AAAA: "AAAA"}.get(kind, str(kind))))
        is_cut = self.is_long and not over_tcp
        records = [] if is_cut else self._records(name, kind)
        number = (int.from_bytes(message[:2], "big") + self.id_shift) % 0x10000
        flags = 0x8180 | self.code | (0x0200 if is_cut else 0)
        head = b"".join(n.to_bytes(2, "big") for n in (number, flags, 1, len(records), 0, 0))
        return head + question + b"".join(records)

    def _records(self, name: str, kind: int) -> list[bytes]:
        found = [ipaddress.ip_address(text) for text in self.hosts.get(name, ())]
        records = [
            _record(kind, one.packed) for one in found if (one.version == 6) == (kind == AAAA)
        ]
        return [_record(CNAME, _labels(self.alias)), *records] if self.alias else records


@contextmanager
def dns_server(zone: Zone) -> Iterator[int]:
    """A server on a loopback port, over UDP and TCP."""

    class Datagrams(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, stream = self.request
            stream.sendto(zone.answer(data, over_tcp=False), self.client_address)

    class Streams(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = int.from_bytes(self.rfile.read(2), "big")
            answer = zone.answer(self.rfile.read(length), over_tcp=True)
            self.wfile.write(len(answer).to_bytes(2, "big") + answer)

    with (
        socketserver.TCPServer(("127.0.0.1", 0), Streams) as tcp,
        socketserver.UDPServer(tcp.server_address, Datagrams) as udp,
    ):
        threads = [threading.Thread(target=one.serve_forever, args=(0.02,)) for one in (tcp, udp)]
        for thread in threads:
            thread.start()
        try:
            yield tcp.server_address[1]
        finally:
            for one in (tcp, udp):
                one.shutdown()
            for thread in threads:
                thread.join()


def _record(kind: int, data: bytes) -> bytes:
    """A record of the name in the question (a pointer to it)."""
    head = b"\xc0\x0c" + kind.to_bytes(2, "big") + b"\0\x01" + (60).to_bytes(4, "big")
    return head + len(data).to_bytes(2, "big") + data


def _labels(name: str) -> bytes:
    return b"".join(bytes([len(part)]) + part for part in name.encode("ascii").split(b".")) + b"\0"


def _name(message: bytes) -> str:
    at, parts = 12, []
    while message[at]:
        parts.append(message[at + 1 : at + 1 + message[at]].decode("ascii"))
        at += message[at] + 1
    return ".".join(parts)
