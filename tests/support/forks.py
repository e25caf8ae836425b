"""Programs of this environment by fork: started without Python and its imports, else the same.

Python's start, mitmproxy and mdmcore cost seconds of processor time for each process. Where the
system can (Linux), one process of each test worker that has imported them forks instead
(``tests.support.fork_server``). It does so for ``python -m mdmcore`` and for mitmdump, and only
with the environment variables with which it was started itself: what Python and libraries read
while they are imported is the same. Everything else has to be started as ever.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from tests.support.fork_server import MESSAGE_BYTES, MITMDUMP
from tests.support.requirements import CHECKOUT

_PROGRAMS = (["-m", "mdmcore"], ["-c", MITMDUMP])
_READ_LATE = ("MDMPROXY_", "PYTEST_")
"""Variables that may differ: ours are read when they are used, pytest's by nobody."""


class Forked:
    """A forked program, with what ``subprocess.Popen`` has for one with three pipes."""

    def __init__(self, command: list[str], status: socket.socket, pipes: Sequence[int]) -> None:
        self._command = command
        self._status = status
        self.returncode: int | None = None
        self.stdin: IO[bytes] = os.fdopen(pipes[0], "wb")
        self.stdout: IO[bytes] = os.fdopen(pipes[1], "rb")
        self.stderr: IO[bytes] = os.fdopen(pipes[2], "rb")
        text, descriptors, _, _ = socket.recv_fds(status, 64, 1)
        if not descriptors:
            raise OSError("the fork server has ended: see its stderr")
        self.pid = int(text)
        (self._descriptor,) = descriptors

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code once it has ended; raises ``subprocess.TimeoutExpired``."""
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self._command, timeout or 0)
            self.returncode = int(self._status.recv(64) or -signal.SIGKILL)
            self._status.close()
            os.close(self._descriptor)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send that signal, unless it is known to have ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, input: bytes | None, timeout: float) -> tuple[bytes, bytes]:
        """Give it that input, and collect its output to the end; kills it where time is up."""
        found: dict[IO[bytes], bytes] = {}

        def read(stream: IO[bytes]) -> None:
            found[stream] = stream.read()

        def write() -> None:
            with contextlib.suppress(BrokenPipeError), self.stdin as stream:
                stream.write(input or b"")

        work = [threading.Thread(target=read, args=(one,)) for one in (self.stdout, self.stderr)]
        work.append(threading.Thread(target=write))
        for one in work:
            one.start()
        try:
            self.wait(timeout)
        except BaseException:
            self.kill()
            raise
        finally:
            for one in work:
                one.join()
            self.stdout.close()
            self.stderr.close()
        return found[self.stdout], found[self.stderr]


class _Server:
    """One fork server and the way to it."""

    def __init__(self) -> None:
        self._env = _early(os.environ)
        self._lock = threading.Lock()
        self._messages, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.fork_server", str(number)],
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[number],
                start_new_session=True,
            )

    def takes(self, env: Mapping[str, str]) -> bool:
        """Whether what it has imported is what a program with that environment would import."""
        return _early(env) == self._env

    def start(self, command: list[str], cwd: Path, env: Mapping[str, str]) -> Forked:
        """Run ``python COMMAND``."""
        message = {"command": command, "cwd": str(cwd), "env": dict(env)}
        text = json.dumps(message).encode()
        assert len(text) < MESSAGE_BYTES
        (stdin, to), (out, stdout), (err, stderr) = os.pipe(), os.pipe(), os.pipe()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, self._lock:
            socket.send_fds(self._messages, [text], [theirs.fileno(), stdin, stdout, stderr])
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)
        return Forked(command, ours, (to, out, err))

    def end(self) -> None:
        """End it and whatever it still runs."""
        self._messages.close()
        self._process.wait()


_server: _Server | None = None


def forked(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Forked | None:
    """Start that command by fork; None where it has to be started in the usual way."""
    global _server
    python, *rest = command
    if not hasattr(os, "pidfd_open") or python != sys.executable or rest[:2] not in _PROGRAMS:
        return None
    if _server is None:
        _server = _Server()
    return _server.start(rest, cwd, env) if _server.takes(env) else None


def end() -> None:
    """End the fork server, where there is one."""
    global _server
    if _server is not None:
        _server.end()
        _server = None


def _early(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if not name.startswith(_READ_LATE)}
