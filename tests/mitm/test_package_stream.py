"""Which answers stream, what goes out when, and what is noted of them."""

from __future__ import annotations

import gc
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import flow as mitmproxy_flow
from mitmproxy import http

from mdmcore.block_digests import NO_BLOCKS, blocks_of
from mdmcore.capture.body_record import passed_of
from mdmcore.mitm.package_stream import (
    HELD_BYTES,
    PackageStream,
    let_pass,
    may_stream,
    note_what_passed,
)
from tests.support.proxy import make_flow

XAP = "application/x-silverlight-app"
LARGE = str(HELD_BYTES + 1)


def answered(
    status: int = 200, *, method: str = "GET", type_: str = XAP, **fields: str
) -> http.HTTPFlow:
    """A flow of whose answer the head is there; underscores in names stand for hyphens."""
    flow = make_flow("http://hub.example.test/hub.xap", method=method)
    headers = {"Content-Type": type_} | {key.replace("_", "-"): fields[key] for key in fields}
    flow.response = http.Response.make(status, b"", headers)
    flow.response.headers.pop("content-length", None)
    if "Content_Length" in fields:
        flow.response.headers["Content-Length"] = fields["Content_Length"]
    flow.response.data.content = None
    return flow


def sent(flow: http.HTTPFlow, blocks: Iterable[bytes]) -> list[bytes]:
    """What goes out while these blocks come, and then the end."""
    assert flow.response is not None
    assert isinstance(flow.response.stream, PackageStream)
    return [out for block in (*blocks, b"") for out in flow.response.stream(block)]


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        pytest.param(answered(Content_Length=LARGE), True, id="large"),
        pytest.param(answered(206, Content_Length=LARGE), True, id="a large part"),
        pytest.param(answered(), True, id="unknown length"),
        pytest.param(answered(Transfer_Encoding="chunked"), True, id="chunked"),
        pytest.param(answered(type_="text/html", Content_Length=LARGE), True, id="a page"),
        pytest.param(answered(Content_Length=str(HELD_BYTES)), False, id="small"),
        pytest.param(answered(Content_Length="0"), False, id="empty"),
        pytest.param(answered(Content_Length="9x"), False, id="length that is none"),
        pytest.param(answered(404, Content_Length=LARGE), False, id="not found"),
        pytest.param(answered(method="HEAD", Content_Length=LARGE), False, id="head"),
        pytest.param(answered(method="POST", Content_Length=LARGE), False, id="post"),
        pytest.param(answered(type_="application/soap+xml; charset=utf-8"), False, id="soap"),
        pytest.param(answered(type_="application/vnd.syncml.dm+xml"), False, id="syncml"),
        pytest.param(answered(type_="application/vnd.syncml.dm+wbxml"), False, id="wbxml"),
        pytest.param(answered(type_="Text/XML"), False, id="xml"),
        pytest.param(
            answered(type_="text/vnd.wap.connectivity-xml"), False, id="provisioning document"
        ),
    ],
)
def test_what_may_stream(flow: http.HTTPFlow, expected: bool) -> None:
    assert may_stream(flow) is expected


def test_what_is_not_on_its_way_does_not_stream() -> None:
    replayed, unanswered, failed = (answered() for _ in range(3))
    replayed.live = False
    unanswered.response = None
    failed.error = mitmproxy_flow.Error("x")
    assert not any(may_stream(flow) for flow in (replayed, unanswered, failed))


def test_what_streams_already_is_counted_and_what_another_script_handles_is_left() -> None:
    flow = answered(Content_Length="3")
    assert flow.response is not None
    flow.response.stream = True
    assert may_stream(flow)
    let_pass(flow)
    assert sent(flow, [b"abc"]) == [b"abc"]
    flow.response.stream = lambda data: data
    assert not may_stream(flow)


def test_blocks_of_an_announced_length_go_out_as_they_come() -> None:
    flow = answered(206, Content_Length=LARGE, Content_Range=f"bytes 5000-{5000 + HELD_BYTES}/*")
    let_pass(flow)
    blocks = [b"PK" + b"x" * 70_000, b"y" * HELD_BYTES]
    assert sent(flow, blocks) == blocks
    note_what_passed(flow)
    passed = passed_of(flow.metadata)
    assert passed is not None
    assert (passed.length, passed.is_whole) == (sum(map(len, blocks)), True)
    assert passed.beginning == blocks[0][:256]
    assert passed.blocks == blocks_of(b"".join(blocks), 5000)


