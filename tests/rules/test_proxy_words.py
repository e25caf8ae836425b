"""mitmproxy's reasons for giving a device no answer, each with its rule.

The errors are those that a real mitmproxy made of wrong answers (tests/e2e/test_inspect_refused.py
makes them anew); that none is missing is held against mitmproxy's own source.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import h11._readers
import pytest
from h2.exceptions import InvalidBodyLengthError
from mitmproxy.net.http import validate
from mitmproxy.net.http.http1 import read
from mitmproxy.proxy.layers import http, tls
from mitmproxy.proxy.layers.http import _http1, _http2

from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.inspector import Inspection
from mdmcore.rules import RULES
from mdmcore.rules.proxy_texts import PROXY_WORDS
from mdmcore.rules.proxy_words import proxy_words
from mdmcore.syncml.xml import serialize_syncml
from tests.support.requirements import CHECKOUT
from tests.support.story import DM_URL, Story, package1, rules_of

XML = "application/vnd.syncml.dm+xml"
SMUGGLING = (
    " from server, refusing to prevent request smuggling attacks. "
    "Disable the validate_inbound_headers option to skip this security check."
)
CUT = "HTTP/1 protocol error: peer closed connection without sending complete message body "
CRASH = "mitmproxy has crashed: HTTP trailers are not implemented yet."

HEAD, NO_HEAD = Response(status=200, headers=Headers(), body=None), None
ERRORS: list[tuple[str, Response | None, str]] = [
    (
        "content-length-wrong",
        NO_HEAD,
        "Cannot parse HTTP response: invalid content-length header: '5, 6'",
    ),
    ("content-length-wrong", HEAD, f"Received invalid content-length header: b''{SMUGGLING}"),
    (
        "content-length-wrong",
        HEAD,
        f"Received multiple content-length headers: [b'5', b'5']{SMUGGLING}",
    ),
    (
        "content-length-wrong",
        HEAD,
        f"Received message with both transfer-encoding and content-length headers{SMUGGLING}",
    ),
    ("content-length-wrong", HEAD, f"HTTP/2 protocol error: {InvalidBodyLengthError(5, 3)}"),
    (
        "answer-not-http",
        NO_HEAD,
        "Cannot parse HTTP response: unknown transfer-encoding header: 'foo'",
    ),
    (
        "answer-not-http",
        HEAD,
        f"Received multiple transfer-encoding headers: [b'gzip', b'chunked']{SMUGGLING}",
    ),
    (
        "answer-not-http",
        HEAD,
        f"Received unexpected HTTP transfer-encoding b'chunked' for HTTP/1.0{SMUGGLING}",
    ),
    ("answer-not-http", HEAD, f"Received invalid header name: b'bad name'{SMUGGLING}"),
    ("answer-not-http", NO_HEAD, "Cannot parse HTTP response: Invalid header line: b'broken'"),
    ("answer-not-http", NO_HEAD, "Cannot parse HTTP response: Invalid headers"),
    ("answer-not-http", NO_HEAD, "Cannot parse HTTP response: Bad HTTP response line: b'<html>'"),
    (
        "answer-not-http",
        NO_HEAD,
        r"unexpected server response: b'HTTP/1.1 200 OK\r\nA: 2\r\n\r\nok'",
    ),
    ("answer-not-http", NO_HEAD, r"unexpected server response: b'\x16\x03\x01\x00\x00'"),
    ("answer-broken-off", NO_HEAD, r"unexpected server response: b'HTTP/1.1 200 OK\r\nConte'"),
    ("answer-broken-off", NO_HEAD, r'''unexpected server response: b"HTTP/1.1 200 It's OK\r\n"'''),
    ("answer-broken-off", NO_HEAD, "server closed connection"),
    ("answer-broken-off", HEAD, f"{CUT}(incomplete chunked read)"),
    ("answer-truncated", HEAD, f"{CUT}(received 911 bytes, expected 1223)"),
    ("answer-not-http", HEAD, r"HTTP/1 protocol error: illegal chunk header: bytearray(b'zz\r\n')"),
    (
        "answer-not-http",
        HEAD,
        r"HTTP/1 protocol error: malformed chunk footer: bytearray(b'XX') (expected b'\r\n')",
    ),
    ("answer-not-http", HEAD, "HTTP/1 protocol error: illegal header line: bytearray(b'X T')"),
    ("answer-not-http", NO_HEAD, "HTTP/2 protocol error: Invalid frame"),
    ("answer-broken-off", NO_HEAD, "stream reset by client (INTERNAL_ERROR)"),
    ("answer-broken-off", HEAD, "peer closed connection"),
    ("proxy-cannot-carry", HEAD, f"{CRASH} Client disconnected."),
    ("proxy-cannot-carry", HEAD, f"{CRASH} {CUT}(incomplete chunked read)"),
    ("proxy-cannot-carry", HEAD, "mitmproxy has crashed: AssertionError at x.py:1"),
    ("proxy-cannot-carry", HEAD, "Response body exceeds mitmproxy's body_size_limit."),
    ("proxy-cannot-carry", NO_HEAD, "Request body exceeds mitmproxy's body_size_limit."),
    ("tls-certificate-expired", NO_HEAD, "Certificate verify failed: certificate has expired"),
    ("tls-name-mismatch", NO_HEAD, "Certificate verify failed: hostname mismatch"),
    ("upstream-tls-failed", NO_HEAD, "Certificate verify failed: self-signed certificate"),
    ("upstream-tls-failed", NO_HEAD, "The remote server does not speak TLS."),
    (
        "upstream-tls-failed",
        NO_HEAD,
        "OpenSSL Error([('SSL routines', '', 'tlsv1 alert internal error')])",
    ),
    ("upstream-tls-failed", NO_HEAD, "connection closed"),
    ("host-name-unresolved", NO_HEAD, "[Errno -2] Name or service not known"),
    ("host-name-unresolved", NO_HEAD, "[Errno 11001] getaddrinfo failed"),
    ("server-unreachable", NO_HEAD, "[Errno 111] Connect call failed ('127.0.0.1', 1)"),
    (
        "server-unreachable",
        NO_HEAD,
        "Multiple exceptions: [Errno 111] Connect call failed ('::1', 1, 0, 0), [Errno 111]",
    ),
]


def judged(error: str, response: Response | None, *, is_begun: bool = False) -> Inspection:
    """A DM message that got no answer."""
    exchange = Exchange(
        id="x:1",
        index=1,
        capture="x",
        request=Request(
            method="POST",
            url=DM_URL,
            headers=Headers([("Content-Type", XML)]),
            body=serialize_syncml(package1()),
        ),
        response=response,
        error=error,
        is_begun=is_begun,
    )
    return Story("wp8").inspector.inspect(exchange)


@pytest.mark.parametrize(("rule", "response", "error"), ERRORS)
def test_a_text_has_one_rule_which_quotes_it(
    rule: str, response: Response | None, error: str
) -> None:
    found = judged(error, response).findings
    assert rules_of(found) == {rule}
    assert error[:150] in found[0].message


def test_a_stream_that_was_given_up_is_nobodys_mistake() -> None:
    assert judged("stream reset by client (CANCEL)", None).findings == ()


@pytest.mark.parametrize(
    ("error", "is_begun", "words"),
    [
        (f"{CUT}(incomplete chunked read)", False, "got mitmproxy's own 502 and not the server's"),
        (
            f"{CUT}(incomplete chunked read)",
            True,
            "the beginning of the answer, then mitm",
        ),
        (f"{CRASH} Client disconnected.", False, "got nothing until it left"),
        (f"{CRASH} Client disconnected.", True, "got only the beginning until it left"),
        ("Request body exceeds mitmproxy's body_size_limit.", False, "got mitmproxy's own 413"),
    ],
)
def test_the_message_says_what_the_device_got(error: str, is_begun: bool, words: str) -> None:
    [finding] = judged(error, HEAD, is_begun=is_begun).findings
    assert words in finding.message


def test_the_summary_does_not_call_it_answered() -> None:
    found = judged(f"{CUT}(incomplete chunked read)", HEAD)
    assert "200, not whole: HTTP/1 protocol error" in found.summary


@pytest.mark.parametrize(
    "error",
    [
        "Received invalid header name: b'x y' from client, refusing to prevent request smuggling",
        "Client disconnected.",
        "Connection killed.",
        "the device left: peer closed connection",
        f"{CUT}(received 3 bytes, expected 5)",  # of the request: there is no answer's head
        "",
    ],
)
def test_what_is_no_word_about_an_answer(error: str) -> None:
    assert judged(error, None).findings == ()


def test_a_very_long_answer_that_is_no_http_is_still_told_of() -> None:
    found = judged(f"unexpected server response: b'{'x' * 500_000}'", None).findings
    assert rules_of(found) == {"answer-not-http"}
    assert len(found[0].message) <= 600


# --- an interim answer in the place of the answer


@pytest.mark.parametrize(("status", "is_told"), [(100, True), (103, True), (101, False)])
def test_an_interim_answer(status: int, is_told: bool) -> None:
    story = Story("wp8")
    request = Request(method="GET", url="https://mdm.example.test/EnrollmentServer/Discovery.svc")
    found = story.tell(request, Response(status=status, body=b"")).findings
    assert ("proxy-cannot-carry" in rules_of(found)) is is_told


# --- nothing that mitmproxy says is missing


def texts_in(*places: ModuleType | Callable[..., Any], calls: tuple[str, ...]) -> Iterator[str]:
    """The texts that are given to calls of those names, an x for each value in them."""
    for place in places:
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(place)))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in calls:
                yield from filter(None, map(text_of, node.args))


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.Call):  # "...".format(...)
        text = text_of(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        return text.replace("{}", "x")
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "x" for part in node.values)
    return ""


def response_texts() -> Iterator[str]:
    """Every text that mitmproxy can put into the error of a flow for what a server sent."""
    for text in texts_in(validate, calls=("ValueError",)):
        yield f"Received {text}{SMUGGLING}"
    parsing = texts_in(
        read._read_response_line,
        read._read_headers,
        validate.parse_content_length,
        validate.parse_transfer_encoding,
        calls=("ValueError",),
    )
    yield from (f"Cannot parse HTTP response: {text}" for text in parsing if text)
    yield from texts_in(_http1.Http1Client, calls=("ResponseProtocolError",))
    body = texts_in(
        h11._readers.ChunkedReader,
        h11._readers.ContentLengthReader,
        h11._readers._decode_header_lines,
        h11._readers._obsolete_line_fold,
        calls=("LocalProtocolError", "RemoteProtocolError", "validate"),
    )
    yield from (f"HTTP/1 protocol error: {text}" for text in body)
    yield from texts_in(
        _http2.Http2Connection,
        _http2.Http2Client,
        calls=("protocol_error", "close_connection", "ReceiveProtocolError"),
    )
    yield from errors_of(tls.TLSLayer.receive_handshake_data)
    yield from errors_of(http.HttpStream.check_body_size)


def errors_of(function: Callable[..., Any]) -> Iterator[str]:
    """The texts that are assigned to ``err`` and the like."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("err", "err_msg"):
            text = text_of(node.value)
            # The second is "{'Request' if request else 'Response'} body exceeds ...".
            yield text.replace("x body", "Response body").replace("OpenSSL x", "OpenSSL Error(x")


