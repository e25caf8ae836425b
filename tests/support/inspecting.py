"""A real ``mdmproxy inspect``, and what it found: on the flows, and in its recording afterwards."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mitmproxy import http, io

from mdmcore.capture import open_capture
from mdmcore.inspector import Inspector
from tests.support.analysing import analysis_of
from tests.support.processes import Process

MDMPROXY = (sys.executable, "-m", "mdmcore")


class Inspecting:
    """The running inspector. ``port`` is where it listens, ``base`` the URL of that."""

    def __init__(self, process: Process, port: int, record: Path) -> None:
        self.process = process
        self.port = port
        self.base = f"http://127.0.0.1:{port}"
        self.record = record


@contextmanager
def inspecting(
    folder: Path, *arguments: str | Path, code: int = 0, fresh: bool = False
) -> Iterator[Inspecting]:
    """One on a free port, which records; it is interrupted at the end, where it has
    not been, and must end with that code."""
    record = folder / "session.mitm"
    process = Process(
        [
            *(*MDMPROXY, "inspect", "--listen-port", "0", "--confdir", folder / "conf"),
            *("--record", record, *arguments),
        ],
        fresh=fresh,
    )
    with process:
        port = process.wait_for(r"mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        yield Inspecting(process, int(port), record)
        assert process.interrupt() == code
    assert "Traceback" not in process.output


def read_flows(path: Path) -> list[http.HTTPFlow]:
    """The HTTP flows of a recording."""
    with path.open("rb") as file:
        return [flow for flow in io.FlowReader(file).stream() if isinstance(flow, http.HTTPFlow)]


def noted(flow: http.HTTPFlow) -> list[dict[str, Any]]:
    """The findings on a flow."""
    found = flow.metadata["mdmproxy"]["findings"]
    assert isinstance(found, list)
    return found


def rules_on(flow: http.HTTPFlow) -> list[str]:
    """The rules of the findings on a flow."""
    return [finding["rule"] for finding in noted(flow)]


def check_recording(path: Path) -> None:
    """The recording read anew gives, flow by flow, what was found live; ``mdmproxy analyze`` the
    same of the whole."""
    flows = read_flows(path)
    inspector = Inspector()
    again = [inspector.inspect(exchange).findings for exchange in open_capture(path).exchanges()]
    told = [[(one.rule, one.message, str(one.severity)) for one in found] for found in again]
    live = [[(one["rule"], one["message"], one["severity"]) for one in noted(f)] for f in flows]
    assert told == live
    analysis = analysis_of(path)
    assert analysis["captures"][0]["errors"] == []
    assert len(analysis["exchanges"]) == len(flows)
    counted = {one["rule"]: one["count"] for one in analysis["findings"]}
    assert counted == Counter(rule for flow in flows for rule in rules_on(flow))
