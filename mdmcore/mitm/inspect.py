"""The inspecting addon: judges each exchange when its answer is there, and notes it on the flow.

It changes no byte that passes. For people who watch mitmdump there is one log line an exchange.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from mitmproxy import connection, ctx, http
from mitmproxy.proxy.mode_specs import ReverseMode

from mdmcore.http import Exchange
from mdmcore.mitm.annotate import annotate
from mdmcore.mitm.connections import ConnectionWatch
from mdmcore.mitm.convert import exchange_from
from mdmcore.mitm.engine import Engine, engine_of
from mdmcore.mitm.guard import guarded
from mdmcore.mitm.passing import CrashWatch, note_end
from mdmcore.mitm.views import register_views

logger = logging.getLogger(__name__)


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
        """An exchange begins."""
        self._crashes.began(flow)

    @guarded
    async def response(self, flow: http.HTTPFlow) -> None:
        """Judge an exchange with its answer."""
        await self._judge(flow)

    @guarded
    async def error(self, flow: http.HTTPFlow) -> None:
        """Judge an exchange that ended without a (whole) answer."""
        note_end(flow)
        await self._judge(flow)

    async def _judge(self, flow: http.HTTPFlow) -> None:
        # A flow whose client left while the answer was sent has both events.
        if self._engine is None or flow in self._judged:
            return
        self._judged.add(flow)
        self._engine.redirects.restore(flow)
        exchange, inspection = await self._engine.inspect(
            lambda capture, index: exchange_from(flow, capture=capture, index=index)
        )
        line = annotate(
            flow,
            summary=inspection.summary,
            findings=inspection.findings,
            kind=str(inspection.kind),
            life=inspection.life,
        )
        is_passing = exchange.connection is not None and exchange.connection.end == "ok"
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


def _is_served(engine: Engine) -> Callable[[connection.Client, str], bool]:
    """Whether the proxy is there for a host: it emulates it, or stands before one server only."""

    def is_served(client: connection.Client, host: str) -> bool:
        if engine.server is not None:
            return engine.answers_for(host)
        return isinstance(client.proxy_mode, ReverseMode)

    return is_served
