"""Ctrl-C while several processes read captures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report.material import capture_of, dm_flow

pytestmark = pytest.mark.e2e


@pytest.mark.skipif(sys.platform == "win32", reason="a group of processes gets no signal there")
def test_all_processes_end_and_none_says_anything(tmp_path: Path) -> None:
    flows = [dm_flow() for _ in range(40)]
    for number in range(40):
        capture_of(tmp_path / f"{number}.mitm", *flows)
    arguments = ["analyze", str(tmp_path), "--jobs", "2", "--format", "jsonl"]
    with subprocess.Popen(
        [sys.executable, "-m", "mdmcore", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert b'"type":"tool"' in process.stdout.readline()
        assert b'"type":"exchange"' in process.stdout.readline()
        # A terminal sends it to the whole group.
        os.killpg(process.pid, signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in error
    assert error.strip() in (b"", b"mdmproxy: interrupted")
