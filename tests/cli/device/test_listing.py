"""``mdmproxy device``: what is listed, and a job that reaches the device of a running server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mdmcore.cli.main import run
from mdmcore.records import SessionState
from mdmcore.server import MdmServer
from mdmcore.store import Database
from tests.server.dm_device import Enrolled, next_nonce, send
from tests.store.samples import ACCOUNT, NOW, account, certificate
from tests.support import messages as m
from tests.support.certification_requests import build_request
from tests.support.server import FixedClock, make_server


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def server(tmp_path: Path, clock: FixedClock) -> Iterator[MdmServer]:
    """A server that goes on while the command looks at its state."""
    made, store = make_server(tmp_path, clock=clock)
    yield made
    store.close()


def device(tmp_path: Path, *arguments: str) -> int:
    return run(["device", *arguments, "--state", str(tmp_path)])


def listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert device(tmp_path, "list", "--format", "json") == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["devices"]
    return found


def sync(server: MdmServer, phone: Enrolled, session_id: str, more: str = "") -> bytes:
    """The first message of a session, and the answer to it."""
    body = m.syncml(
        m.PACKAGE_1 + more, cred=phone.cred(), loc_name=phone.name, session_id=session_id
    )
    answer = send(server, body)
    phone.nonce = next_nonce(answer)
    return ET.tostring(answer)


def test_a_device_leaves_step_by_step(
    server: MdmServer,
    clock: FixedClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    phone = Enrolled(server, build_request())
    assert device(tmp_path, "list") == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == f"{phone.name}  enrolled since 2026-11-23 12:00 UTC"
    assert "device id     not seen yet" in out
    assert "user          demo@example.test" in out
    assert "certificate   until 2027-11-23 12:00 UTC" in out
    assert "job           -" in out
    sync(server, phone, "1")
    assert device(tmp_path, "queue", phone.name[:8].lower(), "unenroll") == 0
    assert capsys.readouterr().out == f"unenroll is queued for {m.DEVICE_ID} (job 1)\n"

    clock.advance(hours=1)
    assert b"DMClient/Unenroll" in sync(server, phone, "2")
    device(tmp_path, "list")
    out = capsys.readouterr().out
    assert f"{phone.name}  unenrolling since 2026-11-23 13:00 UTC" in out
    assert "job           unenroll sent, sent 1 time\n" in out

    clock.advance(hours=1)
    assert b"DMClient/Unenroll" in sync(server, phone, "3")
    device(tmp_path, "list")
    out = capsys.readouterr().out
    assert f"{phone.name}  unenrolling since 2026-11-23 13:00 UTC" in out
    assert "sent 2 times: unenroll-no-effect" in out

    clock.advance(hours=1)
    sync(server, phone, "4", m.unenroll_alert())
    (entry,) = listed(tmp_path, capsys)
    assert (entry["status"], entry["unenrolled"]) == ("unenrolled", "2026-11-23T15:00:00+00:00")
    assert entry["job"]["state"] == "done"


def test_json_tells_everything_but_secrets(
    server: MdmServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phone = Enrolled(server, build_request())
    sync(server, phone, "1")
    (entry,) = listed(tmp_path, capsys)
    assert entry == {
        "account": phone.name,
        "device_id": m.DEVICE_ID,
        "user": "demo@example.test",
        "profile": "wp8",
        "device_type": "WindowsPhone",
        "status": "enrolled",
        "enrolled": "2026-11-23T12:00:00+00:00",
        "unenrolling_since": None,
        "unenrolled": None,
        "last_session": "2026-11-23T12:00:00+00:00",
        "certificate_until": "2027-11-23T12:00:00+00:00",
        "job": None,
    }
    assert phone.secret not in json.dumps(entry)


def bind(store: Database, number: int, device_id: str) -> None:
    session = SessionState(device_id=device_id, session_id="1", updated=NOW)
    store.save_message(session, account=account(number, device_id=device_id))


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("nobody", "no device 'nobody'"),
        ("DE", "no device 'DE'"),
        ("dev", "may be any of urn:two, urn:one"),
        ("urn:", "may be any of"),
        ("", "no device ''"),
    ],
)
def test_an_id_must_be_that_of_one_device(
    store: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    wanted: str,
    reason: str,
) -> None:
    for number, name in ((1, "urn:one"), (2, "urn:two")):
        store.enroll(account(number), certificate(number))
        bind(store, number, name)
    assert device(tmp_path, "queue", wanted, "unenroll") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line


def test_the_present_enrolment_of_a_device_is_meant(
    store: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.enroll(account(1), certificate(1))
    bind(store, 1, "urn:one")
    store.enroll(account(2), certificate(2, issued=NOW + timedelta(days=1)))
    bind(store, 2, "urn:one")
    assert device(tmp_path, "queue", "URN:ONE", "unenroll") == 0
    assert len(store.waiting_jobs("DEVICE-2", "urn:one")) == 1
    assert device(tmp_path, "queue", "DEVICE-1", "unenroll") == 2
    assert "is not enrolled any more" in capsys.readouterr().err
    assert device(tmp_path, "queue", "DEVICE-2", "unenroll") == 2
    assert "unenroll is queued for urn:one since" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("queue", "DEVICE-1", "lokc"), "no recipe 'lokc'; near to it: lock"),
        (("queue", "DEVICE-1", "unenroll", "a=b"), "unenroll takes no 'a'; it takes no values"),
        (("queue", "DEVICE-1", "lock", "pin"), "write a value as KEY=VALUE, not 'pin'"),
        (("queue", "DEVICE-1", "lock", "a=1", "a=2"), "a is given twice"),
        (("queue", "DEVICE-1"), "name a recipe or a --scenario"),
        (("queue",), "Missing argument"),
        (("nonsense",), "No such command"),
        ((), "Missing command"),
    ],
)
def test_bad_usage_is_one_line(
    store: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    reason: str,
) -> None:
    store.enroll(ACCOUNT, certificate(1))
    where = ("--state", str(tmp_path)) if arguments[:1] == ("queue",) else ()
    assert run(["device", *arguments, *where]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mdmproxy: error: ")
    assert reason in line


def test_a_folder_without_state_is_named_and_stays_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (("list",), ("queue", "x", "unenroll")):
        assert device(tmp_path, *command) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"{tmp_path}: no state of an emulated server" in line
    assert list(tmp_path.iterdir()) == []


def test_what_a_device_calls_itself_does_not_steer_the_terminal(
    store: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.enroll(account(1, username="\x1b[2Jevil"), certificate(1))
    bind(store, 1, "\x1b]0;x\x07")
    assert device(tmp_path, "list") == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\\x1b[2Jevil" in out


def test_an_empty_state_and_a_file(
    store: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.txt"
    assert device(tmp_path, "list", "-o", str(file)) == 0
    assert file.read_text() == "no device has enrolled\n"
    assert capsys.readouterr().out == ""


COMMANDS = ("list", "show", "recipes", "queue", "send", "verify", "history", "cancel")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["device", command, "--help"]) == 0
    assert f"Example: mdmproxy device {command}" in capsys.readouterr().out
