"""A connection as a flow of our own, for recordings: what leaves no HTTP leaves no flow else.

It is a CONNECT that got no answer, with the two real ends of the connection; the metadata hold the
record that ``capture.connection_record`` finds there again.
"""

from __future__ import annotations

from mitmproxy import connection as mitmproxy_connection
from mitmproxy.flow import Error
from mitmproxy.http import Headers, HTTPFlow, Request

from mdmcore.capture.connection_record import CONNECTION_FIELD, METADATA_KEY
from mdmcore.connection import Connection, connection_fields
from mdmcore.report.annotation import SCHEMA


def connection_flow(
    record: Connection,
    client: mitmproxy_connection.Client,
    server: mitmproxy_connection.Server,
) -> HTTPFlow:
    """The flow that stands for a connection; its error says how that ended."""
    began = client.timestamp_start or 0.0
    ended = client.timestamp_end or began
    host = next(iter(record.hosts), "")
    flow = HTTPFlow(client, server)
    flow.request = Request(
        host=host,
        port=record.port,
        method=b"CONNECT",
        scheme=b"https",
        authority=f"{host}:{record.port}".encode("utf-8", "surrogateescape"),
        path=b"",
        http_version=b"HTTP/1.1",
        headers=Headers(),
        content=b"",
        trailers=None,
        timestamp_start=began,
        timestamp_end=began,
    )
    flow.timestamp_created = began
    flow.error = Error(record.said, ended)
    flow.metadata[METADATA_KEY] = {
        "schema": SCHEMA,
        "summary": record.said,
        "findings": [],
        CONNECTION_FIELD: connection_fields(record),
    }
    return flow
