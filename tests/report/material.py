"""Captures for the tests of reports: written by mitmproxy, or printed as a text log."""

from __future__ import annotations

from pathlib import Path

from mitmproxy.http import Headers, HTTPFlow
from mitmproxy.test import tflow, tutils

from mdmcore.capture import Capture, open_capture
from tests.capture.flow_files import flow_bytes

FIRST_MESSAGE = b"""<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD>\
<VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>\
<Target><LocURI>https://mdm.example.test/omadm</LocURI></Target>\
<Source><LocURI>DEVICE</LocURI></Source></SyncHdr>\
<SyncBody><Alert><CmdID>1</CmdID><Data>1201</Data></Alert><Final/></SyncBody></SyncML>"""


def exchange_flow(
    path: str = "/other",
    *,
    body: bytes = b"",
    answer: bytes | None = b"",
    content_type: str = "text/plain",
    status: int = 200,
    host: str = "mdm.example.test",
) -> HTTPFlow:
    """One HTTPS exchange; an answer of None is a device that got none."""
    headers = Headers(((b"Content-Type", content_type.encode()),))
    return tflow.tflow(
        req=tutils.treq(
            method=b"POST",
            scheme=b"https",
            host=host,
            port=443,
            path=path.encode(),
            headers=headers,
            content=body,
            timestamp_start=946684800,
        ),
        resp=False
        if answer is None
        else tutils.tresp(status_code=status, headers=headers, content=answer),
        err=answer is None,
    )


def dm_flow(*, device: bytes = b"urn:uuid:1") -> HTTPFlow:
    """A first SyncML message; the empty answer to it is a mistake."""
    return exchange_flow(
        "/omadm",
        body=FIRST_MESSAGE.replace(b"DEVICE", device),
        content_type="application/vnd.syncml.dm+xml",
    )


def capture_of(path: Path, *flows: HTTPFlow, tail: bytes = b"") -> Capture:
    """A flow file at that path."""
    path.write_bytes(flow_bytes(*flows) + tail)
    return open_capture(path, name=path.name)
