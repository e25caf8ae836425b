"""``inspect --console``: mitmproxy's own interface in a real pseudo-terminal, begun and left."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from mdmcore.http import Response
from tests.support.https_server import https_server
from tests.support.inspected_device import device_in, flows, proxy_root
from tests.support.processes import END_S, START_S, free_port
from tests.support.requirements import CHECKOUT
from tests.support.tls_server import HOST

if sys.platform == "win32":
    pytest.skip("no pseudo-terminals there", allow_module_level=True)

import fcntl
import pty
import termios

pytestmark = pytest.mark.e2e

_ESCAPE = re.compile(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9]|[=>78])")


class Terminal:
    """A process whose input and output are a terminal; its errors go to a pipe."""

    def __init__(self, command: list[str | Path], *, lines: int = 30, columns: int = 120) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self._slave = slave
        self.shown = b""
        self._process = subprocess.Popen(
            [str(part) for part in command],
            cwd=CHECKOUT,
            env={**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"},
            stdin=slave,
            stdout=slave,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.errors = b""
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(END_S)
        self._reader.join(END_S)
        os.close(self._master)
        os.close(self._slave)
        if self._process.stderr is not None:
            self._process.stderr.close()

    @property
    def settings(self) -> list[object]:
        """What the terminal is set to now."""
        return termios.tcgetattr(self._slave)

    def wait_for(self, text: str) -> None:
        """Read what is shown until that text stands there, colours and moves aside."""
        end = time.monotonic() + START_S
        while text.encode() not in _ESCAPE.sub(b"", self.shown):
            ready, _, _ = select.select([self._master], [], [], START_S)
            is_alive = bool(ready) and time.monotonic() < end
            assert is_alive, f"no {text!r} in {self.shown!r} {self.errors!r}"
            self.shown += os.read(self._master, 65536)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def end(self) -> int:
        """The exit code; what it still shows is read meanwhile."""
        drain = threading.Thread(target=self._drain, daemon=True)
        drain.start()
        code = self._process.wait(START_S)
        drain.join(END_S)
        self._reader.join(END_S)
        return code

    def interrupt(self) -> None:
        """As ``kill`` does it."""
        self._process.send_signal(signal.SIGTERM)

    def _drain(self) -> None:
        has_ended = False
        while not has_ended:
            has_ended = self._process.poll() is not None
            while select.select([self._master], [], [], 0.1)[0]:
                self.shown += os.read(self._master, 65536)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self.errors += self._process.stderr.read()


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[int]:
    with https_server(tmp_path, (HOST,), lambda _: answer()) as port:
        yield port


def answer() -> Response:
    return Response(status=200, body=b"ok")


def command(folder: Path, port: int) -> list[str | Path]:
    return [
        *(sys.executable, "-m", "mdmcore", "inspect", "--console", "--insecure"),
        *("--listen-port", str(port), "--confdir", folder / "conf"),
        *("--record", folder / "live.mitm"),
    ]


def test_flows_are_shown_and_it_can_be_left(tmp_path: Path, origin: int) -> None:
    port = free_port()
    with Terminal(command(tmp_path, port)) as terminal:
        terminal.wait_for(f"127.0.0.1:{port}")
        device = device_in(tmp_path, root=proxy_root(tmp_path))
        done = device.get(port, origin)
        assert done.stdout == b"ok", done.stderr
        terminal.wait_for(f"{HOST} /x")
        terminal.type("E")
        terminal.wait_for(f"listening on 127.0.0.1:{port}")
        terminal.type("q")
        terminal.type("q")
        terminal.wait_for("Quit")
        terminal.type("y")
        assert terminal.end() == 0
        assert terminal.settings == terminal.before
    assert terminal.errors == b""
    assert b"\x1b[?1049l" in terminal.shown
    (flow,) = flows(tmp_path / "live.mitm")
    assert flow.comment.startswith("[mdm] ")


def test_a_signal_ends_it_and_gives_the_terminal_back(tmp_path: Path) -> None:
    port = free_port()
    with Terminal(command(tmp_path, port)) as terminal:
        terminal.wait_for(f"127.0.0.1:{port}")
        terminal.interrupt()
        assert terminal.end() == 0
        assert terminal.settings == terminal.before
    assert terminal.errors == b""


def test_a_taken_port_is_one_line_and_gives_the_terminal_back(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Terminal(command(tmp_path, port)) as terminal:
            assert terminal.end() == 2
            assert terminal.settings == terminal.before
    said = terminal.errors.decode()
    assert said.startswith(f"mdmproxy: error: cannot listen on 127.0.0.1:{port}: ")
    assert said.count("\n") == 1


def test_a_terminal_without_size_is_refused(tmp_path: Path) -> None:
    with Terminal(command(tmp_path, 0), lines=0, columns=0) as terminal:
        assert terminal.end() == 2
    assert b"tells its size" in terminal.errors
    assert terminal.errors.count(b"\n") == 1
