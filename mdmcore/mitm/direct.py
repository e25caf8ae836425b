"""Phones without a proxy setting: they come by DNS, straight to the ports of the protocols.

mitmproxy then runs in reverse mode with one of the emulated hosts as its target, which is dialled
by nobody: by that such a flow is known. Whom the device meant is its SNI, and in the clear the
Host header, since there is nothing else. Names are answered by ``dns_answers``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mitmproxy import http
from mitmproxy.net.http.url import parse_authority
from mitmproxy.proxy.mode_specs import DnsMode, ReverseMode

from mdmcore.http import Headers, Response
from mdmcore.mitm.ports import free_port

type AnswersFor = Callable[[str], bool]

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectPorts:
    """On which ports phones arrive, 0 for a free one; ``host`` is one of the emulated hosts.

    ``upstream`` is the URL of a real server that what arrives goes on to, HTTP to its port 80.
    """

    host: str
    upstream: str | None = None
    dns: int = 53
    https: int = 443
    http: int = 80

    def modes(self, listen_host: str) -> list[str]:
        """mitmproxy's ``mode`` for them, beside the forward proxy, which comes first."""
        taken: list[int] = []
        for port in (self.dns, self.https, self.http):
            # mitmproxy refuses two servers on port 0, so free ones are looked for here.
            taken.append(port or free_port(listen_host, apart_from=taken))
        dns, https, plain = taken
        return [
            "regular",
            f"dns@{dns}",
            f"reverse:{self.upstream or f'https://{self.host}'}@{https}",
            f"reverse:{self._plain_target}@{plain}",
        ]

    @property
    def _plain_target(self) -> str:
        if self.upstream is not None and self.upstream.startswith("http:"):
            return self.upstream
        return f"http://{self.host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectAddresses:
    """Where phones without a proxy setting arrive: host and port each."""

    dns: tuple[str, int]
    https: tuple[str, int]
    http: tuple[str, int]


def direct_addresses(servers: Any) -> DirectAddresses:
    """Where mitmproxy's servers listen, once they were started with ``DirectPorts.modes``."""
    dns, https, plain = [
        server.listen_addrs[0][:2]
        for server in servers
        if isinstance(server.mode, DnsMode | ReverseMode)
    ]
    return DirectAddresses(dns=dns, https=https, http=plain)


def is_direct(flow: http.HTTPFlow, answers_for: AnswersFor) -> bool:
    """Whether the flow came straight to a port that stands for the emulated hosts."""
    mode = flow.client_conn.proxy_mode
    return isinstance(mode, ReverseMode) and mode.scheme in _PORTS and answers_for(mode.address[0])


def place(flow: http.HTTPFlow, answers_for: AnswersFor) -> None:
    """Write into a direct flow whom the device meant; what it sent stays as it is."""
    if not flow.live or not is_direct(flow, answers_for):
        return
    request = flow.request
    scheme = "https" if flow.client_conn.tls_established else "http"
    host, port = _meant(flow)
    # Not by the properties: they would rewrite the Host header.
    request.data.scheme = scheme.encode()
    request.data.host = host
    request.data.port = port or _PORTS[scheme]


def misdirected(host: str) -> Response:
    """The refusal of a host that is not emulated (RFC 9110 15.5.20); nobody is asked for it."""
    body = f"{host or 'a host without name'} is not a host of this server\n".encode()
    headers = Headers([("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close")])
    return Response(status=421, headers=headers, body=body)


def _meant(flow: http.HTTPFlow) -> tuple[str, int | None]:
    header = flow.request.host_header or ""
    try:
        host, port = parse_authority(header, check=True)
    except ValueError:
        host, port = "", None
    sni = flow.client_conn.sni
    return (sni.lower() if sni else host.lower()), port
