"""What a real mitmproxy refuses of a server, the inspector names: live, and from the recording.

The origin sends wrong bytes on a raw socket; the device sees mitmproxy's own 502, or a cut
connection; the finding says so and quotes mitmproxy.
"""

from __future__ import annotations

import html
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from mitmproxy import http, io

from mdmcore.pki.authority import certificate_pem
from tests.support.analysing import analysis_of
from tests.support.processes import Process, free_port, start_mitmdump
from tests.support.raw_origin import TLS_HELLO, RawOrigin, exchange, raw_origin
from tests.support.tls_server import lasting_authority, tls_server

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
SCRIPT = "addons/mdm_inspect.py"
DISCOVERY = "/EnrollmentServer/Discovery.svc"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

RIGHT = {
    "length": OK + b"Content-Length: 0\r\n\r\n",
    "chunked": CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
    "until-close": OK + b"\r\nhello",
    "no-reason": b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
}
WRONG = {
    "lengths-differ": (
        "content-length-wrong",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx",
    ),
    "lengths-same": (
        "content-length-wrong",
        OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nxxxxx",
    ),
    "length-empty": ("content-length-wrong", OK + b"Content-Length:\r\n\r\nxxxxx"),
    "length-no-number": ("content-length-wrong", OK + b"Content-Length: five\r\n\r\nxxxxx"),
    "length-negative": ("content-length-wrong", OK + b"Content-Length: -1\r\n\r\nxxxxx"),
    "length-and-chunked": (
        "content-length-wrong",
        OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "coding-unknown": ("answer-not-http", OK + b"Transfer-Encoding: br\r\n\r\nx"),
    "coding-not-ascii": ("answer-not-http", OK + b"Transfer-Encoding: chunk\xe9d\r\n\r\n0\r\n\r\n"),
    "codings": (
        "answer-not-http",
        OK + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "coding-in-1.0": (
        "answer-not-http",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "name-with-blank": ("answer-not-http", OK + b"bad name: 1\r\nContent-Length: 0\r\n\r\n"),
    "blank-before-colon": ("answer-not-http", OK + b"X-A : 1\r\nContent-Length: 0\r\n\r\n"),
    "no-colon": ("answer-not-http", OK + b"broken\r\nContent-Length: 0\r\n\r\n"),
    "no-name": ("answer-not-http", OK + b": x\r\nContent-Length: 0\r\n\r\n"),
    "goes-on-first": ("answer-not-http", b"HTTP/1.1 200 OK\r\n x: y\r\nContent-Length: 0\r\n\r\n"),
    "status-word": ("answer-not-http", b"HTTP/1.1 OK\r\n\r\n"),
    "version": ("answer-not-http", b"HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "page-without-head": ("answer-not-http", b"<html>\r\n\r\n<body>no head at all"),
    "line-without-head": ("answer-not-http", b"no head at all"),
    "empty-line-first": ("answer-not-http", b"\r\n" + OK + b"Content-Length: 0\r\n\r\n"),
    "tls-bytes": ("answer-not-http", b"\x16\x03\x01\x00\x02\x01\x00"),
    "chunk-length": ("answer-not-http", CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n"),
    "chunk-too-long": ("answer-not-http", CHUNKED + b"5\r\nhelloXX0\r\n\r\n"),
    "trailer-no-header": ("answer-not-http", CHUNKED + b"5\r\nhello\r\n0\r\nX T\r\n\r\n"),
    "trailer-goes-on": ("answer-not-http", CHUNKED + b"5\r\nhello\r\n0\r\n x\r\n\r\n"),
    "chunks-without-end": ("answer-broken-off", CHUNKED + b"5\r\nhello\r\n"),
    "nothing": ("answer-broken-off", b""),
    "half-a-head": ("answer-broken-off", b"HTTP/1.1 200 OK\r\nConte"),
    "reset-in-body": ("answer-truncated", OK + b"Content-Length: 1223\r\n\r\n" + b"x" * 400),
    "reset-at-once": ("answer-broken-off", b""),
    "short": ("answer-truncated", OK + b"Content-Length: 1223\r\n\r\n" + b"x" * 911),
    "trailers": ("proxy-cannot-carry", CHUNKED + b"5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n"),
}
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What came out: the device's bytes, the live findings and those of ``analyze``, by case."""

    bytes: dict[str, bytes] = field(default_factory=dict)
    live: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    analyzed: dict[str, set[str]] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)

    def rules(self, case: str) -> list[str]:
        return [finding["rule"] for finding in self.live[case]]


def ask(case: str, base: str = "") -> bytes:
    """A device's look at the discovery service; the query tells the cases apart."""
    host = urlsplit(base).netloc or "mdm.example.test"
    head = f"GET {base}{DISCOVERY}?{case} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    return head.encode()


def case_of(url: str) -> str:
    return urlsplit(url).query


def read(seen: Seen, record: Path) -> Seen:
    """The findings of the recording: as they were noted live, and as ``analyze`` finds them."""
    with record.open("rb") as file:
        for flow in io.FlowReader(file).stream():
            assert isinstance(flow, http.HTTPFlow)
            case = case_of(flow.request.url)
            seen.live[case] = flow.metadata["mdmproxy"]["findings"]
            seen.comments[case] = flow.comment
    analysis = analysis_of(record)
    cases = {one["id"]: case_of(one["url"]) for one in analysis["exchanges"]}
    seen.analyzed.update({case: set() for case in cases.values()})
    for finding in analysis["findings"]:
        for place in finding["places"]:
            case = cases[place["exchange"]]
            seen.analyzed[case].add(finding["rule"])
            seen.messages[case] = finding["message"]
    return seen


def answers(origin: RawOrigin) -> None:
    """Let the origin give each case its answer."""
    cases = {**RIGHT, **{name: answer for name, (_, answer) in WRONG.items()}, "interim": INTERIM}
    for name, answer in cases.items():
        origin.answers[f"{DISCOVERY}?{name}".encode()] = answer
    origin.reset |= {f"{DISCOVERY}?{name}".encode() for name in ("reset-in-body", "reset-at-once")}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("refused")
    result, record = Seen(), folder / "session.mitm"
    with raw_origin() as origin:
        answers(origin)
        inspect = Process(
            [
                *(*MDMPROXY, "inspect", "--upstream", f"http://127.0.0.1:{origin.port}"),
                *("--listen-port", "0", "--confdir", folder / "conf", "--record", record),
            ]
        )
        with inspect:
            port = int(inspect.wait_for(r"mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1])
            for case in (*RIGHT, *WRONG, "interim"):
                result.bytes[case] = exchange(port, ask(case))
            assert inspect.interrupt() == 0
        assert "Traceback" not in inspect.output
    return read(result, record)


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_answer_passes_without_a_finding(seen: Seen, case: str) -> None:
    assert seen.bytes[case] == RIGHT[case]
    assert seen.rules(case) == []
    assert seen.analyzed[case] == set()


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_answer_becomes_a_502_with_its_rule(seen: Seen, case: str) -> None:
    rule, _ = WRONG[case]
    head, _, body = seen.bytes[case].partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 502 Bad Gateway\r\nServer: mitmproxy ")
    assert seen.rules(case) == [rule]
    assert seen.analyzed[case] == {rule}
    message = seen.live[case][0]["message"]
    assert "the device got mitmproxy's own 502 and not the server's bytes" in message
    words = html.unescape(body.partition(b"<p>")[2].partition(b"</p>")[0].decode())
    assert " ".join(words[:150].split()) in " ".join(message.split())
    assert "; 1 error" in seen.comments[case] or "1 warning" in seen.comments[case]


def test_an_interim_answer_is_not_the_answer(seen: Seen) -> None:
    assert seen.bytes["interim"] == b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert "proxy-cannot-carry" in seen.rules("interim")
    assert set(seen.rules("interim")) == seen.analyzed["interim"]


# --- where the device waits, or had the beginning already


STREAMED = {
    "short": ("answer-truncated", b"x" * 911),
    "chunks-without-end": ("answer-broken-off", b"5\r\nhello\r\n"),
    "chunk-length": ("answer-not-http", b""),
    "trailers": ("proxy-cannot-carry", b"5\r\nhello\r\n"),
}


@pytest.fixture(scope="module")
def streamed(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The same through a mitmdump of somebody's own, which streams all bodies."""
    folder = tmp_path_factory.mktemp("streamed")
    result, record = Seen(), folder / "session.mitm"
    with raw_origin() as origin:
        answers(origin)
        process, port = start_mitmdump(
            SCRIPT,
            confdir=folder / "conf",
            options={"stream_large_bodies": "1", "keep_host_header": "true"},
            arguments=("--mode", f"reverse:http://127.0.0.1:{origin.port}", "-w", record),
        )
        with process:
            for case in STREAMED:
                result.bytes[case] = exchange(port, ask(case))
            process.interrupt()
    return read(result, record)


@pytest.mark.parametrize("case", STREAMED)
def test_a_streamed_answer_is_cut(streamed: Seen, case: str) -> None:
    rule, sent = STREAMED[case]
    head, _, body = streamed.bytes[case].partition(b"\r\n\r\n")
    # Chunks are streamed from their first byte on; what breaks before it is refused like the rest.
    is_begun = bool(sent)
    assert head.startswith(b"HTTP/1.1 200 OK" if is_begun else b"HTTP/1.1 502 ")
    assert body == sent or not is_begun
    assert streamed.rules(case) == [rule]
    assert streamed.analyzed[case] == {rule}
    got = "the device got the beginning of the answer" if is_begun else "mitmproxy's own 502"
    for message in (streamed.live[case][0]["message"], streamed.messages[case]):
        assert got in message


def test_trailers_of_a_server_that_waits_are_told_of_when_the_device_leaves(
    tmp_path: Path,
) -> None:
    record = tmp_path / "session.mitm"
    with raw_origin() as origin:
        answers(origin)
        origin.held.add(f"{DISCOVERY}?trailers".encode())
        inspect = Process(
            [
                *(*MDMPROXY, "inspect", "--upstream", f"http://127.0.0.1:{origin.port}"),
                *("--listen-port", "0", "--confdir", tmp_path / "conf", "--record", record),
            ]
        )
        with inspect:
            port = int(inspect.wait_for(r"mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1])
            with socket.create_connection(("127.0.0.1", port)) as device:
                device.sendall(ask("trailers"))
                inspect.wait_for("mitmproxy has crashed")
            inspect.wait_for(r"mdm: GET .* -> no whole answer")
            assert inspect.interrupt() == 0
    seen = read(Seen(), record)
    assert seen.rules("trailers") == ["proxy-cannot-carry"]
    assert seen.analyzed["trailers"] == {"proxy-cannot-carry"}
    assert "the device got nothing until it left" in seen.messages["trailers"]


# --- servers that are not reached


@pytest.fixture(scope="module")
def unreached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """A forward proxy that trusts one CA, before servers whose TLS is wrong, or that are not there.

    A request of the absolute form with https leads mitmproxy to TLS by itself.
    """
    folder = tmp_path_factory.mktemp("unreached")
    result, record = Seen(), folder / "session.mitm"
    trusted = folder / "ca.pem"
    trusted.write_bytes(certificate_pem(lasting_authority().certificate))
    with ExitStack() as stack:
        plain, silent = (stack.enter_context(raw_origin()) for _ in range(2))
        plain.answers[TLS_HELLO] = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"

        def server(name: str, **settings: Any) -> str:
            place = folder / name
            place.mkdir()
            seen = stack.enter_context(tls_server(place, **settings))
            return f"https://localhost:{seen.port}"

        old = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1)
        servers = {
            "right": server("right"),
            "expired": server("expired", lifetime=timedelta(days=1)),
            "name": server("name", names=("other.example.test",)),
            "too-old": server("too-old", versions=old),
            "no-tls": f"https://localhost:{plain.port}",
            "silent": f"https://localhost:{silent.port}",
            "closed": f"http://127.0.0.1:{free_port()}",
        }
        process = stack.enter_context(
            Process(
                [
                    *(*MDMPROXY, "inspect", "--listen-port", "0", "--upstream-ca", trusted),
                    *("--confdir", folder / "conf", "--record", record),
                ]
            )
        )
        port = int(process.wait_for(r"mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1])
        for case, base in servers.items():
            result.bytes[case] = exchange(port, ask(case, base))
        assert process.interrupt() == 0
        assert "Traceback" not in process.output
        distrusting = stack.enter_context(
            Process(
                [
                    *(*MDMPROXY, "inspect", "--listen-port", "0"),
                    *("--confdir", folder / "conf", "--record", record),
                ]
            )
        )
        port = int(distrusting.wait_for(r"mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1])
        result.bytes["untrusted"] = exchange(port, ask("untrusted", servers["right"]))
        assert distrusting.interrupt() == 0
        yield read(result, record)


UNREACHED = {
    "expired": "tls-certificate-expired",
    "name": "tls-name-mismatch",
    "too-old": "upstream-tls-failed",
    "no-tls": "upstream-tls-failed",
    "silent": "upstream-tls-failed",
    "untrusted": "upstream-tls-failed",
    "closed": "server-unreachable",
}


def test_a_server_that_is_reached_is_not_told_of(unreached: Seen) -> None:
    assert unreached.bytes["right"].startswith(b"HTTP/1.1 200 OK\r\n")
    assert not set(unreached.rules("right")) & set(UNREACHED.values())


@pytest.mark.parametrize("case", UNREACHED)
def test_a_server_that_is_not_reached(unreached: Seen, case: str) -> None:
    assert unreached.bytes[case].startswith(b"HTTP/1.1 502 Bad Gateway\r\nServer: mitmproxy ")
    assert unreached.rules(case) == [UNREACHED[case]]
    assert unreached.analyzed[case] == {UNREACHED[case]}
    message = unreached.live[case][0]["message"]
    assert "the device got mitmproxy's own 502 and not the server's bytes" in message
