"""Exchanges as a mitmproxy flow file, for tests of commands that read captures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mitmproxy.http import Headers as FlowHeaders
from mitmproxy.http import HTTPFlow, Request, Response
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from mdmcore.http import Exchange, Headers


def write_flows(path: Path, exchanges: Iterable[Exchange]) -> Path:
    """Write them there; the path."""
    with path.open("wb") as file:
        writer = FlowWriter(file)
        for exchange in exchanges:
            writer.add(flow_of(exchange))
    return path


def flow_of(exchange: Exchange) -> HTTPFlow:
    """The exchange as a flow, at its time and from its address, without TLS."""
    asked, answered = exchange.request, exchange.response
    request = Request.make(asked.method, asked.url, asked.body or b"", _fields(asked.headers))
    response = None
    if answered is not None:
        response = Response.make(answered.status, answered.body or b"", _fields(answered.headers))
    flow = tflow.tflow(req=request, resp=response or False, err=response is None)
    started = exchange.started.timestamp() if exchange.started is not None else 0.0
    flow.request.timestamp_start = flow.request.timestamp_end = started
    if flow.response is not None:
        flow.response.timestamp_start = flow.response.timestamp_end = started
    flow.client_conn.peername = (exchange.peer or "192.0.2.1", 40000)
    for connection in (flow.client_conn, flow.server_conn):
        connection.tls = False
        connection.timestamp_tls_setup = None
    return flow


def _fields(headers: Headers) -> FlowHeaders:
    return FlowHeaders([(name.encode(), value.encode()) for name, value in headers])
