"""DNS queries and answers by hand (RFC 1035 4.1), over UDP or TCP to a loopback port."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

A, TXT, AAAA, HTTPS, ANY = 1, 16, 28, 65, 255
NOERROR, SERVFAIL, NXDOMAIN, NOTIMP = 0, 2, 3, 4
_ID = 0x1234


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsAnswer:
    """The response code and the addresses of the answer section."""

    code: int
    addresses: tuple[str, ...]


def query(name: str, kind: int = A, *, questions: int = 1) -> bytes:
    """A standard query with recursion desired."""
    labels = b"".join(bytes([len(part)]) + part for part in name.encode("ascii").split(b"."))
    question = labels + b"\0" + kind.to_bytes(2, "big") + b"\0\x01"
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
