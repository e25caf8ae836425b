"""Connections on their way to the listener."""

from __future__ import annotations

from mitmproxy.options import Options
from mitmproxy.proxy.context import Context
from mitmproxy.test import tflow

from mdmcore.mitm.transport_faults.passing import Passing, PassingConnections

HERE = ("127.0.0.1", 50001)


def passing() -> Passing:
    context = Context(tflow.tclient_conn(), Options())
    context.client.id = str(id(context))
    return Passing(context=context, host="mdm.example.test", port=443)


def test_a_connection_arrives_from_where_it_was_dialled() -> None:
    connections, one, two = PassingConnections(), passing(), passing()
    connections.announce(one)
    connections.announce(two)
    connections.dialled(two.client, (*HERE, 0, 0))
    assert connections.arrived(("127.0.0.1", 50002)) is None
    assert connections.arrived(HERE) is two
    assert connections.arrived(HERE) is None


def test_what_was_not_announced_is_a_stranger_s() -> None:
    connections = PassingConnections()
    connections.dialled(passing().client, HERE)
    assert connections.arrived(HERE) is None
    assert connections.arrived(None) is None


def test_a_device_that_left_is_forgotten() -> None:
    connections, one, two = PassingConnections(), passing(), passing()
    for each in (one, two):
        connections.announce(each)
    connections.dialled(one.client, HERE)
    for each in (one, two):
        connections.forget(each.client)
    connections.dialled(two.client, ("127.0.0.1", 50003))
    assert connections.arrived(HERE) is None
    assert connections.arrived(("127.0.0.1", 50003)) is None
