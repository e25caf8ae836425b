"""The inspecting addon in a test master: what it writes, what it leaves alone, what it logs."""

from __future__ import annotations

import logging
import threading

import pytest
from mitmproxy import dns, http
from mitmproxy import flow as mitmproxy_flow
from mitmproxy.net.dns import classes, types
from mitmproxy.test import taddons, tflow
from mitmproxy.test.tutils import tdnsreq

from mdmcore.inspector import Inspector
from mdmcore.mitm.annotate import METADATA_KEY
from mdmcore.mitm.connections import ConnectionWatch
from mdmcore.mitm.engine import Engine
from mdmcore.mitm.inspect import Inspect
from tests.support.messages import discover
from tests.support.proxy import make_flow

DISCOVERY = "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"


@pytest.fixture
async def inspect(tctx: taddons.context) -> Inspect:
    """The inspecting addon, configured as mitmproxy's loader does it."""
    addon = Inspect()
    tctx.master.addons.add(addon)
    addon.configure(tctx.options.keys())
    return addon


def answered(url: str = DISCOVERY, status: int = 200, body: bytes = b"<a><b></a>") -> http.HTTPFlow:
    """A Discover with an answer that is not well-formed."""
    headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
    flow = make_flow(url, method="POST", body=discover(), headers=headers)
    flow.response = http.Response.make(status, body, headers)
    return flow


def data_of(flow: http.HTTPFlow) -> dict[str, object]:
    data = flow.metadata[METADATA_KEY]
    assert isinstance(data, dict)
    return data


async def test_an_exchange_gets_summary_findings_and_marker(inspect: Inspect) -> None:
    flow = answered()
    await inspect.response(flow)  # type: ignore[misc]
    data = data_of(flow)
    assert data["kind"] == "discover"
    assert type(data["kind"]) is str
    assert data["findings"]
    assert flow.comment.startswith("[mdm] ")
    assert flow.marked == ":red_circle:"


async def test_no_byte_of_the_exchange_changes(inspect: Inspect) -> None:
    flow = answered()
    assert flow.response is not None
    before = flow.request.get_state(), flow.response.get_state()
    await inspect.response(flow)  # type: ignore[misc]
    assert (flow.request.get_state(), flow.response.get_state()) == before


async def test_an_exchange_without_answer_is_judged(inspect: Inspect) -> None:
    flow = answered()
    flow.response = None
    flow.error = mitmproxy_flow.Error("connection closed")
    await inspect.error(flow)  # type: ignore[misc]
    assert data_of(flow)["kind"] == "discover"


