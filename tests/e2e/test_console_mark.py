"""The key for marks in mitmproxy's real console, on a terminal of the test's own."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mitmproxy.http import HTTPFlow

from tests.support.processes import END_S, START_S
from tests.support.proxy import flows_in
from tests.support.requirements import CHECKOUT

pytestmark = pytest.mark.e2e


class Terminal:
    """What a person sees of a program, and types."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.seen = b""

    def until(self, words: bytes) -> None:
        """Look until these words have come up."""
        start, deadline = len(self.seen), time.monotonic() + START_S
        while words not in self.seen[start:]:
            # It draws its screen again all the time.
            ready, _, _ = select.select(
                [self._descriptor], [], [], max(0, deadline - time.monotonic())
            )
            assert ready, f"no {words!r} in {self.seen[start:]!r}"
            assert time.monotonic() < deadline, f"no {words!r} in {self.seen[start:]!r}"
            self.seen += os.read(self._descriptor, 65536)

    def type(self, keys: bytes) -> None:
        """Press these keys."""
        os.write(self._descriptor, keys)


@contextmanager
def console(*arguments: str | Path) -> Iterator[Terminal]:
    """mitmproxy's console, ended by its own key."""
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (40, 120))
    command = [sys.executable, "-c", "from mitmproxy.tools.main import mitmproxy; mitmproxy()"]
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        cwd=CHECKOUT,
        env={**os.environ, "TERM": "xterm"},
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    terminal = Terminal(ours)
    try:
        yield terminal
        terminal.type(b"Q")
        terminal.until(b"\x1b[?1049l")  # the screen of before is back
        assert process.wait(END_S) == 0
    finally:
        process.kill()
        process.wait(END_S)
        os.close(ours)


def test_a_key_asks_for_the_words_of_a_mark(tmp_path: Path) -> None:
    record = tmp_path / "a.mitm"
    options = [f"confdir={tmp_path / 'conf'}", f"mdm_record={record}", f"mdm_state={tmp_path}"]
    with console(
        *("--listen-host", "127.0.0.1", "--listen-port", "0", "-s", "addons/mdm_inspect.py"),
        *(argument for option in options for argument in ("--set", option)),
    ) as terminal:
        terminal.until(b"127.0.0.1:")
        terminal.type(b"N")
        terminal.until(b"mdm.mark")
        terminal.type(b"pressed refresh\r")
        terminal.until(b"[1/1]")
    [flow] = flows_in(record)
    assert isinstance(flow, HTTPFlow)
    assert flow.comment.startswith("pressed refresh ")
    assert flow.metadata["mdmproxy"]["kind"] == "mark"
