"""Flow files for tests, written with mitmproxy's own writer."""

from __future__ import annotations

import io

from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow, tutils

from mdmcore.capture.flows import read_flows
from mdmcore.capture.source import Reading
from mdmcore.http import Exchange


def flow_bytes(*flows: Flow) -> bytes:
    """What mitmproxy writes for these flows."""
    file = io.BytesIO()
    writer = FlowWriter(file)
    for flow in flows:
        writer.add(flow)
    return file.getvalue()


def http_flow(path: str = "/path", **response: object) -> HTTPFlow:
    """A flow with a response, as mitmproxy's test tools make it."""
    return tflow.tflow(req=tutils.treq(path=path.encode()), resp=tutils.tresp(**response))


def read(data: bytes) -> tuple[list[Exchange], Reading]:
    """All exchanges of a flow file, and what the pass noted."""
    reading = Reading(name="c.mitm")
    return list(read_flows(io.BytesIO(data), reading)), reading
