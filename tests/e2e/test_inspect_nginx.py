"""``mdmproxy inspect`` before a real nginx, asked by the real curl."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest
from mitmproxy import http, io

from tests.support.nginx import nginx_with_hub
from tests.support.processes import Process, run
from tests.support.requirements import require_program

pytestmark = pytest.mark.e2e

PACKAGE = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(8192))
MDMPROXY = (sys.executable, "-m", "mdmcore")


def read_flows(path: Path) -> list[http.HTTPFlow]:
    with path.open("rb") as file:
        return [flow for flow in io.FlowReader(file).stream() if isinstance(flow, http.HTTPFlow)]


def test_a_206_without_content_range_is_marked(tmp_path: Path) -> None:
    curl = require_program("curl")
    record = tmp_path / "session.mitm"
    with nginx_with_hub(tmp_path / "nginx", PACKAGE) as upstream:
        inspect = Process(
            [
                *(*MDMPROXY, "inspect", "--upstream", upstream, "--listen-port", "0"),
                *("--record", record, "--confdir", tmp_path / "conf"),
            ]
        )
        with inspect:
            port = inspect.wait_for(r"mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
            base = f"http://127.0.0.1:{port}"

            def fetch(path: str, *arguments: str | Path) -> None:
                done = run([curl, "-sS", "-o", tmp_path / "part", *arguments, f"{base}{path}"])
                assert done.returncode == 0, done.stderr

            fetch("/stripped/hub.xap", "-r", "0-999")
            assert (tmp_path / "part").read_bytes() == PACKAGE[:1000]
            fetch("/hub.xap", "-C", "-")  # goes on after the part it has
            assert (tmp_path / "part").read_bytes() == PACKAGE
            fetch("/stripped/hub.xap")  # whole, 200
            assert inspect.interrupt() == 0
    assert "Traceback" not in inspect.output

    stripped, continued, whole = read_flows(record)
    assert stripped.marked == ":red_circle:"
    assert stripped.comment.startswith("[mdm] ")
    assert "1 error" in stripped.comment
    notes = stripped.metadata["mdmproxy"]
    assert [finding["rule"] for finding in notes["findings"]] == ["hub-206-no-content-range"]
    for flow, status in ((continued, 206), (whole, 200)):
        assert flow.response is not None
        assert flow.response.status_code == status
        assert flow.marked == ""
        assert flow.metadata["mdmproxy"]["findings"] == []


def test_the_exit_code_tells_only_when_asked(tmp_path: Path) -> None:
    curl = require_program("curl")
    with nginx_with_hub(tmp_path / "nginx", PACKAGE) as upstream:
        inspect = Process(
            [
                *(*MDMPROXY, "inspect", "--upstream", upstream, "--listen-port", "0"),
                *("--confdir", tmp_path / "conf", "--fail-on", "error"),
            ]
        )
        with inspect:
            port = inspect.wait_for(r"mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
            url = f"http://127.0.0.1:{port}/stripped/hub.xap"
            assert run([curl, "-sS", "-r", "5-9", url]).stdout == PACKAGE[5:10]
            assert inspect.interrupt() == 1
