"""What mitmproxy streams reaches the device at once with our addon, as it does without.

The origin sends the head and a first part, and the rest only when the device has said that it has
the first part: whoever holds that back, waits for ever.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from mitmproxy import io

from tests.support.processes import start_mitmdump
from tests.support.raw_origin import RawOrigin, raw_origin

pytestmark = pytest.mark.e2e

SCRIPT = "addons/mdm_inspect.py"
STREAMING = """\
def responseheaders(flow):
    if flow.response.headers.get("Content-Type") == "text/event-stream":
        flow.response.stream = True
"""
PATIENCE_S = 10.0
"""Less than the origin waits, so that a first part that is held back fails the test."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer in two parts, as sent."""

    head: bytes
    first: bytes
    rest: bytes


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


ANSWERS = {
    "package": Answer(
        head=b"HTTP/1.1 200 OK\r\nContent-Type: application/x-silverlight-app\r\n"
        b"Content-Length: 5000\r\n\r\n",
        first=b"a" * 100,
        rest=b"b" * 4900,
    ),
    "range": Answer(
        head=b"HTTP/1.1 206 Partial Content\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Range: bytes 0-4999/9000\r\nContent-Length: 5000\r\n\r\n",
        first=b"a" * 100,
        rest=b"b" * 4900,
    ),
    "chunks": Answer(
        # Without a length mitmproxy streams what has grown beyond the limit.
        head=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        first=chunk(b"a" * 2000),
        rest=chunk(b"b" * 100) + b"0\r\n\r\n",
    ),
    "message": Answer(
        head=b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.syncml.dm+wbxml\r\n"
        b"Content-Length: 5000\r\n\r\n",
        first=b"\x02\x9f\x53\x6a" * 10,
        rest=b"b" * 4960,
    ),
    "events": Answer(
        head=b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
        first=b"data: 1\n\n",
        rest=b"data: 2\n\n",
    ),
}


def annotated(record: Path) -> list[bool]:
    """Whether each flow of a recording has our notes."""
    with record.open("rb") as file:
        return ["mdmproxy" in flow.metadata for flow in io.FlowReader(file).stream()]


@pytest.fixture(scope="module")
def origin() -> Iterator[RawOrigin]:
    with raw_origin() as found:
        yield found


@pytest.fixture(scope="module", params=["plain", "ours", "ours-last"])
def port(
    request: pytest.FixtureRequest, origin: RawOrigin, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """A mitmdump that streams: by its option, and event streams by a script of somebody's own."""
    folder = tmp_path_factory.mktemp(request.param)
    script, record = folder / "stream_events.py", folder / "session.mitm"
    script.write_text(STREAMING, encoding="utf-8")
    scripts = {"plain": (script,), "ours": (SCRIPT, script), "ours-last": (script, SCRIPT)}
    process, found = start_mitmdump(
        *scripts[request.param],
        confdir=folder / "conf",
        options={"stream_large_bodies": "1k"},
        arguments=("--mode", f"reverse:http://127.0.0.1:{origin.port}", "-w", record),
    )
    with process:
        yield found
        assert process.interrupt() == 0
    assert "Traceback" not in process.output
    assert set(annotated(record)) == {request.param != "plain"}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_first_part_comes_before_the_rest_is_sent(
    origin: RawOrigin, port: int, name: str
) -> None:
    answer, path, has_it = ANSWERS[name], f"/hub/{name}".encode(), threading.Event()
    origin.answers[path] = answer.head + answer.first
    origin.rests[path] = (has_it, answer.rest)
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as device:
        device.sendall(
            b"GET " + path + b" HTTP/1.1\r\nHost: mdm.example.test\r\nConnection: close\r\n\r\n"
        )
        first = b""
        while len(first) < len(answer.head + answer.first):
            first += device.recv(65536)
        assert first == answer.head + answer.first
        has_it.set()
        rest = b""
        while data := device.recv(65536):
            rest += data
    assert rest == answer.rest
