"""The emulating addon in a test master: who is answered, who passes, what a hub flow shows."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import load_der_x509_certificate
from mitmproxy import certs, dns, http
from mitmproxy import flow as mitmproxy_flow
from mitmproxy.net import server_spec
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import taddons, tflow, tutils

from mdmcore.http import Request, Response, TlsFacts
from mdmcore.mitm.annotate import METADATA_KEY
from mdmcore.mitm.emulate import Emulate
from mdmcore.mitm.engine import Engine
from mdmcore.server import MdmServer
from mdmcore.syncml.wbxml import decode_wbxml
from tests.support import messages as m
from tests.support.dns import parse, query
from tests.support.proxy import HUB_BYTES, make_flow, write_hub
from tests.support.server import make_authority
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
    def fail(self: MdmServer, request: Request, tls: TlsFacts | None) -> Response:
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


def direct(url: str, host: str) -> http.HTTPFlow:
    """A flow that came straight to a port of ours and says that it is for ``host``."""
    flow = make_flow(url, headers={"Host": host})
    flow.client_conn.proxy_mode = ProxyMode.parse("reverse:http://example.test@80")
    flow.client_conn.tls = False
    flow.client_conn.timestamp_tls_setup = None
    return flow


async def test_a_phone_without_proxy_is_redirected_to_https(emulate: Emulate) -> None:
    flow = direct("http://example.test/EnrollmentServer/Discovery.svc", "mdm.example.test")
    response = await ask(emulate, flow)
    assert response is not None
    assert response.status_code == 302
    location = "https://mdm.example.test/EnrollmentServer/Discovery.svc"
    assert response.headers["Location"] == location


async def test_a_foreign_host_on_a_direct_port_is_refused(emulate: Emulate) -> None:
    response = await ask(emulate, direct("http://example.test/", "www.other.test"))
    assert response is not None
    assert response.status_code == 421
    assert b"www.other.test is not a host" in (response.content or b"")


async def test_the_page_of_mitmproxy_is_not_refused(emulate: Emulate) -> None:
    flow = direct("http://example.test/cert/cer", "mitm.it")
    flow.response = tutils.tresp(content=b"the CA")
    response = await ask(emulate, flow)
    assert response is not None
    assert response.content == b"the CA"


async def test_names_of_our_hosts_are_answered(emulate: Emulate, tctx: taddons.context) -> None:
    tctx.options.update(mdm_advertise="192.0.2.7")
    flow = tflow.tdnsflow(req=dns.DNSMessage.unpack(query("mdm.example.test")))
    flow.live = True
    emulate.dns_request(flow)
    assert flow.response is not None
    assert parse(flow.response.packed).addresses == ("192.0.2.7",)


async def test_by_default_the_address_is_where_we_listen(
    emulate: Emulate, tctx: taddons.context
) -> None:
    tctx.options.update(listen_host="127.0.0.1")
    flow = tflow.tdnsflow(req=dns.DNSMessage.unpack(query("mdm.example.test")))
    flow.live = True
    emulate.dns_request(flow)
    assert flow.response is not None
    assert parse(flow.response.packed).addresses == ("127.0.0.1",)


async def test_the_hub_is_not_given_away_in_the_clear(emulate: Emulate, hub: Engine) -> None:
    response = await ask(emulate, make_flow(HUB.replace("https:", "http:")))
    assert response is not None
    assert response.status_code == 403


async def test_a_hub_request_without_sni_goes_to_the_origin(emulate: Emulate, hub: Engine) -> None:
    flow = direct(HUB, "mdm.example.test")
    flow.client_conn.proxy_mode = ProxyMode.parse("reverse:https://example.test@443")
    flow.client_conn.timestamp_tls_setup = 1.0
    assert await ask(emulate, flow) is None
    assert flow.request.host == "127.0.0.1"


async def test_passwords_are_verified_in_a_worker_and_the_result_is_remembered(
    tctx: taddons.context, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    tctx.options.update(mdm_users=["demo@example.test:pw"])
    threads: list[threading.Thread] = []
    scrypt = hashlib.scrypt

    def watched(password: bytes, **options: Any) -> bytes:
        threads.append(threading.current_thread())
        return scrypt(password, **options)

    monkeypatch.setattr(hashlib, "scrypt", watched)
    for password, status in (("pw", 200), ("pw", 200), ("no", 500), ("no", 500)):
        flow = make_flow(
            "https://mdm.example.test/EnrollmentServer/Policy.svc",
            method="POST",
            body=m.get_policies(password=password),
            headers={"Content-Type": "application/soap+xml"},
        )
        response = await ask(emulate, flow)
        assert response is not None
        assert response.status_code == status
    # a right password once, a wrong one each time
    assert len(threads) == 3
    assert threading.main_thread() not in threads


async def test_the_server_is_told_of_the_devices_certificate(
    emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[TlsFacts | None] = []

    def answer(self: MdmServer, request: Request, tls: TlsFacts | None) -> Response:
        told.append(tls)
        return Response(status=200)

    monkeypatch.setattr(MdmServer, "answer", answer)
    shown = make_authority().certificate
    for certificates in ([certs.Cert(load_der_x509_certificate(shown))], []):
        flow = make_flow(PROBE)
        flow.client_conn.tls = True
        flow.client_conn.certificate_list = certificates
        await ask(emulate, flow)
    assert [tls.client_certificates for tls in told if tls] == [(shown,), ()]


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
