"""Asking one DNS server for addresses, as a device asks the one of its network (RFC 1035, 7766).

The computer's own names and DNS settings play no part. Messages are mitmproxy's.
"""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mdmcore.phone.refusal import Failure, NoAnswer

if TYPE_CHECKING:
    from mitmproxy.dns import DNSMessage

PORT = 53
_TRIES = 3
_LONGEST_TRY_S = 5.0
_MAX_DATAGRAM = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class NameServer:
    """A DNS server."""

    ip: str
    port: int = PORT

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"

    def look_up(self, host: str, *, timeout_s: float) -> str:
        """The first address of that host: an IPv4 one where there is any, else IPv6.

        Raises NoAnswer where it has none, or where nothing is answered in time.
        """
        from mitmproxy.net.dns import types

        limit_s = min(timeout_s / _TRIES, _LONGEST_TRY_S)
        for kind in (types.A, types.AAAA):
            for address in _addresses(self._ask(host, kind, limit_s), kind):
                return address
        raise _unresolved(f"the name {host} has no address, says the DNS server {self}")

    def _ask(self, host: str, kind: int, limit_s: float) -> DNSMessage:
        try:
            query = _query(host, kind)
            wire = query.packed
        except ValueError as error:
            raise _unresolved(f"the name {host} is none that DNS knows: {error}") from None
        why = "no answer in time"
        for _ in range(_TRIES):
            try:
                found = self._by_datagram(query, wire, limit_s)
                return self._by_stream(query, wire, limit_s) if found.truncation else found
            except TimeoutError:
                continue
            except (OSError, struct.error) as error:
                why = str(error)
        raise _unresolved(f"the name {host} cannot be looked up at the DNS server {self}: {why}")

    def _by_datagram(self, query: DNSMessage, wire: bytes, limit_s: float) -> DNSMessage:
        with socket.socket(self._family, socket.SOCK_DGRAM) as datagrams:
            datagrams.settimeout(limit_s)
            datagrams.connect((self.ip, self.port))
            datagrams.send(wire)
            return _answer(datagrams.recv(_MAX_DATAGRAM), query)

    def _by_stream(self, query: DNSMessage, wire: bytes, limit_s: float) -> DNSMessage:
        with socket.create_connection((self.ip, self.port), timeout=limit_s) as stream:
            stream.sendall(struct.pack("!H", len(wire)) + wire)
            with stream.makefile("rb") as reader:
                (length,) = struct.unpack("!H", reader.read(2))
                return _answer(reader.read(length), query)

    @property
    def _family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.ip else socket.AF_INET


def _query(host: str, kind: int) -> DNSMessage:
    from mitmproxy.dns import DNSMessage, Question
    from mitmproxy.net.dns import classes, op_codes, response_codes

    return DNSMessage(
        id=secrets.randbelow(0x10000),
        query=True,
        op_code=op_codes.QUERY,
        authoritative_answer=False,
        truncation=False,
        recursion_desired=True,
        recursion_available=False,
        reserved=0,
        response_code=response_codes.NOERROR,
        questions=[Question(name=host, type=kind, class_=classes.IN)],
        answers=[],
        authorities=[],
        additionals=[],
    )


def _answer(data: bytes, query: DNSMessage) -> DNSMessage:
    """The message; struct.error when it is none, or not the answer to this query."""
    from mitmproxy.dns import DNSMessage

    found = DNSMessage.unpack(data)
    if found.query or found.id != query.id:
        raise struct.error("this is not the answer to what was asked")
    return found


def _addresses(answer: DNSMessage, kind: int) -> Iterator[str]:
    """The addresses of that type; an alias before them is the server's to follow."""
    for record in answer.answers:
        if record.type == kind:
            with contextlib.suppress(ValueError):
                yield str(ipaddress.ip_address(record.data))


def _unresolved(words: str) -> NoAnswer:
    return NoAnswer(words, failure=Failure.NAME_UNRESOLVED)
