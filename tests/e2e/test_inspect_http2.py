"""What mitmproxy refuses of an HTTP/2 server has its rule, too; asked by the real curl."""

from __future__ import annotations

import socket
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from h2.connection import H2Connection
from mitmproxy import http, io

from mdmcore.pki.authority import certificate_pem
from tests.support.h2_origin import h2_origin
from tests.support.processes import Process, run
from tests.support.requirements import require_program
from tests.support.tls_server import lasting_authority

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
DISCOVERY = "/EnrollmentServer/Discovery.svc"
WRONG = {
    "reset": ("answer-broken-off", "stream reset by client (INTERNAL_ERROR)"),
    "goes-away": ("answer-broken-off", "HTTP/2 connection closed: "),
    "closes": ("answer-broken-off", "peer closed connection"),
    "short": ("content-length-wrong", "InvalidBodyLengthError: Expected 5 bytes, received 3"),
    "no-head": ("answer-not-http", "HTTP/2 "),
}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Status and body that curl got, the flow, and what ``analyze`` says."""

    printed: dict[str, str]
    flows: dict[str, http.HTTPFlow]
    analyzed: str


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    curl = require_program("curl")
    folder = tmp_path_factory.mktemp("http2")
    record, trusted = folder / "session.mitm", folder / "ca.pem"
    trusted.write_bytes(certificate_pem(lasting_authority().certificate))
    printed: dict[str, str] = {}
    with h2_origin(folder) as upstream:
        inspect = Process(
            [
                *(*MDMPROXY, "inspect", "--upstream", upstream, "--upstream-ca", trusted),
                *("--listen-port", "0", "--confdir", folder / "conf", "--record", record),
            ]
        )
        with inspect:
            port = inspect.wait_for(r"mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
            for case in ("right", "trailers", *WRONG):
                url = f"https://127.0.0.1:{port}{DISCOVERY}?{case}"
                asked = [curl, "-sk", "--http2", "-w", "\n%{http_version} %{http_code}", url]
                printed[case] = run(asked).stdout.decode()
            leave(int(port), f"{DISCOVERY}?waits")
            inspect.wait_for("the device left: peer closed connection")
            assert inspect.interrupt() == 0
        assert "Traceback" not in inspect.output
    return Seen(
        printed=printed,
        flows=read_flows(record),
        analyzed=run([*MDMPROXY, "analyze", record]).stdout.decode(),
    )


def leave(port: int, path: str) -> None:
    """Be a device that asks in HTTP/2 and leaves when it has only the proxy's first frames."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as raw,
        context.wrap_socket(raw) as stream,
    ):
        connection = H2Connection()
        connection.initiate_connection()
        fields = [(":method", "GET"), (":path", path), (":scheme", "https"), (":authority", "x")]
        connection.send_headers(1, fields, end_stream=True)
        stream.sendall(connection.data_to_send())
        stream.recv(65536)


def read_flows(record: Path) -> dict[str, http.HTTPFlow]:
    with record.open("rb") as file:
        flows = [flow for flow in io.FlowReader(file).stream() if isinstance(flow, http.HTTPFlow)]
    return {urlsplit(flow.request.url).query: flow for flow in flows}


@pytest.mark.parametrize("case", ["right", "trailers"])
def test_a_right_answer_passes(seen: Seen, case: str) -> None:
    """Trailers pass here, where HTTP/1 has none of them."""
    assert seen.printed[case].endswith("\n2 200")
    assert seen.flows[case].metadata["mdmproxy"]["findings"] == []


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_answer_becomes_a_502(seen: Seen, case: str) -> None:
    rule, words = WRONG[case]
    assert seen.printed[case].endswith("\n2 502")
    [finding] = seen.flows[case].metadata["mdmproxy"]["findings"]
    assert finding["rule"] == rule
    assert words in finding["message"]
    assert "mitmproxy's own 502" in finding["message"]
    assert rule in seen.analyzed


def test_a_device_that_leaves_is_no_mistake_of_the_server(seen: Seen) -> None:
    """mitmproxy has the same words for both sides."""
    flow = seen.flows["waits"]
    assert flow.error is not None
    assert flow.error.msg == "peer closed connection"
    assert flow.metadata["mdmproxy"]["findings"] == []
    assert "the device left: peer closed connection" in flow.comment
    assert "the device left: peer closed connection" in seen.analyzed
