"""``mdmproxy inspect`` before an HTTPS server: whose certificate is checked, and against what."""

from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.support.keys import key_path, load_key
from tests.support.processes import Process, run
from tests.support.requirements import require_program

pytestmark = pytest.mark.e2e


class Handler(BaseHTTPRequestHandler):
    """Says which Host header came."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = (self.headers.get("Host") or "").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def self_signed(name: str) -> bytes:
    """A PEM certificate for that host, its own CA."""
    key = load_key("enterprise")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL of a server on loopback and the PEM file that vouches for it."""
    pem = tmp_path_factory.mktemp("tls") / "server.pem"
    pem.write_bytes(self_signed("localhost"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_path("enterprise"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_address[1]}", pem
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(["--upstream-ca", "{pem}"], b"200", id="vouched-for"),
        pytest.param(["--insecure"], b"200", id="unchecked"),
        pytest.param([], b"502", id="unknown"),
    ],
)
def test_the_servers_certificate_is_checked_as_told(
    tmp_path: Path, upstream: tuple[str, Path], arguments: list[str], status: bytes
) -> None:
    url, pem = upstream
    command: list[str | Path] = [
        *(sys.executable, "-m", "mdmcore", "inspect", "--upstream", url, "--listen-port", "0"),
        *("--confdir", tmp_path / "conf"),
        *(argument.format(pem=pem) for argument in arguments),
    ]
    with Process(command, fresh=arguments == ["--insecure"]) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        done = run(
            [
                *(require_program("curl"), "-sS", "-o", tmp_path / "body", "-w", "%{http_code}"),
                *("--cacert", tmp_path / "conf" / "mitmproxy-ca-cert.pem"),
                *("--resolve", f"mdm.example.test:{port}:127.0.0.1"),
                f"https://mdm.example.test:{port}/",
            ]
        )
        assert done.stdout == status, done.stderr + process.output.encode()
        if status == b"200":  # the device's own Host header reaches the server
            assert (tmp_path / "body").read_text() == f"mdm.example.test:{port}"
        assert process.interrupt() == 0
    assert "Traceback" not in process.output
