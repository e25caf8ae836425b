"""The watch over connections: what becomes a flow, once, and that nothing is kept of the rest."""

from __future__ import annotations

from typing import Any

import pytest
from mitmproxy import connection as mitmproxy_connection
from mitmproxy import http, tls
from mitmproxy.addons import view
from mitmproxy.proxy import context, server_hooks
from mitmproxy.proxy.layer import NextLayer
from mitmproxy.proxy.layers.tls import parse_client_hello
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import taddons, tflow, tutils

from mdmcore.capture.connection_record import connection_of
from mdmcore.capture.flows import exchange_from_flow
from mdmcore.connection import Connection, HandshakeEnd
from mdmcore.mitm.connections import ConnectionWatch
from mdmcore.tls_wire import Side
from tests.support.client_hello import client_hello

HOST = "mdm.example.test"
RECORD = client_hello((0x0004, 0x000A), host=HOST)


class Told:
    """Takes the flows that the watch hands to mitmproxy."""

    def __init__(self) -> None:
        self.flows: list[http.HTTPFlow] = []

    def error(self, flow: http.HTTPFlow) -> None:
        self.flows.append(flow)

    def record(self) -> Connection:
        """The only one."""
        (flow,) = self.flows
        found = connection_of(flow.metadata)
        assert found is not None
        return found


@pytest.fixture
def told(tctx: taddons.context) -> Told:
    addon = Told()
    tctx.master.addons.add(addon)
    return addon


@pytest.fixture
def watch(tctx: taddons.context, told: Told) -> ConnectionWatch:
    return ConnectionWatch(tctx.master, lambda client, host: host == HOST)


def begin(watch: ConnectionWatch, *, is_ignored: bool = False) -> tls.TlsData:
    """A device's hello, and the data of the events that may follow."""
    client = tflow.tclient_conn()
    client.sni = HOST
    around = context.Context(client, None)  # type: ignore[arg-type]
    around.server.address = (HOST, 443)
    hello = parse_client_hello(RECORD)
    assert hello is not None
    data = tls.ClientHelloData(around, hello)
    data.ignore_connection = is_ignored
    watch.tls_clienthello(data)
    return tls.TlsData(client, around)


def exchanged(data: tls.TlsData) -> http.HTTPFlow:
    flow = tflow.tflow(client_conn=data.context.client, resp=True)
    flow.live = True
    return flow


async def wait(done: Any) -> None:
    await done


async def test_a_failed_handshake_is_told_at_once_and_once(
    watch: ConnectionWatch, told: Told
) -> None:
    data = begin(watch)
    data.conn.error = "tlsv1 alert unknown ca"
    await wait(watch.tls_failed_client(data))
    await wait(watch.client_disconnected(data.context.client))
    record = told.record()
    assert (record.end, record.alert) == (HandshakeEnd.ALERT, "unknown_ca")
    assert record.versions == ("TLS 1.0",)
    assert record.suites == ("TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_WITH_3DES_EDE_CBC_SHA")
    assert record.is_served
    assert len(watch) == 0


async def test_a_connection_without_a_request_is_told(watch: ConnectionWatch, told: Told) -> None:
    data = begin(watch)
    watch.tls_established_client(data)
    assert told.flows == []
    await wait(watch.client_disconnected(data.context.client))
    assert (told.record().end, told.record().requests) == (HandshakeEnd.OK, 0)


async def test_a_connection_with_a_request_is_not(watch: ConnectionWatch, told: Told) -> None:
    data = begin(watch)
    watch.tls_established_client(data)
    watch.requestheaders(exchanged(data))
    await wait(watch.response(exchanged(data)))
    await wait(watch.client_disconnected(data.context.client))
    assert told.flows == []
    assert len(watch) == 0


async def test_what_was_passed_through_is_told_as_such(watch: ConnectionWatch, told: Told) -> None:
    data = begin(watch, is_ignored=True)
    await wait(watch.client_disconnected(data.context.client))
    assert told.record().is_passed_through


