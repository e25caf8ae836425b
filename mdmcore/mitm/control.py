"""The runner's own addon, last in the chain: sees whether the start went well, reports the ports.

It also lets an upstream prove the name it was given by. Starting and ending belong to ``runner``.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from mitmproxy.proxy.mode_servers import WireGuardServerInstance
from mitmproxy.proxy.mode_specs import ReverseMode

from mdmcore.mitm.direct import DirectAddresses, direct_addresses
from mdmcore.mitm.log_relay import LogRelay

type OnListening = Callable[[str, int], None]
"""Called once with host and port, when connections are accepted; empty and 0 where a mode does not
listen."""

type OnDirect = Callable[[DirectAddresses], None]
"""Called just before it, where phones without a proxy setting are served."""

type OnNotes = Callable[[list[str]], None]
"""Called just before it with lines that a device needs: the configuration of a WireGuard tunnel."""


class Control:
    """``address`` is where the proxy listens, ``None`` until it does."""

    name = "mdmproxy-runner"

    def __init__(
        self,
        master: Any,
        relay: LogRelay,
        *,
        on_listening: OnListening,
        on_direct: OnDirect | None,
        upstream: str | None,
        on_notes: OnNotes | None = None,
    ) -> None:
        self._master = master
        self._upstream_name = _dns_name(upstream)
        self._relay = relay
        self._on_listening = on_listening
        self._on_direct = on_direct
        self._on_notes = on_notes
        self.address: tuple[str, int] | None = None

    def server_connect(self, data: Any) -> None:
        """The upstream proves the name it was given by, although the device's Host is kept."""
        is_for_it = isinstance(data.client.proxy_mode, ReverseMode)
        if self._upstream_name is not None and is_for_it and data.server.sni is None:
            data.server.sni = self._upstream_name

    def running(self) -> None:
        """All servers were started, or tried to."""
        if self._relay.first_error is not None:
            self._master.shutdown()
            return
        proxyserver = self._master.addons.get("proxyserver")
        self._relay.is_starting = False
        if self._on_direct is not None:
            self._on_direct(direct_addresses(proxyserver.servers))
        addresses = proxyserver.listen_addrs()
        for server in proxyserver.servers:
            if isinstance(server, WireGuardServerInstance) and self._on_notes is not None:
                self._on_notes((server.client_conf() or "").strip().splitlines())
        # Some modes (local, tun) take what the system gives them and listen nowhere.
        self.address = addresses[0][:2] if addresses else ("", 0)
        self._on_listening(*self.address)


def _dns_name(url: str | None) -> str | None:
    """The host of an HTTPS URL; ``None`` for an address: a certificate then names the device's."""
    parts = urlsplit(url or "")
    if parts.scheme != "https" or not parts.hostname:
        return None
    try:
        ip_address(parts.hostname)
    except ValueError:
        return parts.hostname
    return None
