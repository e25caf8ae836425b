"""Addresses of this computer, as a phone in the same network would reach it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Documentation addresses (RFC 5737, RFC 3849): a datagram socket that is connected sends nothing,
# it only makes the system choose the interface that leads outside.
_OUTSIDE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def outgoing_addresses() -> tuple[Address, ...]:
    """The addresses from which connections to the outside would come, IPv4 first."""
    found: list[Address] = []
    for family, outside in _OUTSIDE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((outside, 9))
                found.append(_parsed(probe.getsockname()[0]))
        except OSError:
            continue  # no such network here
    return tuple(address for address in found if not address.is_unspecified)


def host_addresses() -> tuple[Address, ...]:
    """What a phone may use to reach this computer: no loopback and no link-local address."""
    found = list(outgoing_addresses())
    try:
        infos = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
    except OSError:
        infos = []
    found += [_parsed(str(info[4][0])) for info in infos]
    usable = (a for a in found if not (a.is_loopback or a.is_link_local or a.is_unspecified))
    return tuple(dict.fromkeys(usable))


def parse_address(text: str) -> Address | None:
    """The address that a text is, ``None`` for a name or nonsense."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_everywhere(host: str) -> bool:
    """Whether listening there means on all interfaces."""
    address = parse_address(host)
    return host == "" or (address is not None and address.is_unspecified)


def of_same_version(host: str, found: Iterable[Address]) -> tuple[Address, ...]:
    """Those of the addresses that a server on ``host`` has: ``0.0.0.0`` is not there for IPv6,
    nor ``::`` for IPv4 (asyncio keeps them apart); the empty host is both."""
    address = parse_address(host)
    return tuple(a for a in found if address is None or a.version == address.version)


def _parsed(text: str) -> Address:
    return ipaddress.ip_address(text.partition("%")[0])
