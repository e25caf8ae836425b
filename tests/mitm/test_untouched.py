"""Which connections pass, decided by their first bytes, and that what passes is not changed."""

from __future__ import annotations

from typing import Any

import pytest
from mitmproxy import options
from mitmproxy.connection import ConnectionState, Server
from mitmproxy.proxy import commands, context, events, layer
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow
from mitmproxy.tls import ClientHello

from mdmcore.mitm.host_patterns import HostPatterns
from mdmcore.mitm.untouched import UntouchedLayer, let_connection_pass, still_waiting
from mdmcore.tls_wire import Side
from tests.support.client_hello import client_hello

HOST = "mdm.acme.test"
HELLO = client_hello((0x002F,), host=HOST)
NAMELESS = client_hello((0x002F,), host=None)


def asked(
    sent: bytes, *, mode: str = "regular", address: tuple[str, int] | None = (HOST, 443)
) -> layer.NextLayer:
    """mitmproxy's question what a connection with these bytes is."""
    client = tflow.tclient_conn()
    client.proxy_mode = ProxyMode.parse(mode)
    around = context.Context(client, options.Options())
    around.server = Server(address=address)
    question = layer.NextLayer(around)
    question.events.append(events.DataReceived(client, sent))
    return question


def begun(context: context.Context, hello: ClientHello) -> layer.Layer:
    return UntouchedLayer(context, on_bytes=lambda *_: None, on_closed=lambda _: None)


def passes(question: layer.NextLayer, *hosts: str) -> bool:
    let_connection_pass(question, HostPatterns(hosts), begun)
    return isinstance(question.layer, UntouchedLayer)


@pytest.mark.parametrize(
    ("sent", "mode", "address", "is_passing"),
    [
        (HELLO, "regular", (HOST, 443), True),
        (HELLO, "regular", ("192.0.2.7", 443), True),
        (NAMELESS, "regular", (HOST, 443), True),
        (NAMELESS, "reverse:https://x.test", (HOST, 443), True),
        (client_hello((0x2F,), host="other.test"), "regular", (HOST, 443), True),
        (client_hello((0x2F,), host="other.test"), "reverse:https://x.test", (HOST, 443), False),
        (client_hello((0x2F,), host="other.test"), "regular", ("other.test", 443), False),
        (b"GET / HTTP/1.1\r\n\r\n", "regular", (HOST, 443), False),
        (HELLO, "regular", None, False),
        (b"\x16\x03\x01\x00\x04\x01\x00\x00\x00", "regular", (HOST, 443), False),
    ],
)
def test_which_connections_pass(
    sent: bytes, mode: str, address: tuple[str, int] | None, is_passing: bool
) -> None:
    assert passes(asked(sent, mode=mode, address=address), HOST) is is_passing


def test_what_somebody_else_has_decided_stays() -> None:
    question = asked(HELLO)
    other = question.layer = UntouchedLayer(
        question.context, on_bytes=lambda *_: None, on_closed=lambda _: None
    )
    let_connection_pass(question, HostPatterns((HOST,)), begun)
    assert question.layer is other


@pytest.mark.parametrize("count", range(3, len(HELLO)))
def test_a_hello_that_is_not_whole_waits(count: int) -> None:
    """mitmproxy's own addon in between decides nothing then."""
    question = asked(HELLO[:count])
    let_connection_pass(question, HostPatterns((HOST,)), begun)
    assert question.layer is not None
    assert not isinstance(question.layer, layer.Layer)
    still_waiting(question)
    assert question.layer is None


def test_an_endless_hello_is_mitmproxys() -> None:
    record = b"\x16\x03\x01\x40\x00" + b"\x01\xff\xff\xff" + bytes(0x4000 - 4)
    more = b"\x16\x03\x01\x40\x00" + bytes(0x4000)
    question = asked(record + more * 4)
    let_connection_pass(question, HostPatterns((HOST,)), begun)
    assert question.layer is None


def test_bytes_pass_as_they_are_and_are_shown() -> None:
    seen: list[tuple[Side, bytes]] = []
    closed: list[Side] = []
    question = asked(HELLO)
    around = question.context
    around.server.timestamp_start = 1.0
    around.server.state = ConnectionState.OPEN
    relay = UntouchedLayer(
        around, on_bytes=lambda *what: seen.append(what), on_closed=closed.append
    )
    sent: list[Any] = list(relay.handle_event(events.Start()))
    for connection, data in (
        (around.client, b"\x16from the device"),
        (around.server, b"from the server"),
    ):
        sent += list(relay.handle_event(events.DataReceived(connection, data)))
    sent += list(relay.handle_event(events.ConnectionClosed(around.client)))
    passed = [one for one in sent if isinstance(one, commands.SendData)]
    assert [(one.connection, one.data) for one in passed] == [
        (around.server, b"\x16from the device"),
        (around.client, b"from the server"),
    ]
    assert seen == [(Side.DEVICE, b"\x16from the device"), (Side.SERVER, b"from the server")]
    assert closed == [Side.DEVICE]
    assert not [one for one in sent if isinstance(one, commands.StartHook)]


def test_who_looks_on_and_stumbles_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def stumble(side: Side, data: bytes) -> None:
        raise RuntimeError

    around = asked(HELLO).context
    around.server.timestamp_start = 1.0
    relay = UntouchedLayer(around, on_bytes=stumble, on_closed=lambda _: None)
    list(relay.handle_event(events.Start()))
    (one,) = relay.handle_event(events.DataReceived(around.client, b"x"))
    assert isinstance(one, commands.SendData)
    assert "RuntimeError" in caplog.text
