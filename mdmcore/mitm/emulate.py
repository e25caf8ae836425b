"""The emulating addon: answers live flows to our hosts, lets every other one pass.

Flows read from a file and flows that somebody answered already are left alone. The hub package is
fetched by mitmproxy itself from our loopback origin, so that it streams; the flow then shows the
URL that the device asked for, not the origin's.
"""

from __future__ import annotations

from typing import Any

from mitmproxy import connection, ctx, dns, http, tls
from mitmproxy.proxy import server_hooks

from mdmcore.http import Headers, Request, Response
from mdmcore.mitm.client_tls import asks_certificate, offer_of_mitmproxy, start_client
from mdmcore.mitm.convert import apply_response, matching_host, request_from, tls_from
from mdmcore.mitm.direct import is_direct, misdirected, place
from mdmcore.mitm.dns_answers import answer_dns
from mdmcore.mitm.engine import Engine, engine_of
from mdmcore.mitm.guard import guarded
from mdmcore.mitm.legacy_tls import LegacyTls

_FAILED = b"mdmproxy could not answer this request; its log says why.\n"


class Emulate:
    """Hooks of ``addons/mdm_emulate.py``."""

    name = "mdm_emulate"

    def __init__(self) -> None:
        self._engine: Engine | None = None

    def load(self, loader: Any) -> None:
        """Find or make the engine, dial no upstream before a request is seen."""
        self._engine = engine_of(ctx.master)
        self._engine.want_server()
        self._engine.prefer_lazy()

    def configure(self, updated: set[str]) -> None:
        """Bring the engine up to date; it may be older than this script."""
        if self._engine is not None:
            self._engine.configure(updated)

    @guarded
    def running(self) -> None:
        """Take a tester's marks from now on."""
        if self._engine is not None:
            self._engine.marks.start()

    @guarded
    async def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        """Let a connection that is to meet a mistake below HTTP pass to where it is made."""
        if self._engine is not None:
            await self._engine.below.take(data)

    @guarded
    def server_connected(self, data: server_hooks.ServerConnectionHookData) -> None:
        """Say whose connection that is."""
        if self._engine is not None:
            self._engine.below.dialled(data)

    @guarded
    def client_disconnected(self, client: connection.Client) -> None:
        """A device left, perhaps before its connection was led anywhere."""
        if self._engine is not None:
            self._engine.below.forget(client)

    @guarded
    def tls_start_client(self, data: tls.TlsData) -> None:
        """Ask for a client certificate on the host that wants one, else leave TLS to mitmproxy."""
        if data.ssl_conn is not None or data.is_dtls:
            return
        # Where old phones are served, too, that script builds the connection.
        if ctx.master.addons.get(LegacyTls.name) is None and asks_certificate(data):
            start_client(data, offer_of_mitmproxy(data))

    @guarded
    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Find out who was meant; send a request for the hub package to the loopback origin."""
        engine = self._engine
        if engine is not None:
            place(flow, engine.answers_for)
        if engine is None or engine.hub_origin is None or engine.server is None:
            return
        host = self._our_host(flow)
        if flow in engine.below:
            return
        # Through an upstream proxy our loopback cannot be reached: `request` answers then.
        if flow.server_conn.via is not None:
            return
        if host is None or not engine.server.is_hub_request(_head_of(flow, host)):
            return
        await engine.hub_origin.start()
        engine.redirects.redirect(flow, engine.hub_origin)

    @guarded
    async def request(self, flow: http.HTTPFlow) -> None:
        """Answer a request to one of our hosts."""
        if self._engine is None or flow in self._engine.redirects:
            return
        host = self._our_host(flow)
        if host is None and self._is_misdirected(flow):
            apply_response(flow, misdirected(flow.request.host))
        if host is None:
            return
        try:
            request = request_from(flow, host)
            peer = flow.client_conn.peername[0]
            response = await self._engine.answer(request, peer, tls_from(flow))
        except Exception:
            apply_response(flow, _failure())
            raise
        apply_response(flow, response)

    @guarded
    def dns_request(self, flow: dns.DNSFlow) -> None:
        """Answer for the names of our hosts."""
        if self._engine is not None and self._engine.server is not None:
            answer_dns(flow, self._engine.answers_for, self._engine.advertised)

    @guarded
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Let the package stream, show the flow with its real URL."""
        restored = self._engine is not None and self._engine.redirects.restore(flow)
        if restored and flow.response is not None:
            flow.response.stream = True

    @guarded
    def error(self, flow: http.HTTPFlow) -> None:
        """The origin could not be reached, or the device went away: show the real URL too."""
        if self._engine is not None:
            self._engine.redirects.restore(flow)

    def _is_misdirected(self, flow: http.HTTPFlow) -> bool:
        """Whether nobody can answer: not ours, and no upstream stands behind a direct port."""
        engine = self._engine
        if engine is None or not flow.live or flow.response is not None or flow.error is not None:
            return False
        return is_direct(flow, engine.answers_for)

    def _our_host(self, flow: http.HTTPFlow) -> str | None:
        if not flow.live or flow.response is not None or flow.error is not None:
            return None
        engine = self._engine
        return None if engine is None else matching_host(flow, engine.answers_for)


def _head_of(flow: http.HTTPFlow, host: str) -> Request:
    path = flow.request.path if flow.request.path.startswith("/") else "/"
    return Request(method=flow.request.method, url=f"{flow.request.scheme}://{host}{path}")


def _failure() -> Response:
    return Response(
        status=500, headers=Headers([("Content-Type", "text/plain; charset=utf-8")]), body=_FAILED
    )
