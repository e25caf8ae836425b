"""``mitmdump -s addons/mdm_inspect.py``: live before a real server, and over a recorded file."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from mitmproxy import http, io

from tests.support import messages
from tests.support.curl import Curl
from tests.support.processes import run_mitmdump, start_mitmdump

pytestmark = pytest.mark.e2e

SCRIPT = "addons/mdm_inspect.py"
SOAP = "application/soap+xml; charset=utf-8"
BROKEN = b"<s:Envelope><unclosed></s:Envelope>"


class Server(BaseHTTPRequestHandler):
    """A server with two mistakes: SOAP that is not well-formed, a 206 without Content-Range."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(206 if "Range" in self.headers else 200, "application/octet-stream", b"data")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, SOAP, BROKEN)

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{found.server_address[1]}"
        found.shutdown()
        thread.join()


def read_flows(path: Path) -> list[http.HTTPFlow]:
    with path.open("rb") as file:
        return [flow for flow in io.FlowReader(file).stream() if isinstance(flow, http.HTTPFlow)]


def rules_of(flow: http.HTTPFlow) -> list[str]:
    return [finding["rule"] for finding in flow.metadata["mdmproxy"]["findings"]]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, server: str) -> tuple[Path, str]:
    """A recording of three exchanges, and what mitmdump printed meanwhile."""
    tmp_path = tmp_path_factory.mktemp("inspect-addon")
    record = tmp_path / "live.mitm"
    process, port = start_mitmdump(SCRIPT, confdir=tmp_path / "conf", arguments=["-w", record])
    with process:
        curl = Curl(port=port, confdir=tmp_path / "conf", folder=tmp_path)
        discovery = f"{server}/EnrollmentServer/Discovery.svc"
        body = messages.discover().decode()
        answer = curl(discovery, "-H", f"Content-Type: {SOAP}", "--data-binary", body)
        assert answer.body == BROKEN
        assert curl(f"{server}/hub.xap", "-r", "0-3").body == b"data"
        assert curl(f"{server}/other").body == b"data"
        assert process.interrupt() == 0
    assert "Traceback" not in process.output
    return record, process.output


def test_live_flows_are_annotated_in_the_recording(recorded: tuple[Path, str]) -> None:
    soap, part, other = read_flows(recorded[0])
    assert "xml-not-wellformed" in rules_of(soap)
    assert rules_of(part) == ["hub-206-no-content-range"]
    assert rules_of(other) == []
    assert [flow.marked for flow in (soap, part, other)] == [":red_circle:", ":red_circle:", ""]
    for flow in (soap, part, other):
        assert flow.comment.startswith("[mdm] ")
        assert flow.comment.endswith(" [/mdm]")


def test_mitmdump_shows_one_line_for_each_exchange(recorded: tuple[Path, str]) -> None:
    lines = [line for line in recorded[1].splitlines() if "mdm: " in line]
    assert len(lines) == 2  # the third is no MDM traffic and has no finding
    assert "POST 127.0.0.1/EnrollmentServer/Discovery.svc -> 200" in lines[0]
    assert "hub.xap -> 206" in lines[1]


def test_a_recorded_file_is_annotated_anew_and_a_persons_words_stay(
    recorded: tuple[Path, str], tmp_path: Path
) -> None:
    edited, out = tmp_path / "edited.mitm", tmp_path / "out.mitm"
    flows = read_flows(recorded[0])
    with edited.open("wb") as file:
        for flow in flows:
            flow.comment = f"seen in the lab {flow.comment}"
            flow.marked = ""
            flow.metadata.clear()
            io.FlowWriter(file).add(flow)
    done = run_mitmdump(
        SCRIPT, confdir=tmp_path / "conf", arguments=["-n", "-r", edited, "-w", out]
    )
    assert done.returncode == 0
    again = read_flows(out)
    assert [rules_of(flow) for flow in again] == [
        rules_of(flow) for flow in read_flows(recorded[0])
    ]
    assert all(flow.comment.startswith("seen in the lab [mdm] ") for flow in again)
    assert again[0].comment.count("[mdm]") == 1
    assert again[0].marked == ":red_circle:"


def test_our_view_shows_a_message(recorded: tuple[Path, str], tmp_path: Path) -> None:
    done = run_mitmdump(
        SCRIPT,
        confdir=tmp_path / "conf",
        arguments=["-n", "-r", recorded[0], "--set", "flow_detail=3", "~m POST"],
    )
    text = done.stdout.decode()
    assert "<!-- line 1, column " in text  # no view but ours says where the mistake is
    assert re.search(r"\n +<EmailAddress>demo@example\.test", text)
    assert "Traceback" not in text + done.stderr.decode()


def test_a_raising_script_before_ours_and_ours_before_another(
    recorded: tuple[Path, str], tmp_path: Path
) -> None:
    """mitmproxy silences later scripts when one raises; ours must never be that one."""
    failing, later = tmp_path / "break.py", tmp_path / "later.py"
    failing.write_text(
        "from mdmcore.inspector import Inspector\n"
        "def fail(self, exchange):\n    raise ZeroDivisionError('hunter2')\n"
        "Inspector.inspect = fail\n",
        encoding="utf-8",
    )
    later.write_text(
        "def response(flow):\n    print('later saw', flow.request.method, flush=True)\n",
        encoding="utf-8",
    )
    out = tmp_path / "out.mitm"
    done = run_mitmdump(
        *(failing, SCRIPT, later),
        confdir=tmp_path / "conf",
        arguments=["-n", "-r", recorded[0], "-w", out],
    )
    text = (done.stdout + done.stderr).decode()
    assert text.count("later saw") == 3
    assert text.count("mdmproxy: Inspect.response failed: ZeroDivisionError") == 3
    assert "Traceback" not in text
    assert "hunter2" not in text
    assert [rules_of(flow)[-1] for flow in read_flows(out)] == ["mdmproxy-failed"] * 3
