"""What passes the inspector is, byte for byte, what passes a mitmproxy without our addons.

Random bodies, chunking, compression and head lines, in both directions, seen on raw sockets.
"""

from __future__ import annotations

import gzip
import http.client
import io
import re
import socket
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.processes import Process, start_mitmdump
from tests.support.raw_origin import RawOrigin, exchange, raw_origin
from tests.support.requirements import CHECKOUT

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
TYPES = (
    b"application/soap+xml; charset=utf-8",
    b"application/vnd.syncml.dm+xml",
    b"application/vnd.syncml.dm+wbxml",
    b"text/html",
    b"application/x-silverlight-app",
    b"application/octet-stream",
)
STARTS = (
    b"",
    b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'>",
    b"\x02\x9f\x53\x6a",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The same origin behind an inspector and behind a plain mitmdump."""

    origin: RawOrigin
    inspected: int
    plain: int


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    folder = tmp_path_factory.mktemp("bytes")
    with raw_origin() as origin:
        upstream = f"http://127.0.0.1:{origin.port}"
        inspect = Process(
            [
                *(*MDMPROXY, "inspect", "--upstream", upstream, "--listen-port", "0"),
                *("--confdir", folder / "conf", "--record", folder / "session.mitm"),
            ]
        )
        with inspect:
            port = inspect.wait_for(r"mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
            plain, plain_port = start_mitmdump(
                confdir=folder / "plain",
                options={"keep_host_header": "true"},
                arguments=("--mode", f"reverse:{upstream}"),
            )
            with plain:
                yield Sides(origin=origin, inspected=int(port), plain=plain_port)
        assert "Traceback" not in inspect.output


TOKENS = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12).map(
    lambda name: f"x-{name}".encode()
)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30).map(str.encode)
CONTENTS = st.tuples(st.sampled_from(STARTS), st.binary(max_size=3000)).map(b"".join)


def chunked(body: bytes, size: int, is_upper: bool) -> bytes:
    """The body in chunks, their lengths in either case."""
    found = b""
    for at in range(0, len(body), size):
        part = body[at : at + size]
        length = f"{len(part):X}" if is_upper else f"{len(part):x}"
        found += length.encode() + b"\r\n" + part + b"\r\n"
    return found + b"0\r\n\r\n"


@st.composite
def messages(draw: st.DrawFn, first_line: bytes, last_headers: bytes) -> bytes:
    """A message of these first and last head lines with a random body."""
    body = draw(CONTENTS)
    coding = draw(st.sampled_from(["", "", "gzip", "deflate", "br"]))
    if coding == "gzip":
        body = gzip.compress(body)
    elif coding == "deflate":
        body = zlib.compress(body)  # what says br is none: it passes all the same
    lines = [first_line, b"Content-Type: " + draw(st.sampled_from(TYPES))]
    lines += [
        name + b": " + value
        for name, value in draw(st.lists(st.tuples(TOKENS, VALUES), max_size=4))
    ]
    if coding:
        lines.append(b"Content-Encoding: " + coding.encode())
    if draw(st.booleans()):
        lines.append(b"Transfer-Encoding: chunked")
        body = chunked(body, draw(st.integers(1, 900)), draw(st.booleans()))
    else:
        lines.append(b"Content-Length: " + str(len(body)).encode())
    return b"\r\n".join([*lines, last_headers, b""]) + b"\r\n" + body


@given(
    request=messages(b"POST /EnrollmentServer/x HTTP/1.1", b"Host: mdm.example.test"),
    answer=messages(b"HTTP/1.1 200 OK", b"Connection: close"),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_messages_pass_as_without_us(sides: Sides, request: bytes, answer: bytes) -> None:
    origin = sides.origin
    origin.answers[b"/EnrollmentServer/x"] = answer
    origin.asked.clear()
    inspected, plain = exchange(sides.inspected, request), exchange(sides.plain, request)
    assert inspected == plain
    assert origin.asked[0] == origin.asked[1]
    # mitmproxy may cut chunks anew: the body stays the origin's.
    assert body_of(inspected) == body_of(answer)


def body_of(answer: bytes) -> bytes:
    """The body of raw bytes, by the standard library."""
    with socket.socket() as unused:
        response = http.client.HTTPResponse(unused)
        response.fp = io.BufferedReader(io.BytesIO(answer))
        response.begin()
        return response.read()


LARGE = b"PK\x03\x04" + bytes(range(251)) * 7000
LARGE_HEADS = {
    "announced": b"HTTP/1.1 200 OK\r\nContent-Length: %d" % len(LARGE),
    "part": (
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\nContent-Range: bytes 0-%d/%d"
        % (len(LARGE), len(LARGE) - 1, 2 * len(LARGE))
    ),
    "coded": b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: %d" % len(LARGE),
    "until the end": b"HTTP/1.1 200 OK\r\nX-Odd:\t1 ",
    "old": b"HTTP/1.0 200 Fine",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
}


@pytest.mark.parametrize("framing", LARGE_HEADS)
def test_a_package_that_streams_passes_as_without_us(sides: Sides, framing: str) -> None:
    head = LARGE_HEADS[framing] + b"\r\nContent-Type: application/x-silverlight-app\r\n\r\n"
    body = chunked(LARGE, 100_000, False) if framing == "chunked" else LARGE
    sides.origin.answers[b"/hub.xap"] = head + body
    request = b"GET /hub.xap HTTP/1.1\r\nHost: mdm.example.test\r\nConnection: close\r\n\r\n"
    inspected, plain = exchange(sides.inspected, request), exchange(sides.plain, request)
    if framing == "chunked":  # chunks are cut anew; that has no meaning (RFC 9112 7.1)
        assert inspected.partition(b"\r\n\r\n")[0] == plain.partition(b"\r\n\r\n")[0]
        assert body_of(inspected) == body_of(plain) == LARGE
    else:
        assert inspected == plain
        assert inspected.endswith(LARGE)


ODD = {
    b"/short": b"HTTP/1.1 200 OK\r\nContent-Length: 1223\r\n\r\n" + b"x" * 911,
    b"/both": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    b"/two": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx",
    b"/name": b"HTTP/1.1 200 OK\r\nbad name: 1\r\nContent-Length: 0\r\n\r\n",
    b"/close": b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<a",
    b"/nothing": b"",
    b"/noise": b"\x16\x03\x01\x00\x00",
    b"/continue": b"HTTP/1.1 204 No Content\r\n\r\n",
    b"/blanks": b"HTTP/1.1 200  OK\nContent-Length:  2 \nX:\ty\t\n\nok",
}


@pytest.mark.parametrize("path", ODD, ids=bytes.decode)
def test_what_mitmproxy_changes_or_refuses_is_the_same_with_us(sides: Sides, path: bytes) -> None:
    sides.origin.answers[path] = ODD[path]
    request = b"GET " + path + b" HTTP/1.1\r\nHost: mdm.example.test\r\nConnection: close\r\n\r\n"
    assert exchange(sides.inspected, request) == exchange(sides.plain, request)


def changed(heading: str) -> dict[str, tuple[bytes, bytes]]:
    """What goes in and what comes out, by the table below that heading of docs/inspect.md."""
    text = (CHECKOUT / "docs" / "inspect.md").read_text("utf-8")
    table = text.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| (.+?) \| `(.+?)` \| `(.+?)` \|$", table, re.M)
    return {what: (unescaped(sent), unescaped(passed)) for what, sent, passed in rows}


def unescaped(text: str) -> bytes:
    return text.encode().decode("unicode_escape").encode("latin-1")


CHANGED_ANSWERS = changed("Answers that pass changed")
CHANGED_REQUESTS = changed("Requests that pass changed")


def test_the_tables_of_the_docs_are_read() -> None:
    assert len(CHANGED_ANSWERS) >= 11
    assert len(CHANGED_REQUESTS) >= 5


@pytest.mark.parametrize("what", CHANGED_ANSWERS)
def test_mitmproxy_changes_answers_as_the_docs_say(sides: Sides, what: str) -> None:
    sent, passed = CHANGED_ANSWERS[what]
    assert sent != passed
    sides.origin.answers[b"/x"] = sent
    request = b"GET /x HTTP/1.1\r\nHost: mdm.example.test\r\nConnection: close\r\n\r\n"
    assert exchange(sides.plain, request) == passed
    assert exchange(sides.inspected, request) == passed


@pytest.mark.parametrize("what", CHANGED_REQUESTS)
def test_mitmproxy_changes_requests_as_the_docs_say(sides: Sides, what: str) -> None:
    sent, passed = CHANGED_REQUESTS[what]
    assert sent != passed
    sides.origin.answers[b"/x"] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    sides.origin.asked.clear()
    plain = exchange(sides.plain, sent)
    assert exchange(sides.inspected, sent) == plain
    assert sides.origin.asked == [passed, passed]


UNCHANGED = {
    "order-case-doubles": b"Set-Cookie: a\r\nB: 1\r\nset-cookie: b\r\nContent-Length: 2\r\n\r\nok",
    "not-ascii": b"X-A: Gr\xfc\xdfe\r\nContent-Length: 2\r\n\r\n\xff\x00",
    "nul-and-carriage-return": b"X-A: a\x00b\rc\r\nContent-Length: 2\r\n\r\nok",
    "coding": b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
    "until-the-end": b"\r\nok",
}


@pytest.mark.parametrize("what", UNCHANGED)
def test_what_stays_as_the_docs_say(sides: Sides, what: str) -> None:
    answer = b"HTTP/1.1 200 OK\r\n" + UNCHANGED[what]
    sides.origin.answers[b"/x"] = answer
    request = b"GET /x HTTP/1.1\r\nHost: mdm.example.test\r\nConnection: close\r\n\r\n"
    assert exchange(sides.plain, request) == answer
    assert exchange(sides.inspected, request) == answer
