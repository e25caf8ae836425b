"""The watch over connections: those that leave no HTTP become flows of their own.

An addon at the end of the chain, made by the inspecting addon and kept on reload, so that it sees
the TLS that mitmproxy's own addons have built. What it has seen goes through mitmproxy as an
``error`` event of a CONNECT flow: the inspecting addon judges it like every exchange, and
mitmproxy's writer records it. A connection is told once: when its handshake has failed, when it
ends without a request, or, where a client certificate was asked for or TLS with the server is not
as it should be, after its first exchange or at its end. One over which nothing came, or nothing
behind a CONNECT, is told when it ends, and one that led nowhere because the proxy cannot connect to
the server.

A leg that passes untouched (``untouched``) is told at its end, with what its handshake showed. A
host that mitmproxy itself leaves alone (``ignore_hosts``) has no TLS events and is not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mitmproxy import connection as mitmproxy_connection
from mitmproxy import http, tls
from mitmproxy.proxy import layer, server_hooks
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http._hooks import HttpErrorHook
from mitmproxy.proxy.mode_specs import DnsMode, ReverseMode
from OpenSSL import SSL

from mdmcore.connection import Connection, HandshakeEnd, ServerEnd
from mdmcore.mitm.client_offer import ClientOffer, client_offer
from mdmcore.mitm.connection_flow import connection_flow
from mdmcore.mitm.guard import guarded
from mdmcore.mitm.handshakes import end_of, watch_alerts, watch_certificate_request
from mdmcore.mitm.passed_leg import PassedLeg
from mdmcore.mitm.server_offer import offer_as_device, take_names_as_devices_do
from mdmcore.mitm.server_tls import (
    NOT_ENDED,
    ServerHandshake,
    established,
    failed,
    keep_chain,
)
from mdmcore.mitm.untouched import UntouchedLayer, still_waiting
from mdmcore.tls_wire.names import version_name
from mdmcore.tls_wire.suites import suite_name

_NO_OFFER = ClientOffer(versions=(), suites=())

type IsServed = Callable[[mitmproxy_connection.Client, str], bool]


@dataclass(slots=True, kw_only=True)
class _Watched:
    """One open connection of a device, and what was seen of it."""

    client: mitmproxy_connection.Client
    server: mitmproxy_connection.Server
    offer: ClientOffer
    end: HandshakeEnd = HandshakeEnd.UNKNOWN
    alert: str = ""
    detail: str = ""
    is_asked: bool = False
    is_asked_by_server: bool = False
    is_given_to_server: bool = False
    is_passed_through: bool = False
    sni: str | None = None
    leg: PassedLeg | None = None
    is_told: bool = False
    requests: int = 0
    server_handshake: ServerHandshake = NOT_ENDED
    is_mirrored: bool = False

    def heard_alert(self, name: str) -> None:
        """The device sent a fatal alert."""
        self.alert = self.alert or name

    def was_asked(self) -> None:
        """The server asked for a client certificate."""
        self.is_asked_by_server = True


class ConnectionWatch:
    """Watches every connection with TLS; ``is_served`` says whether the proxy is there for it."""

    name = "mdmproxy-connections"

    def __init__(self, master: Any, is_served: IsServed) -> None:
        self._master = master
        self._is_served = is_served
        self._open: dict[str, _Watched] = {}
        self._silent: dict[str, mitmproxy_connection.Server] = {}
        self._unserved: dict[str, mitmproxy_connection.Server] = {}

    def __len__(self) -> int:
        return len(self._open) + len(self._silent) + len(self._unserved)

    @guarded
    def client_connected(self, client: mitmproxy_connection.Client) -> None:
        """A device connects; nothing has come yet."""
        mode = client.proxy_mode
        if client.transport_protocol == "tcp" and not isinstance(mode, DnsMode):
            address = mode.address if isinstance(mode, ReverseMode) else None
            self._silent[client.id] = mitmproxy_connection.Server(address=address)

    @guarded
    def next_layer(self, data: layer.NextLayer) -> None:
        """Bytes came. After mitmproxy's own addon: a hello that is not whole waits for more."""
        self._silent.pop(data.context.client.id, None)
        still_waiting(data)

    @guarded
    def server_connect_error(self, data: server_hooks.ServerConnectionHookData) -> None:
        """The proxy cannot connect to the server; a request that waits for it gets a flow."""
        self._unserved[data.client.id] = data.server

    @guarded
    async def http_connect_error(self, flow: http.HTTPFlow) -> None:
        """So a CONNECT comes to nothing."""
        await self._tell_unserved(flow.client_conn)

    @guarded
    def http_connected(self, flow: http.HTTPFlow) -> None:
        """A CONNECT was answered, and nothing has come behind it yet."""
        address = (flow.request.host, flow.request.port)
        self._silent[flow.client_conn.id] = mitmproxy_connection.Server(address=address)

    @guarded
    def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        """A device begins a handshake; TLS inside TLS begins anew."""
        before = self._open.get(data.context.client.id)
        one = self._begin(data.context, data.client_hello)
        one.is_passed_through = data.ignore_connection
        one.is_asked_by_server = before is not None and before.is_asked_by_server

    def untouched(self, context: Context, hello: tls.ClientHello) -> UntouchedLayer:
        """The layer of a leg that passes untouched, from now on watched."""
        one = self._begin(context, hello)
        one.is_passed_through, one.leg = True, PassedLeg()
        return UntouchedLayer(context, on_bytes=one.leg.passed, on_closed=one.leg.closed)

    @guarded
    def tls_start_client(self, data: tls.TlsData) -> None:
        """The proxy's side is built: see whether it asks for a certificate, hear alerts."""
        one = self._open.get(data.context.client.id)
        if one is not None and data.ssl_conn is not None:
            one.is_asked = bool(data.ssl_conn.get_verify_mode() & SSL.VERIFY_PEER)
            watch_alerts(data.ssl_conn, one.heard_alert)

    @guarded
    def tls_established_client(self, data: tls.TlsData) -> None:
        """The device's handshake ended well."""
        one = self._open.get(data.context.client.id)
        if one is not None:
            one.end = HandshakeEnd.OK

    @guarded
    async def tls_failed_client(self, data: tls.TlsData) -> None:
        """The device's handshake failed: nothing else will come."""
        one = self._open.pop(data.context.client.id, None)
        if one is not None:
            one.detail = (data.conn.error or "")[:200]
            one.end, one.alert = end_of(one.detail, one.alert)
            await self._tell(one)

    @guarded
    def tls_start_server(self, data: tls.TlsData) -> None:
        """A connection to the server is built: see whether that asks for a certificate, and let
        the server meet what the device brings."""
        if data.ssl_conn is None or data.is_dtls:
            return
        one = self._open.get(data.context.client.id)
        if one is not None:
            one.is_mirrored = offer_as_device(data, one.offer.versions)
        take_names_as_devices_do(data.ssl_conn)
        if one is not None:
            watch_certificate_request(data.ssl_conn, one.was_asked)

    @guarded
    def tls_established_server(self, data: tls.TlsData) -> None:
        """See whether the proxy had a certificate of its own to give (``client_certs``)."""
        one = self._open.get(data.context.client.id)
        if one is not None and data.ssl_conn is not None:
            one.server = data.context.server
            one.is_given_to_server = data.ssl_conn.get_certificate() is not None
            one.server_handshake = established(data.ssl_conn)

    @guarded
    def tls_failed_server(self, data: tls.TlsData) -> None:
        """The handshake with the server failed: keep why, and what it showed until then."""
        one = self._open.get(data.context.client.id)
        if data.ssl_conn is None:
            return
        keep_chain(data.conn, data.ssl_conn)
        if one is not None:
            one.server = data.context.server
            reason = data.conn.error or ""
            one.server_handshake = failed(data.ssl_conn, reason, is_mirrored=one.is_mirrored)

    @guarded
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Count a request."""
        self._unserved.pop(flow.client_conn.id, None)
        one = self._open.get(flow.client_conn.id) if flow.live else None
        if one is not None:
            one.requests += 1

    @guarded
    async def response(self, flow: http.HTTPFlow) -> None:
        """After an exchange: tell what is not as it should be in TLS."""
        await self._passed(flow)

    @guarded
    async def error(self, flow: http.HTTPFlow) -> None:
        """The same where the exchange came to nothing."""
        await self._passed(flow)

    @guarded
    async def client_disconnected(self, client: mitmproxy_connection.Client) -> None:
        """The device is gone: tell of a connection over which nothing was asked, or in vain."""
        one = self._open.pop(client.id, None)
        silent = self._silent.pop(client.id, None)
        if one is None:
            if client.id in self._unserved:
                await self._tell_unserved(client)
            elif silent is not None:
                end = HandshakeEnd.SILENT
                await self._tell(_Watched(client=client, server=silent, offer=_NO_OFFER, end=end))
            return
        self._unserved.pop(client.id, None)
        if one.requests:
            # mitmproxy may wait for ever for a server that refused the connection with a TLS 1.3
            # alert, until the device gives up.
            await self._tell_if_asked(one)
            return
        if one.alert and not one.is_passed_through:
            one.end = HandshakeEnd.ALERT
        await self._tell(one)

    def _begin(self, context: Context, hello: tls.ClientHello) -> _Watched:
        offer = client_offer(
            hello.raw_bytes(wrap_in_record=False), hello.cipher_suites, hello.extensions
        )
        client, sni = context.client, hello.sni
        one = _Watched(client=client, server=context.server, offer=offer, sni=sni)
        self._open[client.id] = one
        return one

    async def _passed(self, flow: http.HTTPFlow) -> None:
        # Where a request found no server, its own flow says so.
        self._unserved.pop(flow.client_conn.id, None)
        one = self._open.get(flow.client_conn.id) if flow.live else None
        if one is not None and one.requests:
            await self._tell_if_asked(one)

    async def _tell_unserved(self, client: mitmproxy_connection.Client) -> None:
        server = self._unserved.pop(client.id, None)
        if server is not None:
            one = _Watched(client=client, server=server, offer=_NO_OFFER)
            one.end, one.detail = HandshakeEnd.NO_SERVER, (server.error or "")[:200]
            await self._tell(one)

    async def _tell_if_asked(self, one: _Watched) -> None:
        in_vain = one.is_asked_by_server or (one.is_asked and not one.client.certificate_list)
        if in_vain or one.server_handshake.end not in (ServerEnd.OK, ServerEnd.UNKNOWN):
            await self._tell(one)

    async def _tell(self, one: _Watched) -> None:
        if not one.is_told:
            one.is_told = True
            if one.leg is not None:
                one.leg.show_on(one.client, one.server, one.sni)
            flow = connection_flow(self._record(one), one.client, one.server)
            await self._master.addons.trigger_event(HttpErrorHook(flow))
            # mitmweb and the console take in flows at their first request only.
            view = self._master.addons.get("view")
            if view is not None:
                view.add([flow])

    def _record(self, one: _Watched) -> Connection:
        address = one.server.address
        host = address[0] if address else ""
        record = self._plain_record(one, host, address[1] if address else 443)
        return record if one.leg is None else replace(record, **one.leg.facts(one.server))

    def _plain_record(self, one: _Watched, host: str, port: int) -> Connection:
        client = one.client
        return Connection(
            host=host,
            port=port,
            sni=client.sni or "",
            peer=(client.peername[0] if client.peername else None) or None,
            opened=_time(client.timestamp_start),
            closed=_time(client.timestamp_end),
            versions=tuple(map(version_name, one.offer.versions)),
            suites=tuple(map(suite_name, one.offer.suites)),
            end=one.end,
            alert=one.alert,
            detail=one.detail,
            is_asked=one.is_asked,
            is_given=bool(client.certificate_list),
            is_asked_by_server=one.is_asked_by_server,
            is_given_to_server=one.is_given_to_server,
            server_end=one.server_handshake.end,
            server_detail=one.server_handshake.detail,
            is_server_unchecked=one.server_handshake.is_unchecked,
            requests=one.requests,
            is_passed_through=one.is_passed_through,
            is_served=self._is_served(client, client.sni or host),
        )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
