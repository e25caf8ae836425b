"""A real browser's own HAR, read by our reader: text, packed and binary bodies, a redirect, a post,
and a request that got no answer."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mdmcore.capture import open_capture
from mdmcore.http import Exchange
from tests.support.chromium import chromium_page
from tests.support.processes import free_port

pytestmark = pytest.mark.e2e

TEXT = '<a b="Größe">line\r\n</a>'.encode()
BINARY = bytes(range(256))
POSTED = "<s:Envelope>Größe</s:Envelope>"
ASK = """async ([dead, posted]) => {
    for (const path of ["/text", "/packed", "/binary", "/moved"])
        await (await fetch(path)).arrayBuffer();
    await (await fetch("/posted", {method: "POST", body: posted,
        headers: {"Content-Type": "application/soap+xml; charset=utf-8"}})).text();
    await fetch(dead).catch(() => null);
}"""


class Answering(BaseHTTPRequestHandler):
    """A server with a body of each kind."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, headers, body = {
            "/text": (200, {"Content-Type": "text/xml; charset=utf-8"}, TEXT),
            "/packed": (
                200,
                {"Content-Type": "text/xml", "Content-Encoding": "gzip"},
                gzip.compress(TEXT, mtime=0),
            ),
            "/binary": (200, {"Content-Type": "application/vnd.syncml.dm+wbxml"}, BINARY),
            "/moved": (302, {"Location": "/text?moved"}, b""),
            "/text?moved": (200, {"Content-Type": "text/plain"}, b"there"),
        }.get(self.path, (200, {"Content-Type": "text/html"}, b"<title>start</title>"))
        self._answer(status, headers, body)

    def do_POST(self) -> None:
        self._answer(
            500,
            {"Content-Type": "application/soap+xml"},
            self.rfile.read(int(self.headers["Content-Length"])),
        )

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as listening:
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exchange]:
    """What the browser has recorded, by path and query."""
    path: Path = tmp_path_factory.mktemp("browser") / "session.har"
    with server() as url, chromium_page(har=path) as page:
        page.goto(f"{url}/start")
        page.evaluate(ASK, [f"http://127.0.0.1:{free_port()}/dead", POSTED])
    capture = open_capture(path)
    found = list(capture.exchanges())
    assert (capture.format, capture.errors) == ("har", ())
    return {
        one.request.path + (f"?{one.request.query}" if one.request.query else ""): one
        for one in found
    }


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/text", 200, TEXT),
        ("/packed", 200, TEXT),
        ("/binary", 200, BINARY),
        ("/text?moved", 200, b"there"),
        ("/posted", 500, POSTED.encode()),
    ],
)
def test_bodies(path: str, status: int, body: bytes, exchanges: dict[str, Exchange]) -> None:
    response = exchanges[path].response
    assert response is not None
    assert (response.status, response.body) == (status, body)
    assert exchanges[path].started is not None


def test_what_was_posted(exchanges: dict[str, Exchange]) -> None:
    request = exchanges["/posted"].request
    assert (request.method, request.media_type) == ("POST", "application/soap+xml")
    assert request.body == POSTED.encode()


def test_a_redirect_is_an_exchange(exchanges: dict[str, Exchange]) -> None:
    response = exchanges["/moved"].response
    assert response is not None
    assert (response.status, response.headers.get("Location")) == (302, "/text?moved")


def test_a_request_without_an_answer_has_its_error(exchanges: dict[str, Exchange]) -> None:
    dead = exchanges["/dead"]
    assert dead.response is None
    assert dead.error
