"""HARs as browsers and other programs write them: what is odd is read, what is bad is named."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy.addons.savehar import SaveHar
from mitmproxy.test import tflow, tutils

from mdmcore.capture import open_capture
from mdmcore.capture.har import is_har, read_har
from mdmcore.capture.limits import Limits
from mdmcore.capture.source import Reading
from mdmcore.http import Exchange
from tests.capture.archives import exchange, from_har, har_bytes


def entry(**changes: Any) -> dict[str, Any]:
    """An entry as a browser writes it."""
    usual: dict[str, Any] = {
        "startedDateTime": "2026-03-01T12:00:00.1234567+01:00",
        "time": 12.5,
        "request": {
            "method": "POST",
            "url": "https://h.test/a?b#c",
            "httpVersion": "",
            "headers": [{"name": ":method", "value": "POST"}, {"name": "a", "value": "b"}],
            "postData": {"mimeType": "text/xml", "text": "<a/>"},
        },
        "response": {
            "status": 200,
            "httpVersion": "h3",
            "headers": [],
            "content": {"size": 4, "mimeType": "text/xml", "text": "<b/>"},
        },
    }
    return usual | changes


def har(*entries: object) -> bytes:
    """An archive of these entries, with what stands before and behind them."""
    log = {"pages": [{"title": '"entries": ['}], "entries": list(entries), "creator": {"name": "x"}}
    return json.dumps({"log": log}).encode()


def one(value: object) -> Exchange:
    """The only exchange of an archive with that entry."""
    (read,), reading = from_har(har(value))
    assert reading.problems == []
    return read


def test_an_entry_of_a_browser():
    read = one(entry())
    assert (read.request.method, read.request.url) == ("POST", "https://h.test/a?b")
    assert list(read.request.headers) == [("a", "b")]
    assert (read.request.body, read.response and read.response.body) == (b"<a/>", b"<b/>")
    assert read.started is not None
    assert read.started.isoformat() == "2026-03-01T12:00:00.123456+01:00"
    assert read.ended is not None
    assert (read.ended - read.started).total_seconds() == 0.0125


@pytest.mark.parametrize(
    ("posted", "body"),
    [
        ({"postData": {"text": "AQID", "encoding": "base64"}}, b"\1\2\3"),
        ({"_requestBody": {"text": "AQID", "encoding": "base64"}}, b"\1\2\3"),
        ({"postData": {"text": "\udc80a"}}, b"\x80a"),
        ({"postData": {"text": "é", "mimeType": "text/xml; charset=iso-8859-1"}}, b"\xe9"),
        ({"postData": {"text": "é", "mimeType": "text/xml; charset=nonsense"}}, "é".encode()),
        ({"postData": {"params": [{"name": "a", "value": "b c"}]}}, b"a=b+c"),
        ({"postData": {"mimeType": "", "text": ""}}, b""),
        ({"postData": None}, b""),
        ({"bodySize": 7}, None),
        ({"bodySize": -1}, b""),
    ],
)
def test_where_a_request_body_stands(posted: dict[str, Any], body: bytes | None):
    request = {"method": "POST", "url": "https://h.test/", **posted}
    assert one(entry(request=request)).request.body == body


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ({"text": "AQID", "encoding": "base64"}, b"\1\2\3"),
        ({"size": 0}, b""),
        ({"size": 9}, None),
        ({"size": -1}, None),
        ({}, None),
    ],
)
def test_where_an_answers_body_stands(content: dict[str, Any], body: bytes | None):
    read = one(entry(response={"status": 200, "content": content}))
    assert read.response is not None
    assert read.response.body == body


def test_headers_as_pairs():
    request = {"method": "GET", "url": "https://h.test/", "headers": [["a", "b"], ["c"], 7]}
    assert list(one(entry(request=request)).request.headers) == [("a", "b")]


@pytest.mark.parametrize("answer", [None, {}, {"status": 0, "_error": "net::ERR_FAILED"}])
def test_an_entry_without_an_answer(answer: object):
    read = one(entry(response=answer))
    assert read.response is None
    wanted = "net::ERR_FAILED" if answer and "_error" in str(answer) else "holds no response"
    assert wanted in (read.error or "")


def test_a_persons_comment():
    assert one(entry(comment="here it stops")).notes.comment == "here it stops"
    response = {"status": 200, "comment": "wrong"}
    assert one(entry(response=response)).notes.comment == "wrong"


@pytest.mark.parametrize("url", ["data:text/xml,a", "blob:https://h.test/1", "wss://h.test/"])
def test_what_is_no_http_is_counted(url: str):
    read, reading = from_har(har(entry(request={"method": "GET", "url": url}), entry()))
    assert (len(read), sum(reading.passed_over.values())) == (1, 1)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (7, "log.entries[1] is no object"),
        ({}, "log.entries[1].request is no object"),
        (entry(request={"method": "GET"}), "log.entries[1].request.url is no text"),
        (entry(request={"url": "https://h.test/"}), "log.entries[1].request.method is no text"),
    ],
)
def test_a_bad_entry_is_named_and_the_rest_read(bad: object, said: str):
    read, reading = from_har(har(entry(), bad, entry()))
    assert [each.id for each in read] == ["c:1", "c:2"]
    ((problem),) = reading.problems
    assert problem.where == "log.entries[1]"
    assert said in problem.message


def test_a_bad_body_is_named_and_the_rest_of_the_entry_read():
    response = {"status": 200, "content": {"text": "!", "encoding": "base64"}}
    (read,), reading = from_har(har(entry(response=response)))
    assert read.response is not None
    assert read.response.body is None
    assert [each.where for each in reading.problems] == ["log.entries[0].response"]


PACKED = {
    "plain": har(entry()),
    "with a BOM": b"\xef\xbb\xbf" + har(entry()),
    "after blanks": b" \r\n" + har(entry()),
    "indented": json.dumps(json.loads(har(entry())), indent=2).encode(),
    "UTF-16": har(entry()).decode().encode("utf-16"),
    "UTF-16 without a BOM": har(entry()).decode().encode("utf-16-le"),
    "gzip": gzip.compress(har(entry())),
    "zlib": zlib.compress(har(entry())),
}


@pytest.mark.parametrize("how", PACKED)
def test_however_it_is_written(how: str, tmp_path):
    path = tmp_path / "capture"
    path.write_bytes(PACKED[how])
    capture = open_capture(path)
    assert (capture.format, len(list(capture.exchanges())), capture.errors) == ("har", 1, ())


def test_other_json_is_none(tmp_path):
    assert not is_har(b'{"runs": []}')
    assert not is_har(b'{"schema": "mdmproxy-analysis/1"}')
    assert not is_har(gzip.compress(b"{}"))


def test_a_log_without_entries_is_a_problem():
    read, reading = from_har(b'{"log": {"version": "1.2"}}')
    assert read == []
    assert "no log.entries" in reading.problems[0].message


def test_cut_at_each_byte_it_gives_the_entries_before():
    data = har(entry(), entry())
    ends = [at for at in range(len(data)) if data[:at].endswith(b'<b/>"}}}'[1:])]
    for size in range(len(data)):
        reading = Reading(name="c")
        read = list(read_har(io.BytesIO(data[:size]), reading))
        assert len(read) <= 2
        assert reading.problems, size
        assert len(read) >= sum(end < size for end in ends)


@given(st.binary(max_size=200))
def test_damage_is_a_problem_and_never_more(junk: bytes):
    data = har(entry(), entry())
    for at in (1, 40, len(data) - 90):
        from_har(data[:at] + junk + data[at:])
    from_har(b'{"log":' + junk)


@pytest.mark.parametrize("opens", ["[", '{"a":'])
def test_nesting_ends_in_a_problem(opens: str):
    _, reading = from_har(b'{"log": {"entries": [' + opens.encode() * 100_000)
    assert reading.problems


def test_an_entry_that_is_too_long_ends_the_reading():
    reading = Reading(name="c")
    data = har(entry(), entry(comment="x" * 500_000))
    read = list(read_har(io.BytesIO(data), reading, limits=Limits(entry_bytes=100_000)))
    assert len(read) == 1
    assert "longer than 100000" in reading.problems[0].message


def test_a_packed_bomb_ends_the_reading():
    reading = Reading(name="c")
    bomb = gzip.compress(har(entry())[:-1] + b" " * 200_000_000 + b"}")
    list(read_har(io.BytesIO(bomb), reading, limits=Limits(total_bytes=1_000_000)))
    assert "unpacks to more than" in reading.problems[0].message


def test_what_mitmproxy_exports():
    body = b"\x02\xa4\x01j\0\x80\xff"
    flow = tflow.tflow(
        req=tutils.treq(method=b"POST", content=body),
        resp=tutils.tresp(content=body, headers=((b"content-type", b"application/x"),)),
    )
    exported = json.dumps(SaveHar().make_har([flow])).encode()
    (read,), reading = from_har(exported)
    assert reading.problems == []
    assert (read.request.body, read.response and read.response.body) == (body, body)
    assert read.request.url == "http://address:22/path"


def test_memory_does_not_grow_with_the_file():
    # One entry stands in memory at a time: the window never holds two.
    many = [exchange() for _ in range(300)]
    reading = Reading(name="c")
    count = sum(1 for _ in read_har(io.BytesIO(har_bytes(many)), reading))
    assert (count, reading.problems) == (300, [])
