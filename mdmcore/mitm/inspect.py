"""The inspecting addon: judges each exchange when its answer is there, and notes it on the flow.

It changes no byte that passes, but for the one header that it may be told to add (``forwarding``),
and holds no large package. For people who watch mitmdump there is one log line an exchange.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from mitmproxy import connection as mitmproxy_connection
from mitmproxy import ctx, dns, http, tls
from mitmproxy.proxy import layer
from mitmproxy.proxy.mode_specs import ReverseMode

from mdmcore.connection import HandshakeEnd
from mdmcore.http import Exchange
from mdmcore.mitm.annotate import annotate
from mdmcore.mitm.client_tls import asks_certificate, offer_of_mitmproxy, start_client
from mdmcore.mitm.connections import ConnectionWatch
from mdmcore.mitm.convert import exchange_from
from mdmcore.mitm.dns_answers import answer_dns
from mdmcore.mitm.engine import Engine, engine_of
from mdmcore.mitm.forwarding import CertificateForwarding
from mdmcore.mitm.guard import guarded
from mdmcore.mitm.legacy_tls import LegacyTls
from mdmcore.mitm.package_stream import let_pass, may_stream, note_what_passed
from mdmcore.mitm.passing import CrashWatch, note_end
from mdmcore.mitm.untouched import let_connection_pass
from mdmcore.mitm.views import register_views

logger = logging.getLogger(__name__)

_QUIET_ENDS = frozenset({HandshakeEnd.OK, HandshakeEnd.SILENT})


class Inspect:
    """Hooks of ``addons/mdm_inspect.py``."""

    name = "mdm_inspect"

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._judged: WeakSet[http.HTTPFlow] = WeakSet()
        self._crashes = CrashWatch()

    def load(self, loader: Any) -> None:
        """Find or make the engine and the watch over connections, register the content views."""
        self._engine = engine = engine_of(ctx.master)
        register_views()
        self._crashes.listen()
        if ctx.master.addons.get(ConnectionWatch.name) is None:
            ctx.master.addons.add(ConnectionWatch(ctx.master, _is_served(engine)))

    def configure(self, updated: set[str]) -> None:
        """Bring the engine up to date; it may be older than this script."""
        if self._engine is not None:
            self._engine.configure(updated)

    def done(self) -> None:
        """mitmproxy ends, or the script is loaded anew."""
        self._crashes.close()

    @guarded
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """An exchange begins; hand a certificate on, where that is wanted."""
        self._crashes.began(flow)
        if (forwarding := self._forwarding) is not None:
            forwarding.apply(flow)

    @guarded
    async def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Let a large package pass without being held."""
        engine = self._engine
        if engine is None or flow in engine.redirects or not may_stream(flow):
            return
        if await engine.judging.is_package(exchange_from(flow, capture="live", index=0)):
            let_pass(flow)

    @guarded
    def running(self) -> None:
        """Take a tester's marks from now on."""
        if self._engine is not None:
            self._engine.marks.start()

    @guarded
    def request(self, flow: http.HTTPFlow) -> None:
        """A flow that is replayed is judged again."""
        self._judged.discard(flow)

    @guarded
    def next_layer(self, data: layer.NextLayer) -> None:
        """Let a leg pass untouched where that is wanted; before mitmproxy's own addon decides."""
        watch = ctx.master.addons.get(ConnectionWatch.name)
        if self._engine is not None and self._engine.legs.untouched and watch is not None:
            let_connection_pass(data, self._engine.legs.untouched, watch.untouched)

    @guarded
    def tls_start_client(self, data: tls.TlsData) -> None:
        """Ask for the certificate that is to be handed on; else leave TLS to mitmproxy."""
        if data.ssl_conn is not None or data.is_dtls:
            return
        # Where old phones are served, too, that script builds the connection.
        if ctx.master.addons.get(LegacyTls.name) is None and asks_certificate(data):
            start_client(data, offer_of_mitmproxy(data))

    @guarded
    def tls_established_client(self, data: tls.TlsData) -> None:
        """Remember a certificate that is to be handed on."""
        if (forwarding := self._forwarding) is not None:
            forwarding.established(data)

    @guarded
    def client_disconnected(self, client: mitmproxy_connection.Client) -> None:
        """Forget it again."""
        if (forwarding := self._forwarding) is not None:
            forwarding.forget(client)

    @guarded
    def dns_request(self, flow: dns.DNSFlow) -> None:
        """Answer for the names of the real server, so that devices come to us."""
        engine = self._engine
        if engine is not None and (names := engine.legs.names):
            answer_dns(flow, lambda host: host in names, engine.advertised)

    @guarded
    async def response(self, flow: http.HTTPFlow) -> None:
        """Judge an exchange with its answer."""
        await self._judge(flow)

    @guarded
    async def error(self, flow: http.HTTPFlow) -> None:
        """Judge an exchange that ended without a (whole) answer."""
        note_end(flow)
        await self._judge(flow)

    @property
    def _forwarding(self) -> CertificateForwarding | None:
        return None if self._engine is None else self._engine.legs.forwarding

    async def _judge(self, flow: http.HTTPFlow) -> None:
        # A flow whose client left while the answer was sent has both events.
        if self._engine is None or flow in self._judged:
            return
        self._judged.add(flow)
        self._engine.redirects.restore(flow)
        note_what_passed(flow)
        exchange, inspection = await self._engine.judging.inspect(
            lambda capture, index: exchange_from(flow, capture=capture, index=index)
        )
        line = annotate(
            flow,
            summary=inspection.summary,
            findings=inspection.findings,
            kind=str(inspection.kind),
            life=inspection.life,
        )
        seen = exchange.connection
        is_passing = seen is not None and seen.end in _QUIET_ENDS and not seen.is_passed_through
        quiet = (inspection.kind == "other" or is_passing) and not inspection.findings
        request = exchange.request
        logger.log(
            logging.DEBUG if quiet else logging.INFO,
            "mdm: %s %s%s -> %s %s",
            request.method,
            request.host,
            request.path[:200],
            _answered(exchange),
            line,
        )


def _answered(exchange: Exchange) -> str:
    if exchange.response is None:
        return "no answer"
    return "no whole answer" if exchange.is_broken_off else str(exchange.response.status)


def _is_served(engine: Engine) -> Callable[[mitmproxy_connection.Client, str], bool]:
    """Whether the proxy is there for a host: it emulates it, stands before one server only, or was
    told its name."""

    def is_served(client: mitmproxy_connection.Client, host: str) -> bool:
        if engine.server is not None:
            return engine.answers_for(host)
        legs = engine.legs
        is_named = host in legs.names or host in legs.untouched
        return is_named or isinstance(client.proxy_mode, ReverseMode)

    return is_served
