"""Old and new TLS from the device's side: real handshakes by the openssl command and curl."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Process, run
from tests.support.requirements import require_program

pytestmark = pytest.mark.e2e

HOST = "mdm.example.test"
REQUEST = f"GET /EnrollmentServer/Discovery.svc HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode()


@pytest.fixture(scope="module", params=["--legacy-tls", "--no-legacy-tls"])
def emulator(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, int, Path]]:
    """The option, the port and the confdir of a running emulator."""
    folder = tmp_path_factory.mktemp("legacy")
    command = [
        *(sys.executable, "-m", "mdmcore", "emulate", "--listen-port", "0", request.param),
        *("--state", folder / "state", "--confdir", folder / "conf"),
    ]
    with Process(command) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        yield request.param, int(port), folder / "conf"
        assert process.interrupt() == 0
    assert "Traceback" not in process.output


@pytest.mark.parametrize(
    ("version", "protocol", "is_old"),
    [
        ("-tls1", "TLSv1", True),
        ("-tls1_1", "TLSv1.1", True),
        ("-tls1_2", "TLSv1.2", False),
        ("-tls1_3", "TLSv1.3", False),
    ],
)
def test_a_device_gets_the_version_it_speaks(
    emulator: tuple[str, int, Path], version: str, protocol: str, is_old: bool
) -> None:
    option, port, confdir = emulator
    done = run(
        [
            *(require_program("openssl"), "s_client", version, "-cipher", "ALL@SECLEVEL=0"),
            *("-proxy", f"127.0.0.1:{port}", "-connect", f"{HOST}:443", "-servername", HOST),
            *("-CAfile", confdir / "mitmproxy-ca-cert.pem", "-verify_hostname", HOST),
            *("-verify_return_error", "-ign_eof"),
        ],
        input=REQUEST,
    )
    output = done.stdout.decode("latin-1")
    if is_old and option == "--no-legacy-tls":
        assert "HTTP/1.0 200" not in output
        assert "HTTP/1.1 200" not in output
        return
    assert re.search(rf"New, [^\n]*{re.escape(protocol)}\b|Protocol *: {protocol}\n", output)
    assert "Verify return code: 0 (ok)" in output
    assert re.search(r"^HTTP/1\.[01] 200", output, re.MULTILINE)


def test_http_2_is_not_offered_to_phones(emulator: tuple[str, int, Path]) -> None:
    option, port, confdir = emulator
    done = run(
        [
            *(require_program("curl"), "-sS", "--http2", "-o", "-", "-w", "%{http_version}"),
            *("-x", f"http://127.0.0.1:{port}", "--cacert", confdir / "mitmproxy-ca-cert.pem"),
            f"https://{HOST}/EnrollmentServer/Discovery.svc",
        ]
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == (b"1.1" if option == "--legacy-tls" else b"2")
