"""Where a request went: the URL of what a device asked for over a connection.

The host is the one that the device named in TLS or to a proxy; without such a name the Host header
tells it, and at last the server's address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from mdmcore.capture.http1 import StoredMessage
from mdmcore.capture.pcap.streams import Endpoint

_PORTS = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]+)(?::(\d{1,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """``name`` and ``port`` that the device named, empty and 0 where it named none; ``server`` is
    the end that it spoke to."""

    scheme: str
    server: Endpoint
    name: str = ""
    port: int = 0

    @property
    def host(self) -> str:
        """The best name for the host without a request: what was named, or the address."""
        return self.name or self.server[0]

    def url(self, message: StoredMessage) -> str:
        """The URL of a request. Raises ParseError where its first line is none."""
        method, target = message.request_line()
        if scheme_of(target) in _PORTS:
            return target.split("#", 1)[0]
        if method.upper() == "CONNECT":
            return f"https://{target.removesuffix(':443')}/"
        host, port = self._authority(message)
        shown = f"[{host}]" if ":" in host else host
        suffix = "" if port == _PORTS[self.scheme] else f":{port}"
        slash = "" if target.startswith("/") else "/"
        return f"{self.scheme}://{shown}{suffix}{slash}{target}"

    def _authority(self, message: StoredMessage) -> tuple[str, int]:
        said, said_port = authority(message.headers.get("Host") or "")
        usual = _PORTS[self.scheme]
        if self.name:
            if said.lower() == self.name.lower():
                return self.name, said_port or usual
            return self.name, self.port or self.server[1]
        if said:
            return said, said_port or usual
        return self.server


def authority(text: str) -> tuple[str, int]:
    """Host, without brackets, and port, 0 where there is none; nothing for what is neither."""
    found = _AUTHORITY.fullmatch(text.strip())
    if found is None or int(found[2] or 0) > 0xFFFF:
        return "", 0
    return found[1].strip("[]"), int(found[2] or 0)


def scheme_of(target: str) -> str:
    """The scheme of a URL in lower case, empty where it is none."""
    try:
        return urlsplit(target).scheme
    except ValueError:
        return ""
