"""``mitmdump -s addons/mdm_emulate.py`` with curl as the device: real TLS, hosts not in DNS."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from mitmproxy import http, io

from tests.support import messages
from tests.support.curl import Curl
from tests.support.processes import Process, run, start_mitmdump
from tests.support.requirements import CHECKOUT

pytestmark = pytest.mark.e2e

SCRIPT = "addons/mdm_emulate.py"
DISCOVERY = "enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"
SOAP = "Content-Type: application/soap+xml; charset=utf-8"

# Tells every name that is looked up, and every address that is dialled.
SPY = """
import sys
def hook(event, arguments):
    if event in ("socket.getaddrinfo", "socket.connect"):
        print("spy:", event, arguments[0 if event == "socket.getaddrinfo" else 1], flush=True)
sys.addaudithook(hook)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("emulate-addon")


@pytest.fixture(scope="module")
def proxy(folder: Path) -> Iterator[tuple[Process, Curl]]:
    """One mitmdump for all tests, with a state folder of its own."""
    spy = folder / "spy.py"
    spy.write_text(SPY, encoding="utf-8")
    process, port = start_mitmdump(
        SCRIPT,
        spy,
        confdir=folder / "conf",
        options={
            "mdm_state": str(folder / "state"),
            "mdm_domains": ["example.test", "corp.invalid"],
            "mdm_users": "demo@example.test:right",
        },
        fresh=True,
    )
    with process:
        yield process, Curl(port=port, confdir=folder / "conf", folder=folder)
    assert "Traceback" not in process.output


@pytest.fixture
def curl(proxy: tuple[Process, Curl]) -> Curl:
    return proxy[1]


