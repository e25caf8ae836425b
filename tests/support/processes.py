"""Processes for end-to-end tests: started with a deadline, watched line by line, always ended.

Readiness is an event (a line, an accepted connection), never a pause. Each process leads a group
of its own, so that its children end with it. Our own command and mitmdump are forked from a
process that has imported them (``tests.support.forks``), unless a test wants them ``fresh``.
"""

from __future__ import annotations

import io
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pytest

from tests.support.fork_server import MITMDUMP
from tests.support.forks import Forked, forked
from tests.support.requirements import CHECKOUT

START_S = 60.0
"""How long a process may take to become ready on a busy machine."""

END_S = 20.0


class Process:
    """A child whose output is collected; ``stdout``/``stderr`` lines are merged in ``lines``.

    ``fresh`` starts it as a person does, and never by a fork.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path = CHECKOUT,
        env: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> None:
        self.command = [str(part) for part in command]
        self.lines: list[str] = []
        self.stdout: list[str] = []
        self.stderr: list[str] = []
        self._news: queue.Queue[str | None] = queue.Queue()
        variables = {**os.environ, **(env or {})}
        child = None if fresh else forked(self.command, cwd=cwd, env=variables)
        self._process: subprocess.Popen[bytes] | Forked = child or subprocess.Popen(
            self.command,
            cwd=cwd,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._readers = [
            self._read(self._process.stdout, self.stdout),
            self._read(self._process.stderr, self.stderr),
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return "\n".join(self.lines)

    def wait_for(self, pattern: str, *, timeout: float = START_S) -> re.Match[str]:
        """The first line (now or later) that matches; fails when the process ends without it."""
        ended = 0
        while True:
            try:
                line = self._news.get(timeout=timeout)
            except queue.Empty:
                raise AssertionError(f"no {pattern!r} in {timeout} s:\n{self.output}") from None
            if line is None:
                ended += 1
                if ended == len(self._readers):
                    raise AssertionError(f"ended without {pattern!r}:\n{self.output}")
            elif match := re.search(pattern, line):
                return match

    def has_said(self, text: str, *, timeout: float = START_S) -> bool:
        """Whether it printed that on a line, or prints it in time; what came before counts, too."""
        if text not in self.output:
            self.wait_for(re.escape(text), timeout=timeout)
        return True

    def wait(self, *, timeout: float = START_S) -> int:
        """The exit code, once it has ended by itself and all output is read."""
        code = self._process.wait(timeout)
        for reader in self._readers:
            reader.join(timeout)
        return code

    def interrupt(self, number: int = signal.SIGINT, *, timeout: float = END_S) -> int:
        """Send the signal and wait for the exit code."""
        self._process.send_signal(number)
        return self.wait(timeout=timeout)

    def resident_peak_kb(self) -> int:
        """The most memory that it had so far, in kB; skips where the system does not tell."""
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            pytest.skip("needs /proc/PID/status")
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
        assert found is not None
        return int(found[1])

    def end(self) -> None:
        """End it and its children; does nothing when it has ended."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(END_S)
        for reader in self._readers:
            reader.join(END_S)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _read(self, stream: IO[bytes], lines: list[str]) -> threading.Thread:
        def run() -> None:
            with io.TextIOWrapper(stream, encoding="utf-8", errors="replace") as printed:
                for line in printed:
                    text = line.rstrip("\n")
                    lines.append(text)
                    self.lines.append(text)
                    self._news.put(text)
            self._news.put(None)

        reader = threading.Thread(target=run, daemon=True)
        reader.start()
        return reader


def mitmdump_command(*scripts: str | Path, confdir: Path) -> list[str | Path]:
    """The command line of a mitmdump in this environment, with these scripts."""
    command: list[str | Path] = [
        *(sys.executable, "-c", MITMDUMP),
        *("--set", f"confdir={confdir}"),
    ]
    for script in scripts:
        command += ["-s", script]
    return command


def run_mitmdump(
    *scripts: str | Path, confdir: Path, arguments: Sequence[str | Path] = ()
) -> subprocess.CompletedProcess[bytes]:
    """A mitmdump that ends by itself (``-n -r FILE``)."""
    return run([*mitmdump_command(*scripts, confdir=confdir), *arguments])


def start_mitmdump(
    *scripts: str | Path,
    confdir: Path,
    options: Mapping[str, str | Sequence[str]] | None = None,
    arguments: Sequence[str | Path] = (),
    env: Mapping[str, str] | None = None,
    fresh: bool = False,
) -> tuple[Process, int]:
    """A mitmdump on a free loopback port that accepts connections, and that port."""
    command = mitmdump_command(*scripts, confdir=confdir)
    command += ["--listen-host", "127.0.0.1", "--listen-port", "0"]
    for name, value in (options or {}).items():
        for one in [value] if isinstance(value, str) else value:
            command += ["--set", f"{name}={one}"]
    process = Process([*command, *arguments], env=env, fresh=fresh)
    try:
        found = process.wait_for(r"listening at \S*?:(\d+)\.?$")
    except BaseException:
        process.end()
        raise
    return process, int(found[1])


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path = CHECKOUT,
    env: Mapping[str, str] | None = None,
    input: bytes | None = None,
    timeout: float = START_S,
    fresh: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Run to the end and collect the output; the exit code is the caller's to judge."""
    words = [str(part) for part in command]
    variables = {**os.environ, **(env or {})}
    child = None if fresh else forked(words, cwd=cwd, env=variables)
    if child is None:
        return subprocess.run(
            words,
            cwd=cwd,
            env=variables,
            input=input,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    stdout, stderr = child.communicate(input, timeout)
    return subprocess.CompletedProcess(words, child.wait(), stdout, stderr)


def free_port() -> int:
    """A loopback port nobody listened on a moment ago, for programs that cannot choose one."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