async def test_the_views_of_mitmproxy_list_it(
    tctx: taddons.context, watch: ConnectionWatch, told: Told
) -> None:
    """mitmweb and the console take in flows at their first request, which this has not."""
    shown = view.View()
    tctx.master.addons.add(shown)
    data = begin(watch)
    await wait(watch.client_disconnected(data.context.client))
    assert list(shown) == told.flows


async def test_a_leg_that_passes_is_told_with_what_it_showed(
    watch: ConnectionWatch, told: Told
) -> None:
    data = begin(watch)
    hello = parse_client_hello(RECORD)
    assert hello is not None
    data.context.server.address = (HOST, 443)
    relay = watch.untouched(data.context, hello)
    relay._on_bytes(Side.DEVICE, RECORD)
    relay._on_bytes(Side.SERVER, b"\x15\x03\x01\x00\x02\x02\x28")
    relay._on_closed(Side.SERVER)
    assert told.flows == []
    await wait(watch.client_disconnected(data.context.client))
    record = told.record()
    assert record.is_passed_through
    assert (record.end, record.alert) == (HandshakeEnd.SERVER_ALERT, "handshake_failure")
    assert (record.sni, record.versions) == (HOST, ("TLS 1.0",))
    assert (record.sent, record.received, record.closed_by) == (len(RECORD), 7, "server")


async def test_the_flow_reads_as_the_connection(watch: ConnectionWatch, told: Told) -> None:
    data = begin(watch)
    data.conn.error = "connection closed"
    await wait(watch.tls_failed_client(data))
    again = http.HTTPFlow.from_state(told.flows[0].get_state())
    assert isinstance(again, http.HTTPFlow)
    exchange = exchange_from_flow(again, id="c:1", index=1, capture="c")
    assert exchange.connection == told.record()
    assert (exchange.request.method, exchange.request.url) == ("CONNECT", f"https://{HOST}/")
    assert exchange.error == "the device closed the connection inside the TLS handshake"


async def test_events_of_unknown_connections_are_passed_over(
    watch: ConnectionWatch, told: Told
) -> None:
    data = begin(ConnectionWatch(None, lambda client, host: False))
    watch.tls_established_client(data)
    watch.requestheaders(exchanged(data))
    await wait(watch.tls_failed_client(data))
    await wait(watch.client_disconnected(data.context.client))
    assert told.flows == []


async def test_a_certificate_asked_for_in_vain_is_told_once(
    watch: ConnectionWatch, told: Told
) -> None:
    data = begin(watch)
    watch._open[data.context.client.id].was_asked()
    watch.tls_established_client(data)
    watch.requestheaders(exchanged(data))
    await wait(watch.response(exchanged(data)))
    await wait(watch.error(exchanged(data)))
    await wait(watch.client_disconnected(data.context.client))
    assert told.record().is_asked_by_server


async def test_a_request_that_was_never_answered_is_told_at_the_end(
    watch: ConnectionWatch, told: Told
) -> None:
    data = begin(watch)
    watch._open[data.context.client.id].was_asked()
    watch.tls_established_client(data)
    watch.requestheaders(exchanged(data))
    await wait(watch.client_disconnected(data.context.client))
    assert told.record().requests == 1


def connect(
    watch: ConnectionWatch, mode: str = "regular", *, transport: str = "tcp"
) -> mitmproxy_connection.Client:
    """A device that has only connected."""
    client = tflow.tclient_conn()
    client.sni = None
    client.proxy_mode = ProxyMode.parse(mode)
    client.transport_protocol = transport  # type: ignore[assignment]
    watch.client_connected(client)
    return client


