"""Whatever passes the inspecting addon, no exception reaches mitmproxy, and each flow is annotated.

What cannot be decoded is said to be so, and not a byte of it changes.
"""

from __future__ import annotations

import gzip
import io
import logging
import zlib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mitmproxy import flow as mitmproxy_flow
from mitmproxy import http
from mitmproxy.io import FlowReader, FlowWriter
from mitmproxy.test import taddons

from mdmcore.mitm.annotate import INTERNAL_RULE, METADATA_KEY
from mdmcore.mitm.inspect import Inspect
from mdmcore.syncml.xml import serialize_syncml
from tests.support import messages
from tests.support.proxy import make_flow
from tests.support.story import package1

SOAP = "application/soap+xml; charset=utf-8"
DM_XML, DM_WBXML = "application/vnd.syncml.dm+xml", "application/vnd.syncml.dm+wbxml"
MESSAGE = serialize_syncml(package1())
NOISE = bytes(range(256)) * 8
DISCOVERY = "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"
DM = "https://mdm.example.test/omadm"


@pytest.fixture
async def inspect(tctx: taddons.context) -> Inspect:
    """The inspecting addon, configured as mitmproxy's loader does it."""
    addon = Inspect()
    tctx.master.addons.add(addon)
    addon.configure(tctx.options.keys())
    return addon


def exchanged(
    url: str, asked: tuple[str, bytes], answered: tuple[str, bytes], **headers: str
) -> http.HTTPFlow:
    """A POST and its answer: media type and body of both, headers of the answer."""
    flow = make_flow(url, method="POST", body=asked[1], headers={"Content-Type": asked[0]})
    flow.response = http.Response.make(200, answered[1], {"Content-Type": answered[0]})
    for name, value in headers.items():
        flow.response.headers[name.replace("_", "-")] = value
    return flow


def told(flow: http.HTTPFlow) -> tuple[str, set[str]]:
    """Summary and rules of a flow that was judged, by us and not by our guard."""
    data = flow.metadata[METADATA_KEY]
    assert isinstance(data, dict)
    rules = {finding["rule"] for finding in data["findings"]}
    assert INTERNAL_RULE not in rules
    assert flow.comment.startswith("[mdm] ")
    return str(data["summary"]), rules


UNREADABLE = {
    "xml-noise": (DM, (DM_XML, MESSAGE), (DM_XML, NOISE), "xml-not-wellformed"),
    "xml-cut": (
        DM,
        (DM_XML, MESSAGE),
        (DM_XML, MESSAGE[: len(MESSAGE) // 2]),
        "xml-not-wellformed",
    ),
    "xml-entities": (
        *(DISCOVERY, (SOAP, messages.discover())),
        *((SOAP, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "xml-not-wellformed"),
    ),
    "xml-deep": (
        *(DISCOVERY, (SOAP, messages.discover()), (SOAP, b"<a>" * 50_000)),
        "xml-not-wellformed",
    ),
    "soap-noise": (DISCOVERY, (SOAP, messages.discover()), (SOAP, NOISE), "xml-not-wellformed"),
    "soap-request-noise": (DISCOVERY, (SOAP, NOISE), (SOAP, b"<a/>"), "xml-not-wellformed"),
    "wbxml-noise": (DM, (DM_WBXML, NOISE), (DM_WBXML, NOISE), "encoding-mismatch"),
    "wbxml-deep": (
        *(DM, (DM_WBXML, NOISE), (DM_WBXML, b"\x02\x9f\x53\x6a\x00" + b"\x6d" * 50_000)),
        "encoding-mismatch",
    ),
    "wbxml-huge-table": (
        *(DM, (DM_WBXML, NOISE), (DM_WBXML, b"\x02\x9f\x53\x6a\xff\xff\xff\x7f")),
        "encoding-mismatch",
    ),
    "wrong-charset": (
        *(DM, (DM_XML, MESSAGE), (DM_XML, MESSAGE.decode().encode("utf-16"))),
        "wrong-charset",
    ),
    "unknown-charset": (
        *(DM, (DM_XML, MESSAGE)),
        *((DM_XML, b'<?xml version="1.0" encoding="klingon"?><SyncML/>'), "wrong-charset"),
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
async def test_what_cannot_be_decoded_has_a_finding(inspect: Inspect, case: str) -> None:
    url, asked, answered, rule = UNREADABLE[case]
    flow = exchanged(url, asked, answered)
    assert flow.response is not None
    before = flow.request.get_state(), flow.response.get_state()
    await inspect.response(flow)  # type: ignore[misc]
    assert rule in told(flow)[1]
    assert (flow.request.get_state(), flow.response.get_state()) == before


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(MESSAGE, mtime=0)[:-20]),
        ("gzip", b"no gzip at all"),
        ("deflate", zlib.compress(MESSAGE)[:40]),
        ("br", NOISE),
        ("zstd", NOISE),
        ("gzip, gzip", gzip.compress(MESSAGE, mtime=0)),
        ("klingon", MESSAGE),
    ],
)
async def test_a_coding_that_cannot_be_taken_off(
    inspect: Inspect, coding: str, body: bytes
) -> None:
    flow = exchanged(DM, (DM_XML, MESSAGE), (DM_XML, body), Content_Encoding=coding)
    await inspect.response(flow)  # type: ignore[misc]
    assert told(flow)[1]  # that it is compressed unasked, and mostly that it cannot be read
    assert flow.response is not None
    assert flow.response.raw_content == body


async def test_headers_without_end(inspect: Inspect) -> None:
    flow = exchanged(DM, (DM_XML, MESSAGE), (DM_XML, MESSAGE))
    for message in (flow.request, flow.response):
        assert message is not None
        fields = [(b"X-%d" % n, b"\xff" * 1000) for n in range(2000)]
        message.headers = http.Headers([*message.headers.fields, *fields])
    await inspect.response(flow)  # type: ignore[misc]
    told(flow)


TYPES = [
    *(
        SOAP,
        DM_XML,
        DM_WBXML,
        "application/vnd.syncml+wbxml",
        "text/html; charset=utf-7",
        "",
        "a/b/c",
    ),
    *(
        "application/x-silverlight-app",
        "multipart/byteranges; boundary=x",
        "text/xml; charset=\xff",
    ),
]
STARTS = [
    *(b"", b"\x02\x9f\x53\x6a", b"\x03\x01\x6a\x00", b"\x1f\x8b\x08", b"\xff\xfe<\x00", b"<?xml "),
    *(MESSAGE[:400], MESSAGE, messages.discover()[:600], messages.get_policies()),
]
BODIES = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(STARTS), st.binary(max_size=400)).map(b"".join),
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *(b"Content-Encoding", b"Content-Length", b"Transfer-Encoding", b"Content-Range"),
                *(b"Location", b"x-syncml-hmac", b"MS-Signature", b"Set-Cookie", b"Range", b"\xff"),
            ]
        ),
        st.one_of(
            st.binary(max_size=60), st.sampled_from([b"gzip", b"br", b"bytes 0-1/2", b"chunked"])
        ),
    ),
    max_size=4,
)


