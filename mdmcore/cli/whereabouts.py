"""Where the hosts of URLs really are: by what was said of them, or by a DNS server that was named.

Without either a host is where this computer's DNS says.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from mdmcore.cli.name_server import NameServer

_USUAL_PORTS = MappingProxyType({"https": 443, "http": 80})
_NOWHERE: Mapping[str, Address] = MappingProxyType({})
_NO_PORTS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a host really is: an IP address (the host itself where DNS says it), and the port if it
    is another than the URL's."""

    ip: str
    port: int | None = None


class Whereabouts:
    """What is known of places. ``hosts``: where a host is (names in lower case). ``name_server`` is
    asked for all others, once each. ``ports`` are the ports at which ``https`` and ``http`` are
    reached instead of 443 and 80."""

    def __init__(
        self,
        hosts: Mapping[str, Address] = _NOWHERE,
        *,
        name_server: NameServer | None = None,
        ports: Mapping[str, int] = _NO_PORTS,
        timeout_s: float = 30.0,
    ) -> None:
        self._hosts = hosts
        self._name_server = name_server
        self._ports = ports
        self._timeout_s = timeout_s
        self._found: dict[str, str] = {}

    def of(self, url: str) -> Address | None:
        """Where the URL's host is; ``None``: where the URL says. NoAnswer when DNS knows none."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        port = self._port(parts.scheme, parts.port)
        known = self._hosts.get(host)
        if known is not None:
            return known if known.port is not None else Address(ip=known.ip, port=port)
        if self._name_server is not None and not _is_address(host):
            return Address(ip=self._looked_up(self._name_server, host), port=port)
        return Address(ip=host, port=port) if port is not None else None

    def _looked_up(self, server: NameServer, host: str) -> str:
        if host not in self._found:
            self._found[host] = server.look_up(host, timeout_s=self._timeout_s)
        return self._found[host]

    def _port(self, scheme: str, port: int | None) -> int | None:
        usual = _USUAL_PORTS.get(scheme)
        return self._ports.get(scheme) if port is None or port == usual else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
