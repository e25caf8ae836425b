"""Recordings of real proxies: what a kill leaves, what a second run adds, what is refused.

A flow is in the file before the device has its answer, unless that streams: so each test kills the
proxy at a moment that a device has seen, and nothing depends on how fast anybody is.
"""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.curl import Curl
from tests.support.processes import Process, run
from tests.support.proxy import write_hub

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
DISCOVERY = "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"
HUB = "https://mdm.example.test/CompanyHub/hub.xap"


@contextmanager
def recording(folder: Path, *command: str | Path) -> Iterator[tuple[Process, Curl]]:
    """A proxy that records, until it is killed or ended."""
    with Process(
        [
            *(*MDMPROXY, *command, "--listen-port", "0", "--confdir", folder / "conf"),
            *("--state", folder / "state", "--record", folder / "a.mitm"),
        ]
    ) as process:
        port = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        yield process, Curl(port=int(port), confdir=folder / "conf", folder=folder)
    assert "Traceback" not in process.output


def analyzed(path: Path) -> tuple[int, dict[str, Any], str]:
    """Exit code, document and complaints of ``analyze``."""
    done = run([*MDMPROXY, "analyze", path, "--format", "json", "--fail-on", "never"])
    return done.returncode, json.loads(done.stdout), done.stderr.decode()


def summaries(path: Path) -> list[str]:
    code, document, complaints = analyzed(path)
    assert (code, complaints) == (0, "")
    return [one["summary"] for one in document["exchanges"]]


PROBE = "Discovery probe -> 200"


def test_a_killed_proxy_has_recorded_whatever_it_answered(tmp_path: Path) -> None:
    for number in (1, 2):
        with recording(tmp_path, "emulate") as (process, curl):
            assert curl(DISCOVERY).status == 200
            process.interrupt(signal.SIGKILL)
        assert summaries(tmp_path / "a.mitm") == [PROBE] * number
    assert f"{tmp_path / 'a.mitm'} has 1 flow already; what comes is added" in process.output


def test_a_kill_while_an_answer_is_awaited_costs_that_exchange_alone(tmp_path: Path) -> None:
    asked = threading.Event()

    def wait_for_ever(listener: socket.socket) -> None:
        for number in range(2):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                if number == 0:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    continue
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun")
                asked.set()
                with contextlib.suppress(ConnectionResetError):
                    connection.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=wait_for_ever, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/EnrollmentServer/Discovery.svc"
        with recording(tmp_path, "inspect") as (process, curl):
            assert curl(url).status == 200
            waiting = threading.Thread(target=curl, args=(url,))
            waiting.start()
            assert asked.wait(30)
            process.interrupt(signal.SIGKILL)
            waiting.join()
        thread.join()
    assert summaries(tmp_path / "a.mitm") == [PROBE]


