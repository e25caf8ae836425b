"""What our writer makes is a HAR by its schema, read back whole, and read by mitmproxy."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy.http import HTTPFlow
from mitmproxy.io import read_flows_from_paths

from mdmcore.capture.flows import exchange_from_flow
from mdmcore.capture.har.writer import HarWriter
from mdmcore.http import Exchange, Headers, Request, Response
from tests.capture.any_exchange import any_exchange
from tests.capture.archives import broken_off, exchange, exchanges, from_har, har_bytes
from tests.support.requirements import shared_file


def without_answer() -> Exchange:
    return exchange(response=None, error="the device left")


def not_kept() -> Exchange:
    headers = Headers([("Content-Length", "900000")])
    return exchange(response=Response(status=206, headers=headers, body=None))


EVERY_KIND = (exchange(), broken_off(), without_answer(), not_kept())


def test_it_is_valid_by_the_schema():
    schema = json.loads(shared_file("schemas", "json", "har-1.2.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(har_bytes(EVERY_KIND)), schema)


@given(st.lists(any_exchange(), max_size=2))
@settings(max_examples=40)
def test_any_exchange_is_valid_by_the_schema(listed):
    schema = json.loads(shared_file("schemas", "json", "har-1.2.schema.json").read_text("utf-8"))
    file = io.BytesIO()
    writer = HarWriter(file, version="1")
    for one in listed:
        writer.add(one)
    writer.finish(datetime(2026, 3, 1, tzinfo=UTC))
    jsonschema.validate(json.loads(file.getvalue()), schema)


def test_nothing_is_lost_on_the_way():
    read, reading = from_har(har_bytes(EVERY_KIND))
    assert reading.problems == []
    wanted = [replace(one, id=f"c:{n}", index=n) for n, one in enumerate(EVERY_KIND, 1)]
    assert read == wanted


def test_the_text_has_no_lone_surrogate():
    odd = exchange(error="\udc80", response=None)
    har_bytes([odd]).decode("ascii")
    json.loads(har_bytes([odd]))["log"]["entries"][0]["response"]["_error"].encode("utf-8")


@given(st.lists(exchanges(), max_size=3))
@settings(max_examples=60)
def test_any_exchange_comes_back(listed):
    read, reading = from_har(har_bytes(listed))
    assert reading.problems == []
    assert read == [replace(one, id=f"c:{n}", index=n) for n, one in enumerate(listed, 1)]


def test_mitmproxy_reads_it(tmp_path):
    text = Request(
        method="POST",
        url="https://mdm.example.test:8443/a?b=c",
        headers=Headers([("Content-Type", "text/xml")]),
        body=b"<a/>",
    )
    path = tmp_path / "ours.har"
    path.write_bytes(har_bytes([exchange(request=text), exchange()]))
    first, second = read_flows_from_paths([str(path)])
    assert isinstance(first, HTTPFlow)
    assert isinstance(second, HTTPFlow)
    read = exchange_from_flow(first, id="c:1", index=1, capture="c")
    assert (read.request.url, read.request.body) == (text.url, text.body)
    assert read.response is not None
    assert read.response.body == (exchange().response or Response(status=0)).body
    assert abs((read.started or exchange().started) - exchange().started).total_seconds() < 0.01  # type: ignore[operator]


def test_mitmproxy_reads_connections_and_what_got_no_answer(tmp_path):
    path = tmp_path / "ours.har"
    path.write_bytes(har_bytes(EVERY_KIND))
    flows = read_flows_from_paths([str(path)])
    assert len(flows) == len(EVERY_KIND)
