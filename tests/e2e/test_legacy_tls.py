"""Old and new TLS from the device's side: real handshakes by the openssl command and curl."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mdmcore.cli.transport import HttpTransport, trust_only
from mdmcore.phone.drive import run as drive
from mdmcore.phone.enrollment import enroll
from mdmcore.phone.refusal import Refusal
from mdmcore.phone.settings import PhoneSettings
from mdmcore.profiles import PROFILES
from tests.support.client_hello import client_hello, tls_answer
from tests.support.keys import load_key
from tests.support.processes import Process, run
from tests.support.requirements import require_program

pytestmark = pytest.mark.e2e

HOST = "mdm.example.test"
REQUEST = f"GET /EnrollmentServer/Discovery.svc HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode()


def emulate(folder: Path, option: str) -> list[str | Path]:
    """The command of an emulator on a free port, its files below ``folder``."""
    return [
        *(sys.executable, "-m", "mdmcore", "emulate", "--listen-port", "0", option),
        *("--state", folder / "state", "--confdir", folder / "conf"),
    ]


@pytest.fixture(scope="module", params=["--legacy-tls", "--no-legacy-tls"])
def emulator(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, int, Path]]:
    """The option, the port and the confdir of a running emulator."""
    folder = tmp_path_factory.mktemp("legacy")
    with Process(emulate(folder, request.param)) as process:
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


RC4_AND_3DES = (0x0004, 0x0005, 0x000A, 0x00FF)


@pytest.mark.parametrize(
    ("hello", "words"),
    [
        (
            client_hello(RC4_AND_3DES, host=None),
            "no shared cipher: the device offers TLS 1.0 with TLS_RSA_WITH_RC4_128_MD5, "
            "TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_3DES_EDE_CBC_SHA; this build (OpenSSL ",
        ),
        (
            client_hello(RC4_AND_3DES, version=0x0300, host=None),
            "unsupported protocol: the device offers SSL 3.0 with TLS_RSA_WITH_RC4_128_MD5, ",
        ),
    ],
    ids=["suites", "version"],
)
def test_a_device_that_this_build_cannot_serve_is_told_of_in_the_log(
    tmp_path: Path, hello: bytes, words: str
) -> None:
    with Process(emulate(tmp_path, "--legacy-tls")) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        assert tls_answer(int(port), hello) == b""
        line = process.wait_for("TLS of 127.0.0.1 for a host it does not name failed").string
        assert words in line
        assert re.search(r"\) lacks (all of these suites|SSL 3\.0)$", line)
        assert process.interrupt() == 0
    assert "Traceback" not in process.output


def test_what_was_switched_off_is_told_apart_from_what_is_lacking(tmp_path: Path) -> None:
    with Process(emulate(tmp_path, "--no-legacy-tls")) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        done = run(
            [
                *(require_program("openssl"), "s_client", "-tls1", "-cipher", "ALL@SECLEVEL=0"),
                *("-proxy", f"127.0.0.1:{port}", "-connect", f"{HOST}:443", "-servername", HOST),
            ]
        )
        assert done.returncode != 0
        line = process.wait_for(f"TLS of 127.0.0.1 for {HOST} failed").string
        assert "unsupported protocol: the device offers TLS 1.0 with " in line
        assert "can speak TLS 1.0, but it is switched off here: start with --legacy-tls" in line
        assert process.interrupt() == 0


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win10"])
def test_a_simulated_device_enrols_with_the_tls_of_its_time(
    emulator: tuple[str, int, Path], profile: str
) -> None:
    option, port, confdir = emulator
    device = PROFILES[profile]
    settings = PhoneSettings(
        email="demo@example.test",
        username="demo@example.test",
        password="demo",
        device_id="1E08C6E95D8BB843B1278FF45BC60CC6",
        profile=profile,
    )
    pem = (confdir / "mitmproxy-ca-cert.pem").read_text("ascii")
    trust = trust_only(pem, device.tls_versions)
    leg = enroll(
        settings,
        private_key=load_key("device"),
        random=os.urandom,
        clock=lambda: datetime.now(UTC),
    )
    with HttpTransport(proxy=f"http://127.0.0.1:{port}", trust=trust) as transport:
        if device.tls_versions == ("TLSv1",) and option == "--no-legacy-tls":
            with pytest.raises(Refusal, match="no answer over HTTPS"):
                drive(leg, transport)
        else:
            assert drive(leg, transport).management_certificate().found is not None
