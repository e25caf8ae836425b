"""A recording of the inspector in mitmweb, seen in a real browser: comment, marker, decoded view.

Also the commands ``mdm.*``, given to that mitmweb as its own page gives them.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from mitmproxy import http, io

from tests.support.artifacts import renewal_rst
from tests.support.chromium import artifact_path, chromium_page
from tests.support.processes import Process, free_port

pytestmark = pytest.mark.e2e

SOAP = "application/soap+xml; charset=utf-8"
PASSWORD = "only-for-this-test"
MITMWEB = (sys.executable, "-c", "from mitmproxy.tools.main import mitmweb; mitmweb()")


class Refusing(BaseHTTPRequestHandler):
    """A server that answers every enrolment with SOAP that is not well-formed."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b"<s:Envelope><unclosed></s:Envelope>"
        self.send_response(200)
        self.send_header("Content-Type", SOAP)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def recording(tmp_path: Path, upstream: str) -> Path:
    """A renewal that passed ``mdmproxy inspect`` on its way to that server."""
    target = tmp_path / "session.mitm"
    inspect = Process(
        [
            *(sys.executable, "-m", "mdmcore", "inspect", "--upstream", upstream),
            *("--listen-port", "0", "--record", target, "--confdir", tmp_path / "conf"),
        ]
    )
    with inspect:
        port = inspect.wait_for(r"listening on 127\.0\.0\.1:(\d+)")[1]
        answer = httpx.post(
            f"http://127.0.0.1:{port}/EnrollmentServer/Enrollment.svc",
            content=renewal_rst(),
            headers={"Content-Type": SOAP},
            trust_env=False,
            timeout=60,
        )
        assert answer.status_code == 200
    return target


@contextmanager
def mitmweb(recording: Path, script: str | Path) -> Iterator[str]:
    """The URL of a mitmweb in which the recording is open."""
    port = free_port()
    command: list[str | Path] = [
        *(*MITMWEB, "--no-server", "-r", recording, "-s", script),
        *("--web-host", "127.0.0.1", "--web-port", str(port), "--no-web-open-browser"),
        *("--set", f"confdir={recording.parent / 'conf'}", "--set", f"web_password={PASSWORD}"),
    ]
    for column in ("icon", "path", "method", "status", "comment"):
        command += ["--set", f"web_columns={column}"]
    with Process(command) as process:
        process.wait_for(rf"127\.0\.0\.1:{port}")
        yield f"http://127.0.0.1:{port}/"


def recorded_flow(path: Path) -> http.HTTPFlow:
    with path.open("rb") as file:
        (flow,) = io.FlowReader(file).stream()
    assert isinstance(flow, http.HTTPFlow)
    return flow


CALL = """async ([name, words]) => {
    const token = document.cookie.match(/_mitmproxy_xsrf=([^;]*)/)[1];
    const answer = await fetch(`./commands/${name}`, {
        method: "POST",
        headers: {"Content-Type": "application/json", "X-XSRFToken": token},
        body: JSON.stringify({arguments: words}),
    });
    return await answer.json();
}"""
"""How mitmweb's own page runs a command."""


def test_a_recording_is_readable_in_the_browser(tmp_path: Path, recording: Path) -> None:
    flow = recorded_flow(recording)
    assert re.fullmatch(r"\[mdm\] RST Renew .*; [1-9]\d* errors?.* \[/mdm\]", flow.comment)
    assert flow.marked == ":red_circle:"
    # Nothing is judged anew: comment and marker can only come from the file.
    script = tmp_path / "mdm_views_only.py"
    script.write_text("from mdmcore.mitm.views import register_views\n\nregister_views()\n")
    with mitmweb(recording, script) as url, chromium_page() as page:
        page.goto(f"{url}?token={PASSWORD}#/flows/{flow.id}/request")
        row = page.locator("tr", has=page.get_by_text(flow.comment, exact=True))
        row.wait_for()
        assert "\N{LARGE RED CIRCLE}" in row.inner_text()
        decoded = page.locator("pre", has_text="PKCS#7 SignedData")
        decoded.wait_for()
        assert page.get_by_text("MDM SOAP", exact=True).is_visible()
        assert "PKCS#10 certificate request" in decoded.inner_text()
        inside = page.get_by_text("PKCS#7 SignedData").last
        inside.evaluate("element => element.scrollIntoView({block: 'center'})")
        page.screenshot(path=artifact_path("mitmweb-decoded.png", tmp_path))
        page.locator("a", has_text="Comment").click()
        shown = page.locator("section", has_text="[/mdm]").last
        shown.wait_for()
        assert flow.comment in shown.inner_text()
        page.screenshot(path=artifact_path("mitmweb-comment.png", tmp_path))


def test_the_commands_can_be_given_in_the_browser(tmp_path: Path, recording: Path) -> None:
    target = tmp_path / "life.mitm"
    with mitmweb(recording, "addons/mdm_inspect.py") as url, chromium_page() as page:
        page.goto(f"{url}?token={PASSWORD}#/flows")
        page.get_by_text("[/mdm]").first.wait_for()

        def call(name: str, *words: str) -> dict[str, Any]:
            answer: dict[str, Any] = page.evaluate(CALL, [name, list(words)])
            return answer

        explained = call("mdm.explain", "@all")["value"]
        assert explained[0].startswith("RST Renew ")
        assert any(line.startswith("  fix: ") for line in explained)
        assert any(line.startswith("ERROR ") for line in call("mdm.findings")["value"])
        assert call("mdm.export", "@all", str(target))["value"].startswith("1 flow saved ")
        assert recorded_flow(target).id == recorded_flow(recording).id
        assert "no emulated server" in call("mdm.fault", "digest-missing-colon")["error"]
        assert call("mdm.mark", "phone restarted")["value"] == "marked: phone restarted"
        page.get_by_text("phone restarted [mdm] Mark: phone restarted").wait_for()
