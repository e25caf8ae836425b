"""A state with one device in it, and what that device answers, for tests of ``device``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mdmcore.cli.main import run
from mdmcore.records import InventoryValue, JobResult, QueuedJob, QueueState, SessionState
from mdmcore.store import Database
from tests.store.samples import NOW, account, certificate

DEVICE = "urn:one"


def enroll(store: Database, profile: str = "wp8", *values: InventoryValue) -> None:
    """One device that has had its first session."""
    store.enroll(account(1, profile=profile), certificate(1))
    session = SessionState(
        device_id=DEVICE,
        session_id="1A",
        started=NOW,
        updated=NOW,
        is_closed=True,
        is_client_authenticated=True,
    )
    bound = account(1, profile=profile, device_id=DEVICE, last_session=NOW)
    store.save_message(session, account=bound, inventory=values)


def answer(store: Database, job: QueuedJob, *results: JobResult, outcome: str = "") -> None:
    """Let the device answer the job."""
    state = QueueState.FAILED if outcome else QueueState.DONE
    ended = replace(job, state=state, outcome=outcome, attempts=1, sent=NOW, ended=NOW)
    session = SessionState(device_id=DEVICE, session_id="2", started=NOW, updated=NOW)
    store.save_message(session, jobs=(ended,), results=results)


def result(job: int, position: int, command: str, uri: str, **others: object) -> JobResult:
    """One answer; 200 unless given."""
    values: dict[str, object] = {"job": job, "position": position, "command": command, "uri": uri}
    return JobResult(**(values | {"code": "200", "at": NOW} | others))  # type: ignore[arg-type]


def waiting(store: Database) -> tuple[QueuedJob, ...]:
    return store.waiting_jobs("DEVICE-1", DEVICE)


class Cli:
    """``mdmproxy device`` on that state."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        self._capsys.readouterr()
        code = run(["device", *arguments, "--state", str(self.folder)])
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err

    def out(self, *arguments: str) -> str:
        """What a command prints that does what it is told."""
        code, out, err = self(*arguments)
        assert (code, err) == (0, "")
        return out

    def json(self, *arguments: str) -> Any:
        return json.loads(self.out(*arguments, "--format", "json"))

    def error(self, *arguments: str) -> str:
        """The one line of a command that is refused."""
        code, out, err = self(*arguments)
        assert (code, out) == (2, "")
        (line,) = err.splitlines()
        assert line.startswith("mdmproxy: error: ")
        return line