async def test_an_exchange_is_judged_once(
    inspect: Inspect, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = Inspector.inspect

    def counting(self: Inspector, exchange):
        seen.append(exchange.id)
        return real(self, exchange)

    monkeypatch.setattr(Inspector, "inspect", counting)
    first, second = answered(), answered()
    await inspect.response(first)  # type: ignore[misc]
    await inspect.error(first)  # type: ignore[misc]
    await inspect.response(second)  # type: ignore[misc]
    assert seen == ["live:1", "live:2"]
    assert {place.exchange for f in engine.judging.findings() for place in f.places} <= set(seen)


async def test_a_large_body_is_judged_beside_the_loop(
    inspect: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    real = Inspector.inspect

    def noting(self: Inspector, exchange):
        threads.append(threading.current_thread())
        return real(self, exchange)

    monkeypatch.setattr(Inspector, "inspect", noting)
    await inspect.response(answered(body=b"x" * 100))  # type: ignore[misc]
    await inspect.response(answered(body=b"x" * 300_000))  # type: ignore[misc]
    assert threads[0] is threading.main_thread()
    assert threads[1] is not threading.main_thread()


async def test_an_exchange_is_one_log_line(
    inspect: Inspect, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "mdmcore.mitm.inspect"):
        await inspect.response(answered())  # type: ignore[misc]
    [line] = caplog.messages
    assert "POST enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc -> 200" in line
    assert "error" in line
    assert "\n" not in line


async def test_other_traffic_is_noted_but_not_logged(
    inspect: Inspect, caplog: pytest.LogCaptureFixture
) -> None:
    flow = make_flow("https://www.other.test/picture")
    flow.response = http.Response.make(200, b"x", {"Content-Type": "image/png"})
    with caplog.at_level(logging.INFO, "mdmcore.mitm.inspect"):
        await inspect.response(flow)  # type: ignore[misc]
    assert caplog.messages == []
    assert data_of(flow)["findings"] == []
    assert flow.marked == ""


async def test_a_failing_inspector_does_not_reach_mitmproxy(
    inspect: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Inspector, "inspect", lambda self, exchange: 1 / 0)
    flow = answered()
    await inspect.response(flow)  # type: ignore[misc]
    assert "mdmproxy failed in response: ZeroDivisionError" in str(data_of(flow)["findings"])


async def test_the_profile_option_reaches_the_inspector(
    inspect: Inspect, engine: Engine, tctx: taddons.context
) -> None:
    tctx.options.update(mdm_profile="win10")
    await inspect.response(answered())  # type: ignore[misc]
    assert engine.judging.inspector is not None
    assert engine.judging.inspector.lives()[0].profile == "win10"


LARGE = {"Content-Type": "application/octet-stream", "Content-Length": "2000000"}


def heading(url: str, headers: dict[str, str], status: int = 200) -> http.HTTPFlow:
    """A flow of whose large answer the head has come."""
    flow = make_flow(url, headers=headers)
    flow.response = http.Response.make(status, b"", LARGE)
    flow.response.headers["Content-Length"] = LARGE["Content-Length"]
    flow.response.data.content = None
    return flow


@pytest.mark.parametrize(
    ("url", "headers", "streams"),
    [
        ("https://hub.example.test/hub.xap", {}, True),
        ("https://hub.example.test/package", {"Range": "bytes=0-"}, True),
        ("https://www.other.test/film", {}, False),
        (DISCOVERY, {}, False),
    ],
)
async def test_a_large_package_streams(
    inspect: Inspect, url: str, headers: dict[str, str], streams: bool
) -> None:
    flow = heading(url, headers)
    await inspect.responseheaders(flow)  # type: ignore[misc]
    assert flow.response is not None
    assert bool(flow.response.stream) is streams


async def test_what_streamed_is_judged_as_it_came(inspect: Inspect) -> None:
    flow = heading("https://hub.example.test/hub.xap", {"Range": "bytes=0-"}, 206)
    assert flow.response is not None
    flow.response.headers["Content-Range"] = "bytes 0-3999999/4000000"
    await inspect.responseheaders(flow)  # type: ignore[misc]
    assert callable(flow.response.stream)
    assert [*flow.response.stream(b"x" * 2_000_000), *flow.response.stream(b"")]
    await inspect.response(flow)  # type: ignore[misc]
    assert "Content-Range names 4000000 bytes, 2000000 came" in str(data_of(flow)["findings"])
    assert "'length': 2000000" in str(data_of(flow)["passed"])


async def test_a_flow_that_is_at_the_hub_origin_is_left_to_whoever_sent_it_there(
    inspect: Inspect, engine: Engine
) -> None:
    flow = heading("https://hub.example.test/hub.xap", {})
    engine.redirects._targets[flow] = None  # type: ignore[assignment]
    await inspect.responseheaders(flow)  # type: ignore[misc]
    assert flow.response is not None
    assert flow.response.stream is False


@pytest.mark.parametrize(
    ("option", "host", "is_served"),
    [
        ("mdm_names", "mdm.acme.test", True),
        ("mdm_pass_client_tls", "mdm.acme.test", True),
        ("mdm_pass_client_tls", "www.other.test", False),
    ],
)
async def test_a_host_that_was_named_is_our_business(
    tctx: taddons.context, inspect: Inspect, option: str, host: str, is_served: bool
) -> None:
    tctx.options.update(**{option: ["*.acme.test"]})
    watch = tctx.master.addons.get(ConnectionWatch.name)
    assert isinstance(watch, ConnectionWatch)
    assert watch._is_served(tflow.tclient_conn(), host) is is_served


async def test_names_of_the_server_resolve_to_us(tctx: taddons.context, inspect: Inspect) -> None:
    flow = dns_flow("enterpriseenrollment.acme.test")
    inspect.dns_request(flow)
    assert flow.response is None
    tctx.options.update(mdm_names=["*.acme.test"], mdm_advertise="192.0.2.7")
    inspect.dns_request(flow)
    assert flow.response is not None
    assert [str(one) for one in flow.response.answers] == ["192.0.2.7"]
    other = dns_flow("www.other.test")
    inspect.dns_request(other)
    assert other.response is None


def dns_flow(name: str) -> dns.DNSFlow:
    flow = tflow.tdnsflow()
    flow.live = True
    flow.request = tdnsreq(questions=[dns.Question(name=name, type=types.A, class_=classes.IN)])
    return flow
