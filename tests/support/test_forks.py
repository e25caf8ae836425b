"""A forked program is the one that would have been started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import forks
from tests.support.fork_server import MITMDUMP
from tests.support.forks import Forked, forked
from tests.support.processes import Process, run
from tests.support.requirements import CHECKOUT

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="nothing is forked there"),
]

MDMPROXY = [sys.executable, "-m", "mdmcore"]
SCRIPTED = [sys.executable, "-c", MITMDUMP, "-n", "-q", "-s"]

SHOW = """
import asyncio, gc, locale, os, random, signal, sys, threading, warnings
from mitmproxy import ctx

print(sys.argv, sys.orig_argv, sys.path, os.getcwd(), __name__, "__main__" in sys.modules)
print(sys.flags, warnings.filters, gc.isenabled(), locale.setlocale(locale.LC_ALL))
print([signal.getsignal(number).__class__ for number in signal.valid_signals()])
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), os.umask(0))
for one in (sys.stdin, sys.stdout, sys.stderr):
    print(one.name, one.mode, one.encoding, one.errors, one.line_buffering, one.write_through)
    print(one.fileno(), one.buffer.__class__, one.buffer.mode, one.buffer.name, one.isatty())
print(sorted((k, v) for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"))
print([threading.current_thread().name, threading.active_count()])
print([os.readlink(f"/proc/self/fd/{n}").partition(":")[0] for n in os.listdir("/proc/self/fd")
       if int(n) < 3])
print("read:", sys.stdin.read())
print("an error", file=sys.stderr)


class End:
    def running(self):
        ctx.master.shutdown()


addons = [End()]
"""
"""A mitmproxy script that tells what a program can know of how it was started."""

RANDOM = """
import os, random, sys, uuid
print(random.random(), os.urandom(8).hex(), uuid.uuid4())
print(sorted(int(n) for n in os.listdir("/proc/self/fd")))
sys.stdout.flush()
os.kill(os.getpid(), 9)
"""


def test_a_program_sees_what_it_would_see(tmp_path: Path) -> None:
    script = tmp_path / "show.py"
    script.write_text(SHOW)
    command = [*SCRIPTED, str(script), "--set", f"confdir={tmp_path}"]
    both = [run(command, cwd=tmp_path, input=b"\xc3\xa4b\r\nc", fresh=f) for f in (True, False)]
    started, found = ((one.returncode, one.stdout.decode(), one.stderr) for one in both)
    assert found[1].splitlines() == started[1].splitlines()
    assert found == started
    assert "read: \xe4b\r\nc" in found[1]


def test_programs_share_no_randomness_and_no_descriptors(tmp_path: Path) -> None:
    script = tmp_path / "random.py"
    script.write_text(RANDOM)
    command = [*SCRIPTED, str(script), "--set", f"confdir={tmp_path}"]
    with Process([*MDMPROXY, "emulate", "--listen-port", "0", "--state", tmp_path / "s"]) as other:
        other.wait_for("listening")
        done = [run(command), run(command), run(command, fresh=True)]
    assert [one.returncode for one in done] == [-signal.SIGKILL] * 3
    told = [one.stdout.decode().splitlines() for one in done]
    assert len({word for line, _ in told for word in line.split()}) == 9
    assert len({descriptors for _, descriptors in told}) == 1


def test_our_command_answers_as_ever() -> None:
    for words in (["--version"], ["criteria", "-"], ["rules", "--nonsense"]):
        started, found = (run([*MDMPROXY, *words], input=b"x", fresh=f) for f in (True, False))
        assert (found.returncode, found.stdout, found.stderr) == (
            *(started.returncode, started.stdout),
            started.stderr,
        )


def emulate(folder: Path) -> Forked:
    """A running emulator."""
    words = ["emulate", "--listen-port", "0", "--state", str(folder), "--confdir", str(folder)]
    found = forked([*MDMPROXY, *words], cwd=CHECKOUT, env=os.environ)
    assert found is not None
    while b"listening" not in found.stderr.readline():
        assert found.poll() is None
    return found


def close(process: Forked) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


def test_it_is_watched_and_signalled_like_any_other(tmp_path: Path) -> None:
    process = emulate(tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert process.poll() == 0
    process.kill()  # it is too late, and no other process is hit
    close(process)


def test_none_outlives_the_server(tmp_path: Path) -> None:
    process = emulate(tmp_path)
    forks.end()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    assert process.wait(60) == -signal.SIGKILL
    close(process)


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        ([sys.executable, "-c", "print()"], "MDMPROXY_PASSWORD"),
        ([sys.executable, "-m", "mdmcore.cli"], "MDMPROXY_PASSWORD"),
        (["python", "-m", "mdmcore"], "MDMPROXY_PASSWORD"),
        (MDMPROXY, "NO_COLOR"),
        (MDMPROXY, "PYTHONHASHSEED"),
    ],
)
def test_what_could_differ_is_not_forked(command: list[str], variable: str) -> None:
    env = {**os.environ, variable: "1"}
    assert forked(command, cwd=CHECKOUT, env=env) is None