def heard(watch: ConnectionWatch, client: mitmproxy_connection.Client) -> None:
    """Bytes of it came."""
    watch.next_layer(NextLayer(context.Context(client, None)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "place"),
    [("regular", ("", 443)), ("reverse:https://mdm.example.test:8443", ("mdm.example.test", 8443))],
)
async def test_a_device_that_sends_nothing_is_told(
    watch: ConnectionWatch, told: Told, mode: str, place: tuple[str, int]
) -> None:
    client = connect(watch, mode)
    await wait(watch.client_disconnected(client))
    record = told.record()
    assert ((record.host, record.port), record.end) == (place, HandshakeEnd.SILENT)
    assert record.said == "the device sent nothing"
    assert len(watch) == 0
    exchange = exchange_from_flow(told.flows[0], id="c:1", index=1, capture="c")
    assert exchange.request.host == place[0]


async def test_a_device_that_sends_something_is_not(watch: ConnectionWatch, told: Told) -> None:
    client = connect(watch)
    heard(watch, client)
    await wait(watch.client_disconnected(client))
    assert told.flows == []
    assert len(watch) == 0


@pytest.mark.parametrize(("mode", "transport"), [("dns", "tcp"), ("dns", "udp")])
async def test_who_asks_for_names_is_not_watched(
    watch: ConnectionWatch, told: Told, mode: str, transport: str
) -> None:
    await wait(watch.client_disconnected(connect(watch, mode, transport=transport)))
    assert told.flows == []


@pytest.mark.parametrize("is_used", [False, True])
async def test_a_way_that_is_not_used_is_told(
    watch: ConnectionWatch, told: Told, is_used: bool
) -> None:
    client = connect(watch)
    heard(watch, client)
    flow = tflow.tflow(client_conn=client, req=tutils.treq(method=b"CONNECT", host=HOST, port=443))
    watch.http_connected(flow)
    if is_used:
        heard(watch, client)
    await wait(watch.client_disconnected(client))
    assert [connection_of(one.metadata) is not None for one in told.flows] == [True] * (not is_used)
    if not is_used:
        assert (told.record().host, told.record().is_served) == (HOST, True)


def unserved(
    watch: ConnectionWatch, client: mitmproxy_connection.Client
) -> server_hooks.ServerConnectionHookData:
    """The proxy tried to reach the server."""
    server = mitmproxy_connection.Server(address=(HOST, 443))
    server.error = "[Errno 111] Connection refused"
    data = server_hooks.ServerConnectionHookData(server, client)
    watch.server_connect_error(data)
    return data


async def test_a_server_that_cannot_be_reached_is_told(watch: ConnectionWatch, told: Told) -> None:
    client = connect(watch, f"reverse:https://{HOST}")
    unserved(watch, client)
    await wait(watch.client_disconnected(client))
    assert told.record().end is HandshakeEnd.NO_SERVER
    words = "the proxy cannot connect to the server ([Errno 111] Connection refused)"
    assert told.record().said == words
    assert not told.record().is_over_without_request
    assert len(watch) == 0


async def test_each_connect_that_comes_to_nothing_is_told_once(
    watch: ConnectionWatch, told: Told
) -> None:
    client = connect(watch)
    heard(watch, client)
    for _ in range(2):
        unserved(watch, client)
        await wait(watch.http_connect_error(tflow.tflow(client_conn=client)))
    await wait(watch.http_connect_error(tflow.tflow(client_conn=client)))
    await wait(watch.client_disconnected(client))
    ends = [connection_of(flow.metadata) for flow in told.flows]
    assert [one.end for one in ends if one is not None] == [HandshakeEnd.NO_SERVER] * 2


@pytest.mark.parametrize("is_eager", [False, True])
async def test_a_request_that_finds_no_server_has_a_flow_of_its_own(
    watch: ConnectionWatch, told: Told, is_eager: bool
) -> None:
    client = connect(watch)
    heard(watch, client)
    flow = tflow.tflow(client_conn=client, err=True)
    flow.live = True
    if is_eager:
        unserved(watch, client)
    watch.requestheaders(flow)
    if not is_eager:
        unserved(watch, client)
    await wait(watch.error(flow))
    await wait(watch.client_disconnected(client))
    assert told.flows == []
    assert len(watch) == 0