TEXTS = sorted({text for text in response_texts() if text} - {"Cannot parse HTTP response: x"})


def test_the_texts_are_found_in_the_source() -> None:
    assert len(TEXTS) >= 30
    assert "server closed connection" in TEXTS
    assert f"{CUT}(received x bytes, expected x)" in TEXTS
    assert "HTTP/1 protocol error: illegal chunk header: {!r}" in TEXTS
    assert "The remote server does not speak TLS." in TEXTS


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_of_mitmproxys_is_missing(text: str) -> None:
    exchange = Exchange(
        id="x:1",
        index=1,
        capture="x",
        request=Request(method="", url=""),
        response=HEAD,
        error=text,
    )
    found = proxy_words(exchange)
    assert found is not None
    assert "cannot be read" not in found.means  # that is for what a newer mitmproxy may say


def test_each_text_of_ours_can_be_reached() -> None:
    """No earlier text hides a later one."""
    for number, one in enumerate(PROXY_WORDS):
        sample = one.words.replace("…", "1")
        first = next(i for i in itertools.count() if PROXY_WORDS[i].fits(sample))
        assert first == number, one.words


def test_the_docs_have_the_same_table() -> None:
    text = (CHECKOUT / "docs" / "inspect.md").read_text("utf-8")
    table = text.partition("| mitmproxy says |")[2]
    written = re.findall(r"^\| `(.+?)` \| (.+?) \| (?:`([a-z-]+)`|-) \|$", table, re.M)
    assert written == [(one.words, one.means, one.rule) for one in PROXY_WORDS]


def test_each_rule_is_in_the_catalogue() -> None:
    assert {one.rule for one in PROXY_WORDS} - {""} <= RULES.keys()