@pytest.mark.parametrize(
    "flow",
    [
        answered(Content_Length=LARGE, Content_Encoding="gzip"),
        answered(206, Content_Length=LARGE),
        answered(206, Content_Length=LARGE, type_="multipart/byteranges; boundary=x"),
    ],
    ids=["coded", "no range", "several ranges"],
)
def test_bytes_whose_place_is_not_known_have_no_blocks(flow: http.HTTPFlow) -> None:
    let_pass(flow)
    sent(flow, [b"x" * 10_000])
    note_what_passed(flow)
    passed = passed_of(flow.metadata)
    assert passed is not None
    assert (passed.length, passed.blocks) == (10_000, NO_BLOCKS)


@given(st.lists(st.binary(min_size=1, max_size=2000), max_size=10))
def test_a_small_answer_without_length_goes_out_and_stays_whole(blocks: list[bytes]) -> None:
    flow = answered(Transfer_Encoding="chunked")
    let_pass(flow)
    body = b"".join(blocks)
    assert sent(flow, blocks) == ([body] if body else [])
    note_what_passed(flow)
    assert flow.response is not None
    assert flow.response.raw_content == body
    assert passed_of(flow.metadata) is None


def test_a_large_answer_without_length_is_held_up_to_a_limit_only() -> None:
    flow = answered()
    let_pass(flow)
    block = b"x" * (HELD_BYTES // 2)
    assert flow.response is not None
    assert isinstance(flow.response.stream, PackageStream)
    stream = flow.response.stream
    found = [list(stream(data)) for data in (block, block, b"y", b"z", b"")]
    assert found == [[], [], [block + block + b"y"], [b"z"], []]
    assert flow.response.raw_content is None
    note_what_passed(flow)
    passed = passed_of(flow.metadata)
    assert passed is not None
    assert passed.length == HELD_BYTES + 2


def test_an_empty_block_in_the_middle_is_not_the_end() -> None:
    """HTTP/2 has empty DATA frames; as a chunk it would end the answer."""
    flow = answered(Transfer_Encoding="chunked")
    let_pass(flow)
    assert sent(flow, [b"abc", b"", b"", b"def"]) == [b"abc", b"def"]
    assert flow.response is not None
    assert flow.response.raw_content is None
    ended = answered(Transfer_Encoding="chunked")
    let_pass(ended)
    assert sent(ended, [b"abc", b""]) == [b"abc"]
    assert ended.response is not None
    assert ended.response.raw_content == b"abc"


def test_what_was_broken_off_is_noted_as_far_as_it_came() -> None:
    flow = answered(Transfer_Encoding="chunked")
    let_pass(flow)
    assert flow.response is not None
    assert isinstance(flow.response.stream, PackageStream)
    assert list(flow.response.stream(b"abc")) == []
    flow.error = mitmproxy_flow.Error("peer closed connection")
    note_what_passed(flow)
    passed = passed_of(flow.metadata)
    assert passed is not None
    assert (passed.length, passed.is_whole) == (3, False)


def test_nothing_is_noted_of_what_is_there_or_did_not_stream() -> None:
    kept, plain, unanswered = (answered(Content_Length=LARGE) for _ in range(3))
    let_pass(kept)
    sent(kept, [b"abc"])
    assert kept.response is not None
    kept.response.data.content = b"abc"  # store_streamed_bodies
    unanswered.response = None
    for flow in (kept, plain, unanswered):
        note_what_passed(flow)
        assert flow.metadata == {}


def test_a_mistake_of_ours_does_not_stop_the_bytes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: object, data: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("mdmcore.passed_body.BodyMeter.take", fail)
    flow = answered(Content_Length=LARGE)
    let_pass(flow)
    assert sent(flow, [b"abc", b"def"]) == [b"abc", b"def"]
    assert "failed: ZeroDivisionError" in caplog.text


def test_an_answer_that_is_gone_while_it_streams_harms_nobody() -> None:
    response = http.Response.make(200, b"")
    stream = PackageStream(response, 0, holds=True)
    del response
    gc.collect()
    assert list(stream(b"abc")) == []
    assert list(stream(b"")) == [b"abc"]
