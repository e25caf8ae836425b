"""Sending a flow to the hub origin, and making it look afterwards as the device asked.

Until the answer's head (or an error) arrives, the request names the loopback origin; then scheme,
host, port, path, Host header and authority are put back, so that a recording shows the real URL.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from mitmproxy import http

from mdmcore.mitm.hub_origin import HubOrigin


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str
    host_headers: tuple[str, ...]
    authority: str


class HubRedirects:
    """The flows that are at the origin now."""

    def __init__(self) -> None:
        self._targets: WeakKeyDictionary[http.HTTPFlow, _Target] = WeakKeyDictionary()

    def __contains__(self, flow: object) -> bool:
        return isinstance(flow, http.HTTPFlow) and flow in self._targets

    def redirect(self, flow: http.HTTPFlow, origin: HubOrigin) -> None:
        """Point the request at the origin, which must be listening."""
        request = flow.request
        self._targets[flow] = _Target(
            scheme=request.scheme,
            host=request.host,
            port=request.port,
            path=request.path,
            host_headers=tuple(request.headers.get_all("Host")),
            authority=request.authority,
        )
        request.scheme, request.host, request.port = "http", origin.host, origin.port
        request.path = origin.path

    def restore(self, flow: http.HTTPFlow) -> bool:
        """Put the request's target back; whether it had been redirected."""
        target = self._targets.pop(flow, None)
        if target is None:
            return False
        request = flow.request
        request.scheme, request.host, request.port = target.scheme, target.host, target.port
        request.path = target.path
        # Setting the host rewrote both; they may have been written differently before.
        request.authority = target.authority
        request.headers.set_all("Host", target.host_headers)
        return True
