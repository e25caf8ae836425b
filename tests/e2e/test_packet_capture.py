"""A capture by dumpcap itself, on loopback, of curl and a real TLS server: read byte for byte.

Where nobody may capture there (it needs rights that not every machine gives), it is skipped.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.capture.pcap.lab import HOST, WBXML, Lab, read
from tests.support.requirements import require_program
from tests.support.tls_talk_in_memory import server_context

LAST = b"this is the last packet"

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class Answers(BaseHTTPRequestHandler):
    """Sends back what came, between NULs."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + 2))
        self.end_headers()
        self.wfile.write(b"\0" + body + b"\0")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(lab: Lab) -> Iterator[int]:
    """A server with TLS 1.2 and 1.3 on a free port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.socket = server_context(lab.chain).wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def capturing(path: Path, port: int) -> Iterator[None]:
    """dumpcap at work, until it has seen all that was sent; skips where it may not."""
    dumpcap = shutil.which("dumpcap")
    if dumpcap is None:
        pytest.skip("no dumpcap on this machine")
    command = [dumpcap, "-q", "-i", "lo", "-f", f"tcp port {port} or udp port {port}", "-w", "-"]
    with (
        path.open("wb") as file,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            # The head of the file, which comes when it captures.
            head = os.read(process.stdout.fileno(), 65536)
            if not head:
                pytest.skip("dumpcap may not capture here")
            file.write(head)
            yield
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(LAST, ("127.0.0.1", port))
            seen = b""
            while LAST not in seen:
                block = os.read(process.stdout.fileno(), 65536)
                assert block
                file.write(block)
                seen = seen[-len(LAST) :] + block
        finally:
            process.terminate()


def asked(port: int, lab: Lab, *more: str) -> bytes:
    """What curl gets for a POST."""
    done = subprocess.run(
        [
            *(require_program("curl"), "-sS", "--cacert", str(lab.chain), *more),
            *("--connect-to", f"{HOST}:{port}:127.0.0.1:{port}", "--data-binary", "@-"),
            *("-H", "Expect: 100-continue", f"https://{HOST}:{port}/omadm"),
        ],
        input=WBXML,
        capture_output=True,
        check=True,
        timeout=60,
        env={**os.environ, "SSLKEYLOGFILE": str(lab.key_log)},
    )
    return done.stdout


def test_what_dumpcap_saw_is_what_curl_sent(tmp_path: Path) -> None:
    require_program("tshark")
    lab = Lab(tmp_path)
    path = tmp_path / "live.pcapng"
    with serving(lab) as port, capturing(path, port):
        for version in ("--tls-max", "--tlsv1.3"):
            more = (version, "1.2") if version == "--tls-max" else (version,)
            assert asked(port, lab, *more) == b"\0" + WBXML + b"\0"
    found = read(path, key_log=lab.key_log)
    assert found.messages == ""
    assert [one.tls.version for one in found.exchanges if one.tls] == ["TLSv1.2", "TLSv1.3"]
    for one in found.exchanges:
        assert one.request.url == f"https://{HOST}:{port}/omadm"
        assert one.request.body == WBXML
        assert one.response is not None
        assert one.response.body == b"\0" + WBXML + b"\0"
        assert one.peer == "127.0.0.1"
        assert one.tls is not None
        assert one.tls.server_certificates == (lab.chain_der,)
