"""Legs that pass untouched although they are looked at: the device does TLS with the server itself.

Whether a connection is such a leg is decided before any TLS of ours, by the name in the device's
ClientHello or the host it is to go to. The bytes go through mitmproxy's own relay; what stands in
the clear is shown to ``tls_wire``. mitmproxy's ``ignore_hosts`` passes without a look.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy import events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import TCPLayer
from mitmproxy.proxy.layers.tls import parse_client_hello
from mitmproxy.proxy.mode_specs import ReverseMode
from mitmproxy.tls import ClientHello

from mdmcore.mitm.guard import guarded
from mdmcore.mitm.host_patterns import HostPatterns
from mdmcore.tls_wire import Side

type OnBytes = Callable[[Side, bytes], None]
type OnClosed = Callable[[Side], None]
type Begin = Callable[[Context, ClientHello], layer.Layer]
"""Called with a leg that is to pass; gives its layer."""

_MAX_HELLO = 64 * 1024


class _Waiting:
    """Stands where a layer stands while the ClientHello is not whole yet: mitmproxy's own addon
    would decide without it. Taken away again at the end of the chain (``still_waiting``)."""


_WAITING: Any = _Waiting()


class UntouchedLayer(TCPLayer):
    """mitmproxy's relay for a connection that it ignores, with somebody who looks on."""

    def __init__(self, context: Context, *, on_bytes: OnBytes, on_closed: OnClosed) -> None:
        super().__init__(context, ignore=True)
        self._on_bytes = on_bytes
        self._on_closed = on_closed

    def handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        """Look at it, then let it pass."""
        self._look(event)
        yield from super().handle_event(event)

    @guarded
    def _look(self, event: events.Event) -> None:
        if isinstance(event, events.DataReceived | events.ConnectionClosed):
            is_device = event.connection == self.context.client
            side = Side.DEVICE if is_device else Side.SERVER
            if isinstance(event, events.DataReceived):
                self._on_bytes(side, event.data)
            else:
                self._on_closed(side)


def let_connection_pass(next_layer: layer.NextLayer, hosts: HostPatterns, begin: Begin) -> None:
    """Decide over a connection that begins with TLS, when it is to one of the hosts."""
    context = next_layer.context
    if next_layer.layer is not None or context.client.transport_protocol != "tcp":
        return
    sent = next_layer.data_client()
    if context.server.address is None or not starts_like_tls_record(sent):
        return
    try:
        hello = parse_client_hello(sent)
    except ValueError:
        return  # mitmproxy says what is wrong with it
    if hello is None:
        if len(sent) < _MAX_HELLO:
            next_layer.layer = _WAITING
        return
    # Behind one address of ours stand all names of its server: there the device's word counts.
    is_reverse = isinstance(context.client.proxy_mode, ReverseMode)
    address = None if is_reverse and hello.sni else context.server.address[0]
    if hello.sni in hosts or address in hosts:
        next_layer.layer = begin(context, hello)


def still_waiting(next_layer: layer.NextLayer) -> None:
    """Let mitmproxy ask again with the next bytes."""
    if next_layer.layer is _WAITING:
        next_layer.layer = None