def test_an_exchange_that_is_open_at_the_end_is_recorded_and_judged(tmp_path: Path) -> None:
    asked = threading.Event()

    def say_nothing(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            asked.set()
            with contextlib.suppress(ConnectionResetError):
                connection.recv(1)

    report = tmp_path / "live.json"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=say_nothing, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/EnrollmentServer/Discovery.svc"
        with recording(tmp_path, "inspect", "--report", report) as (process, curl):
            waiting = threading.Thread(target=curl, args=(url,))
            waiting.start()
            assert asked.wait(30)
            assert process.interrupt() == 0
            waiting.join()
        thread.join()
    live = json.loads(report.read_text("utf-8"))
    said = [one["summary"] for one in live["exchanges"]]
    assert said == summaries(tmp_path / "a.mitm") == ["Discovery probe -> Client disconnected."]


def test_a_kill_in_the_middle_of_a_download(tmp_path: Path) -> None:
    package, aetx = write_hub(tmp_path)
    with recording(tmp_path, "emulate", "--hub", package, "--aetx", aetx) as (process, curl):
        # What streams is recorded behind its last byte, so the next answer is waited for.
        assert curl(HUB, "-r", "0-99").status == 206
        assert curl(DISCOVERY).status == 200
        slow = threading.Thread(target=curl, args=(HUB, "--limit-rate", "1k"))
        slow.start()
        process.interrupt(signal.SIGKILL)
        slow.join()
    first, second, *_ = summaries(tmp_path / "a.mitm")
    assert first.endswith("GET -> 206 0-99/1048576")
    assert second == PROBE


def test_an_end_that_was_cut_off_is_told_and_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.mitm"
    with recording(tmp_path, "emulate") as (process, curl):
        for _ in range(2):
            assert curl(DISCOVERY).status == 200
        process.interrupt(signal.SIGKILL)
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    code, document, complaints = analyzed(path)
    assert code == 2
    assert [one["summary"] for one in document["exchanges"]] == [PROBE]
    assert complaints.startswith(f"mdmproxy: error: {path}: the file ends inside this flow, 7 ")
    with recording(tmp_path, "emulate") as (process, curl):
        assert curl(DISCOVERY).status == 200
        assert process.interrupt() == 0
    assert f"warning: mdmproxy: the end of {path} was cut off" in process.output
    assert summaries(path) == [PROBE] * 2
    aside = (tmp_path / "a.mitm.broken-1").read_bytes()
    assert whole[:-7].endswith(aside)
    assert len(aside) > 1000


@pytest.mark.parametrize("command", ["emulate", "inspect"])
def test_another_file_is_refused_before_anything_starts(tmp_path: Path, command: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes\n", encoding="utf-8")
    done = run(
        [
            *(*MDMPROXY, command, "--record", path, "--listen-port", "0"),
            *("--state", tmp_path / "state", "--confdir", tmp_path / "conf"),
        ]
    )
    assert done.returncode == 2
    [line] = done.stderr.decode().splitlines()
    assert line.startswith(f"mdmproxy: error: {path}: this is no flow file and stays as it is; ")
    assert path.read_text("utf-8") == "my notes\n"


def test_two_proxies_do_not_record_to_one_file(tmp_path: Path) -> None:
    with recording(tmp_path, "emulate"):
        done = run([*MDMPROXY, "inspect", "--record", tmp_path / "a.mitm", "--listen-port", "0"])
    assert done.returncode == 2
    assert b"another mdmproxy records there; choose another file" in done.stderr


def test_a_mark_reaches_every_proxy_of_that_state(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with recording(tmp_path, "emulate") as (first, _):
        with Process(
            [
                *(*MDMPROXY, "inspect", "--listen-port", "0", "--confdir", other / "conf"),
                *("--state", tmp_path / "state", "--record", other / "a.mitm"),
            ]
        ) as second:
            second.wait_for(r"^mdmproxy: listening on ")
            done = run([*MDMPROXY, "mark", "both", "--state", tmp_path / "state"], fresh=True)
            assert done.returncode == 0, done.stderr
            # No exchange follows; both take it all the same.
            for process in (first, second):
                process.wait_for(r"mdm: MARK mark\.invalid/both -> 204 Mark: both; 0 errors$")
            assert second.interrupt() == 0
        assert first.interrupt() == 0
    for folder in (tmp_path, other):
        assert summaries(folder / "a.mitm") == ["Mark: both"]
    done = run([*MDMPROXY, "mark", "nobody", "--state", tmp_path / "state"])
    assert done.returncode == 2
    assert b"no proxy runs with this state" in done.stderr


def test_an_inspector_makes_no_ca(tmp_path: Path) -> None:
    with recording(tmp_path, "inspect") as (process, _):
        assert process.interrupt() == 0
    assert {path.name for path in (tmp_path / "state").iterdir()} == {
        "state.sqlite3",
        "running.lock",
    }
    (tmp_path / "file").write_bytes(b"")
    done = run([*MDMPROXY, "inspect", "--state", tmp_path / "file", "--listen-port", "0"])
    assert done.returncode == 2
    assert f"{tmp_path / 'file'}: cannot keep state there: " in done.stderr.decode()
