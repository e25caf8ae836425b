"""The emulating addon in a test master: who is answered, who passes, what a hub flow shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from mitmproxy import flow as mitmproxy_flow
from mitmproxy import http
from mitmproxy.net import server_spec
from mitmproxy.test import taddons, tutils

from mdmcore.http import Request, Response
from mdmcore.mitm.annotate import METADATA_KEY
from mdmcore.mitm.emulate import Emulate
from mdmcore.mitm.engine import Engine
from mdmcore.server import MdmServer
from mdmcore.syncml.wbxml import decode_wbxml
from tests.support.proxy import HUB_BYTES, make_flow, write_hub
from tests.syncml.wbxml.vectors import W1

PROBE = "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"
HUB = "https://mdm.example.test/CompanyHub/hub.xap?v=1"


async def ask(emulate: Emulate, flow: http.HTTPFlow) -> http.Response | None:
    """The events of a request up to the upstream."""
    await emulate.requestheaders(flow)  # type: ignore[misc]
    await emulate.request(flow)  # type: ignore[misc]
    return flow.response


async def test_our_host_is_answered(emulate: Emulate) -> None:
    response = await ask(emulate, make_flow(PROBE))
    assert response is not None
    assert response.status_code == 200


async def test_an_address_with_our_sni_is_answered(emulate: Emulate) -> None:
    flow = make_flow(
        "https://192.0.2.1/EnrollmentServer/Discovery.svc",
        sni="EnterpriseEnrollment.example.test",
    )
    response = await ask(emulate, flow)
    assert response is not None
    assert response.status_code == 200


async def test_another_host_passes_whatever_its_host_header_says(emulate: Emulate) -> None:
    flow = make_flow("http://other.test/", headers={"Host": "mdm.example.test"})
    before = flow.get_state()
    assert await ask(emulate, flow) is None
    assert flow.get_state() == before


async def test_a_flow_from_a_file_passes(emulate: Emulate) -> None:
    flow = make_flow(PROBE)
    flow.live = False
    assert await ask(emulate, flow) is None


async def test_an_answer_of_somebody_else_stays(emulate: Emulate) -> None:
    flow = make_flow(PROBE)
    flow.response = tutils.tresp(content=b"theirs")
    response = await ask(emulate, flow)
    assert response is not None
    assert response.content == b"theirs"


async def test_a_flow_that_failed_stays(emulate: Emulate) -> None:
    flow = make_flow(PROBE)
    flow.error = mitmproxy_flow.Error("gone")
    assert await ask(emulate, flow) is None


async def test_a_failure_of_ours_is_answered_and_noted(
    emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: MdmServer, request: Request) -> Response:
        raise ZeroDivisionError

    monkeypatch.setattr(MdmServer, "answer", fail)
    flow = make_flow(PROBE)
    response = await ask(emulate, flow)
    assert response is not None
    assert response.status_code == 500
    assert flow.metadata[METADATA_KEY]["findings"][0]["rule"] == "mdmproxy-failed"


@pytest.fixture
async def hub(tctx: taddons.context, emulate: Emulate, engine: Engine, tmp_path: Path) -> Engine:
    """An engine that offers a hub."""
    package, aetx = write_hub(tmp_path)
    tctx.options.update(mdm_hub=str(package), mdm_aetx=str(aetx))
    return engine


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/2.0"])
async def test_a_hub_request_goes_to_the_origin_and_looks_real_afterwards(
    emulate: Emulate, hub: Engine, version: str
) -> None:
    headers = {"Host": "MDM.example.test:443"} if version == "HTTP/1.1" else {}
    flow = make_flow(HUB, version=version, headers=headers)
    flow.request.authority = "mdm.example.test" if version == "HTTP/2.0" else ""
    before = flow.request.get_state()
    assert await ask(emulate, flow) is None
    assert hub.hub_origin is not None
    assert (flow.request.scheme, flow.request.host) == ("http", "127.0.0.1")
    assert flow.request.port == hub.hub_origin.port
    assert flow.request.path == hub.hub_origin.path
    flow.response = tutils.tresp()
    emulate.responseheaders(flow)
    assert flow.request.get_state() == before
    assert flow.response.stream is True


async def test_a_hub_flow_that_failed_looks_real_too(emulate: Emulate, hub: Engine) -> None:
    flow = make_flow(HUB)
    before = flow.request.get_state()
    await ask(emulate, flow)
    flow.error = mitmproxy_flow.Error("origin is down")
    emulate.error(flow)
    assert flow.request.get_state() == before


async def test_the_origins_path_is_a_secret(emulate: Emulate, hub: Engine) -> None:
    assert hub.hub_origin is not None
    assert len(hub.hub_origin.path) > 40


async def test_other_answers_do_not_stream(emulate: Emulate, hub: Engine) -> None:
    flow = make_flow("https://other.test/")
    flow.response = tutils.tresp()
    emulate.responseheaders(flow)
    assert flow.response.stream is False


async def test_behind_an_upstream_proxy_the_hub_is_answered_whole(
    emulate: Emulate, hub: Engine
) -> None:
    flow = make_flow(HUB, headers={"Range": "bytes=5-9"})
    flow.server_conn.via = server_spec.parse("http://proxy.test:8080", "http")
    response = await ask(emulate, flow)
    assert response is not None
    assert (response.status_code, response.content) == (206, HUB_BYTES[5:10])


async def test_an_origin_that_cannot_listen_is_replaced_by_a_whole_answer(
    emulate: Emulate, hub: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise OSError("no ports left")

    monkeypatch.setattr(hub.hub_origin, "start", fail)
    response = await ask(emulate, make_flow(HUB))
    assert response is not None
    assert response.content == HUB_BYTES


async def test_a_message_in_wbxml_is_answered_in_wbxml(emulate: Emulate) -> None:
    """Bytes pass through flows as they are, NULs included."""
    flow = make_flow(
        "https://mdm.example.test/ManagementServer/MDM.svc",
        method="POST",
        headers={"Content-Type": "application/vnd.syncml.dm+wbxml"},
        body=W1,
    )
    response = await ask(emulate, flow)
    assert response is not None
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/vnd.syncml.dm+wbxml"
    assert (response.raw_content or b"").startswith(W1[:34])
    message = decode_wbxml(response.raw_content or b"")
    assert message.header_status is not None
    assert message.header_status.data == "407"