@st.composite
def hostile_flows(draw: st.DrawFn) -> http.HTTPFlow:
    """A flow of anything, answered by anything, or by nothing."""
    url = draw(st.sampled_from([DISCOVERY, DM, f"{DM}?mode=Maintenance", "https://x.test/hub.xap"]))
    method = draw(st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "CONNECT", "MARK", "B\xffD"]))
    flow = make_flow(url, sni=draw(st.sampled_from([None, "mdm.example.test", "\xff"])))
    flow.request.data.method = method.encode("latin-1")
    flow.request.data.path = draw(
        st.one_of(st.just(flow.request.data.path), st.binary(max_size=40))
    )
    flow.request.data.content = draw(BODIES)
    flow.request.headers = http.Headers(
        [(b"Content-Type", draw(st.sampled_from(TYPES)).encode("latin-1")), *draw(HEADERS)]
    )
    if draw(st.booleans()):
        flow.response = http.Response.make(draw(st.integers(0, 9999)))
        flow.response.data.content = draw(BODIES)
        flow.response.headers = http.Headers(
            [(b"Content-Type", draw(st.sampled_from(TYPES)).encode("latin-1")), *draw(HEADERS)]
        )
        flow.response.stream = draw(st.booleans())
    if flow.response is None or draw(st.booleans()):
        flow.error = mitmproxy_flow.Error(draw(st.text(max_size=60)))
    return flow


@given(flow=hostile_flows())
@example(flow=exchanged(DM, (DM_WBXML, NOISE), (DM_WBXML, NOISE)))
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_anything_is_annotated_and_passes(inspect: Inspect, flow: http.HTTPFlow) -> None:
    before = flow.request.get_state(), flow.response and flow.response.get_state()
    if flow.error is None:
        await inspect.response(flow)  # type: ignore[misc]
    else:
        await inspect.error(flow)  # type: ignore[misc]
    told(flow)
    assert (flow.request.get_state(), flow.response and flow.response.get_state()) == before
    # mitmproxy can write it, and reads back what was noted.
    file = io.BytesIO()
    FlowWriter(file).add(flow)
    file.seek(0)
    [read] = FlowReader(file).stream()
    assert read.comment == flow.comment


async def test_nothing_of_it_is_logged_as_an_error(
    inspect: Inspect, caplog: pytest.LogCaptureFixture
) -> None:
    for url, asked, answered, _ in UNREADABLE.values():
        await inspect.response(exchanged(url, asked, answered))  # type: ignore[misc]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
