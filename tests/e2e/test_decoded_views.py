"""``mitmdump`` prints a recorded message decoded, by the view that it chooses itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from mitmproxy.io import FlowWriter

from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.mitm.flow_file import flow_from
from tests.support.artifacts import aetx, jwt, renewal_rst, renewal_token
from tests.support.messages import syncml
from tests.support.processes import run_mitmdump

pytestmark = pytest.mark.e2e

SYNCML = syncml(
    "<Add><CmdID>1</CmdID><Item><Data>&lt;MgmtTree&gt;&lt;Node/&gt;&lt;/MgmtTree&gt;</Data>"
    "</Item></Add>"
)


@pytest.mark.parametrize(
    ("body", "media_type", "words"),
    [
        (renewal_rst(), "application/soap+xml; charset=utf-8", "PKCS#7 SignedData"),
        (renewal_token(), "application/octet-stream", "PKCS#7 SignedData"),
        (jwt(upn="demo@example.test"), "application/jwt", '"upn": "demo@example.test"'),
        (aetx(), "application/octet-stream", "in EnrollmentToken, AET document"),
        (SYNCML, "application/vnd.syncml.dm+xml", "management tree (DDF/TNDS)"),
        (b"PK\x03\x04" + bytes(60), "application/x-silverlight-app", "bytes here: 64"),
    ],
    ids=["renewal", "pkcs7", "jwt", "aetx", "syncml", "package"],
)
def test_what_is_inside_is_printed(
    tmp_path: Path, body: bytes, media_type: str, words: str
) -> None:
    exchange = Exchange(
        id="a:1",
        index=1,
        capture="a",
        request=Request(
            method="GET", url="https://mdm.example.test/a", headers=Headers([]), body=b""
        ),
        response=Response(status=200, headers=Headers([("Content-Type", media_type)]), body=body),
    )
    recording = tmp_path / "one.mitm"
    with recording.open("wb") as file:
        FlowWriter(file).add(flow_from(exchange))
    printed = run_mitmdump(
        "addons/mdm_inspect.py",
        confdir=tmp_path / "conf",
        arguments=["-n", "-r", recording, "--set", "flow_detail=4"],
    )
    assert words in printed.stdout.decode()