@pytest.fixture
def upstream() -> Iterator[int]:
    """A plain web server on loopback that says which Host header it got."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"upstream {self.path} {self.headers['Host']}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("version", ["--http1.0", "--http1.1", "--http2"])
def test_the_probe_is_answered_in_tls_and_redirected_to_it(curl: Curl, version: str) -> None:
    answer = curl(f"https://{DISCOVERY}", version)
    assert (answer.code, answer.status, answer.body) == (0, 200, b"")
    assert answer.headers["content-length"] == "0"
    answer = curl(f"http://{DISCOVERY}", version)
    assert (answer.code, answer.status) == (0, 302)
    assert answer.headers["location"] == f"https://{DISCOVERY}"
    assert curl(f"http://{DISCOVERY}", version, "-L").status == 200
    assert curl(f"http://{DISCOVERY}", version, "--data", "x").status == 403


@pytest.mark.parametrize(
    "host", ["example.test", "MDM.Example.TEST", "enterpriseenrollment.corp.invalid"]
)
def test_every_host_of_a_domain_is_ours(curl: Curl, host: str) -> None:
    answer = curl(f"https://{host}/enrollmentserver/DISCOVERY.svc?x=y")
    assert answer.status == 200


def test_nothing_is_looked_up_or_dialled_for_our_hosts(proxy: tuple[Process, Curl]) -> None:
    process, curl = proxy
    before = len(process.lines)
    for scheme, status in (("http", 302), ("https", 200)):
        assert curl(f"{scheme}://{DISCOVERY}").status == status
    # The spy does see what is looked up; when it says so, all earlier lines have been read.
    curl("https://www.example.test/")
    process.wait_for(r"spy: socket\.getaddrinfo www\.example\.test")
    spied = [line for line in process.lines[before:] if "spy:" in line]
    assert [line for line in spied if "www.example.test" not in line] == []


def test_a_connection_is_kept_and_one_that_asks_for_its_end_is_told(curl: Curl) -> None:
    url = f"https://{DISCOVERY}"
    twice = curl(url, "--http1.1", "-w", "%{num_connects} ", url)
    assert twice.said.split() == ["1", "0"]
    assert "connection" not in curl(url, "--http1.1").headers
    assert curl(url, "--http1.1", "-H", "Connection: close").headers["connection"] == "close"


def test_discovery_answers_the_device(curl: Curl) -> None:
    body = messages.discover().decode()
    answer = curl(f"https://{DISCOVERY}", "-H", SOAP, "--data-binary", body)
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(answer.body)
    urls = [e.text for e in ET.fromstring(answer.body).iter() if e.tag.endswith("ServiceUrl")]
    assert urls
    assert all((url or "").startswith("https://mdm.example.test/") for url in urls)


def test_a_wrong_password_is_a_soap_fault(curl: Curl) -> None:
    url = "https://mdm.example.test/EnrollmentServer/Policy.svc"
    body = messages.get_policies(password="wrong").decode()
    answer = curl(url, "-H", SOAP, "--data-binary", body)
    assert answer.status == 500
    assert b"Authentication" in answer.body
    body = messages.get_policies(password="right").decode()
    assert curl(url, "-H", SOAP, "--data-binary", body).status == 200


@pytest.mark.parametrize("body", ["", "<", "<a><b></a>", "\x00\x01", "<a>" * 5000])
@pytest.mark.parametrize("path", ["Discovery.svc", "Policy.svc", "Enrollment.svc"])
def test_nonsense_is_refused_and_nothing_hangs(curl: Curl, path: str, body: str) -> None:
    file = curl.folder / "nonsense"
    file.write_text(body, encoding="latin-1")
    url = f"https://mdm.example.test/EnrollmentServer/{path}"
    answer = curl(url, "-H", SOAP, "--data-binary", f"@{file}")
    assert answer.code == 0
    assert answer.status in {400, 500}


def test_another_host_passes_unchanged(curl: Curl, upstream: int) -> None:
    answer = curl(f"http://127.0.0.1:{upstream}/x?y", "-H", "Host: mdm.example.test")
    assert answer.body == b"upstream /x?y mdm.example.test"


def test_another_host_passes_inside_connect(curl: Curl, upstream: int) -> None:
    answer = curl(f"http://127.0.0.1:{upstream}/x", "-p", "-H", "Host: mdm.example.test")
    assert answer.body == b"upstream /x mdm.example.test"


def test_the_sni_counts_where_the_address_is_not_ours(curl: Curl) -> None:
    """A device that resolved our host to some address sends CONNECT for the address."""
    url = "https://mdm.example.test/EnrollmentServer/Discovery.svc"
    answer = curl(url, "--connect-to", "mdm.example.test:443:192.0.2.1:443")
    assert answer.status == 200


def test_a_recording_has_the_answers(folder: Path) -> None:
    record = folder / "recorded.mitm"
    process, port = start_mitmdump(
        SCRIPT,
        "addons/mdm_inspect.py",
        confdir=folder / "conf",
        options={"mdm_state": str(folder / "state2"), "mdm_record": str(record)},
    )
    with process:
        curl = Curl(port=port, confdir=folder / "conf", folder=folder)
        body = messages.discover().decode()
        assert curl(f"https://{DISCOVERY}", "-H", SOAP, "--data-binary", body).status == 200
        assert process.interrupt() == 0
    with record.open("rb") as file:
        [flow] = io.FlowReader(file).stream()
    assert isinstance(flow, http.HTTPFlow)
    assert flow.metadata["mdmproxy"]["kind"] == "discover"
    assert flow.metadata["mdmproxy"]["findings"] == []
    assert flow.comment.endswith("; 0 errors [/mdm]")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("mdm_users=nocolon", "NAME:PASSWORD"),
        ("mdm_hub=/no/such/hub.xap", "mdm_hub needs mdm_aetx"),
        (f"mdm_state={CHECKOUT / 'README.md'}", "cannot keep state there"),
    ],
)
def test_a_bad_option_ends_mitmdump_with_one_line(folder: Path, option: str, words: str) -> None:
    program = "from mitmproxy.tools.main import mitmdump; mitmdump()"
    command = [sys.executable, "-c", program, "-s", SCRIPT, "--listen-port", "0"]
    with Process([*command, "--set", f"confdir={folder / 'conf'}", "--set", option]) as process:
        assert process.wait() == 1
    [line] = [line for line in process.lines if "mdmproxy: " in line]
    assert words in line
    assert "Traceback" not in process.output


def test_without_mdmcore_one_line_says_how_to_install_it(folder: Path) -> None:
    """mitmproxy in an environment that has everything but mdmcore."""
    program = (
        "import sys; sys.modules['mdmcore'] = None; "
        "from mitmproxy.tools.main import mitmdump; mitmdump()"
    )
    for name in ("mdm_emulate", "mdm_inspect"):
        done = run(
            [
                *(sys.executable, "-c", program, "-n", "-s", CHECKOUT / "addons" / f"{name}.py"),
                *("--set", f"confdir={folder / 'conf'}"),
            ],
            cwd=folder,
        )
        output = (done.stdout + done.stderr).decode()
        assert done.returncode == 1
        [line] = [line for line in output.splitlines() if "pip install mdmproxy" in line]
        assert f"{name}.py needs mdmproxy" in line
        assert "Traceback" not in output
