"""What tests of the mitmproxy adapters share: flows, a Company Hub in two files, clean loggers."""

from __future__ import annotations

import base64
from pathlib import Path

from mitmproxy import flow as mitmproxy_flow
from mitmproxy import http
from mitmproxy.io import FlowReader
from mitmproxy.test import tflow

HUB_BYTES = bytes(range(256)) * 4096
"""The content of the test hub, 1 MiB."""

ENTERPRISE_ID = "1234567"


def make_flow(
    url: str = "https://mdm.example.test/",
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    sni: str | None = None,
    version: str = "HTTP/1.1",
) -> http.HTTPFlow:
    """A live flow without an answer, as mitmproxy has it in the `request` event."""
    request = http.Request.make(method, url, body)
    for name, value in (headers or {}).items():
        request.headers[name] = value
    request.http_version = version
    if version == "HTTP/1.1" and "Host" not in request.headers:
        request.headers["Host"] = request.host
    flow = tflow.tflow(req=request)
    flow.live = True
    flow.client_conn.sni = sni
    return flow


def write_hub(folder: Path) -> tuple[Path, Path]:
    """A package and its .aetx in that folder."""
    package, aetx = folder / "hub.xap", folder / "hub.aetx"
    package.write_bytes(HUB_BYTES)
    token = base64.b64encode(f'<AET><EnterpriseId Value="{ENTERPRISE_ID}"/></AET>'.encode())
    aetx.write_text(
        '<wap-provisioningdoc version="1.1"><characteristic type="EnterpriseAppManagement">'
        f'<characteristic type="{ENTERPRISE_ID}"><parm name="EnrollmentToken" datatype="string" '
        f'value="{token.decode()}"/></characteristic></characteristic></wap-provisioningdoc>',
        encoding="utf-8",
    )
    return package, aetx


def flows_in(path: Path) -> list[mitmproxy_flow.Flow]:
    """All flows of a file, as mitmproxy itself reads them."""
    with path.open("rb") as file:
        return list(FlowReader(file).stream())
