"""The replaying addon: answers live flows to the hosts of a captured server from its capture.

Other hosts pass. It is no script of its own: whoever runs the proxy hands it over (``runner``),
with the server already made.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mitmproxy import ctx, http

from mdmcore.http import Headers, Response
from mdmcore.mitm.convert import apply_response, matching_host, request_from
from mdmcore.mitm.guard import guarded
from mdmcore.mitm.lazy_connections import prefer_lazy

if TYPE_CHECKING:
    from mdmcore.replay import ReplayServer

_FAILED = b"mdmproxy could not replay an answer to this request; its log says why.\n"


class Replaying:
    """Hooks that answer for one captured server; its keys are made in a worker thread, and one
    request is answered after another."""

    name = "mdm_replay"

    def __init__(self, server: ReplayServer) -> None:
        self._server = server
        self._lock = asyncio.Lock()

    def load(self, loader: Any) -> None:
        """Dial no upstream before a request is seen: the captured hosts need not exist."""
        prefer_lazy(ctx.options)

    @guarded
    async def request(self, flow: http.HTTPFlow) -> None:
        """Answer a request to one of the captured hosts."""
        if not flow.live or flow.response is not None or flow.error is not None:
            return
        host = matching_host(flow, self._server.answers_for)
        if host is None:
            return
        try:
            request = request_from(flow, host)
            peer = flow.client_conn.peername[0]
            async with self._lock:
                response = await asyncio.to_thread(self._server.answer, request, peer)
        except Exception:
            apply_response(flow, _failure())
            raise
        apply_response(flow, response)


def _failure() -> Response:
    return Response(
        status=500, headers=Headers([("Content-Type", "text/plain; charset=utf-8")]), body=_FAILED
    )
