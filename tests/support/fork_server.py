"""A process that has imported mitmproxy and all of mdmcore, and forks for each program to run.

Started by ``tests.support.forks`` with the descriptor of a socket: ``python -m
tests.support.fork_server FD``. It has one thread and no event loop. Each message of that socket is
one program, with the ends of a status socket and of the three standard streams; on the status
socket goes back one byte with a descriptor of the child (pidfd), its process id, later its exit
code. What is forked has the arguments, folder, environment, streams and session of the program,
default signals, and leaves as Python leaves. When the message socket closes, or its other end
dies, every child that still runs is killed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

MESSAGE_BYTES = 1 << 17
"""The longest message: arguments and environment of one program."""

MITMDUMP = "from mitmproxy.tools.main import mitmdump; mitmdump()"
"""What mitmproxy's own console script does."""

_LAZY = ("mitmproxy.tools.main", "mitmproxy.tools.dump")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run: ``python COMMAND``, which begins with ``-m`` or ``-c``."""

    command: list[str]
    cwd: str
    env: dict[str, str]


def preload() -> None:
    """Import everything that a program may come to import."""
    import mdmcore

    for name in _LAZY:
        importlib.import_module(name)
    for found in pkgutil.walk_packages(mdmcore.__path__, "mdmcore."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)


def serve(messages: socket.socket) -> Program | None:
    """Fork for each message. Returns the program in a child, None when nobody is left to ask."""
    running: dict[int, tuple[int, socket.socket]] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(messages, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is not messages:
                    _report(ready, key.fd, *running.pop(key.fd))
                    continue
                text, given, _, _ = socket.recv_fds(messages, MESSAGE_BYTES, 4)
                if not text:
                    for child, _ in running.values():
                        os.kill(child, signal.SIGKILL)
                    for watched, (child, reports) in running.items():
                        _report(ready, watched, child, reports)
                    return None
                status, *streams = given
                child = os.fork()
                if child == 0:
                    _close(messages, *(one for _, one in running.values()))
                    for descriptor in (status, *running):
                        os.close(descriptor)
                    _take_streams(streams)
                    return Program(**json.loads(text))
                for descriptor in streams:
                    os.close(descriptor)
                watched = os.pidfd_open(child)
                reports = socket.socket(fileno=status)
                with contextlib.suppress(OSError):
                    socket.send_fds(reports, [b"%d\n" % child], [watched])
                running[watched] = child, reports
                ready.register(watched, selectors.EVENT_READ)


def _report(
    ready: selectors.BaseSelector, watched: int, child: int, reports: socket.socket
) -> None:
    """Say how that child ended."""
    _, status = os.waitpid(child, 0)
    with reports, contextlib.suppress(OSError):
        reports.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    ready.unregister(watched)
    os.close(watched)


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        one.close()


def _take_streams(given: list[int]) -> None:
    """Make these descriptors the standard streams, open as Python opens them."""
    for number, descriptor in enumerate(given):
        os.dup2(descriptor, number)
        os.close(descriptor)
    before = (sys.stdin, sys.stdout, sys.stderr)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = _stream(number, f"<{name}>", before[number])
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _stream(number: int, name: str, before: Any) -> Any:
    is_unbuffered = before.write_through
    mode = "w" if number else "r"
    raw: Any = io.FileIO(number, mode, closefd=False)
    raw.name = name
    if not number:
        buffer: Any = io.BufferedReader(raw)
    else:
        buffer = raw if is_unbuffered else io.BufferedWriter(raw)
    stream: Any = io.TextIOWrapper(
        buffer,
        encoding=before.encoding,
        errors=before.errors,
        newline="\n",
        line_buffering=not is_unbuffered and (number == 2 or raw.isatty()),
        write_through=is_unbuffered,
    )
    stream.mode = mode
    return stream


def run(program: Program) -> None:
    """Be that program; its exit is the caller's."""
    os.setsid()
    os.chdir(program.cwd)
    os.environ.clear()
    os.environ.update(program.env)
    kind, word, *arguments = program.command
    sys.orig_argv = [sys.executable, *program.command]
    sys.argv = [kind, *arguments]
    if not sys.flags.safe_path:
        sys.path[0] = os.getcwd() if kind == "-m" else ""
    if kind == "-m":
        runpy.run_module(word, run_name="__main__", alter_sys=True)
        return
    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    exec(compile(word, "<string>", "exec"), module.__dict__)


def main() -> None:
    """Serve until the other end is gone; in a child: run its program."""
    preload()
    assert threading.active_count() == 1, threading.enumerate()
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a native thread runs"
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as messages:
        program = serve(messages)
    if program is not None:
        run(program)


if __name__ == "__main__":
    main()
