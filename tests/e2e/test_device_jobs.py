"""Jobs for a device of a running emulator: queued by commands, done by a phone, shown again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mdmcore.cli.transport import HttpTransport
from mdmcore.phone.drive import run as drive
from mdmcore.phone.enrollment import enroll
from mdmcore.phone.management import sync
from mdmcore.phone.state import EnrolledPhone
from tests.e2e.test_emulate_command import MDMPROXY, SETTINGS, emulator, now
from tests.support.keys import load_key
from tests.support.processes import Process, run

pytestmark = pytest.mark.e2e

SCENARIO = """
[[jobs]]
recipe = "device-information"
[[jobs]]
recipe = "device-status"
profiles = ["win10"]
[[jobs]]
syncml = "entdmid.xml"
"""
ENT_DMID = "./Vendor/MSFT/DMClient/Provider/MDMProxy/EntDMID"
ENT_DMID_FILE = f"""<Replace><Item><Target><LocURI>{ENT_DMID}</LocURI></Target>
<Meta><Format xmlns="syncml:metinf">chr</Format></Meta><Data>asset-4711</Data></Item></Replace>
"""


def device(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """One ``mdmproxy device`` process: exit code, stdout, stderr."""
    done = run([*MDMPROXY, "device", *arguments, "--state", folder / "state"])
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def history(folder: Path, name: str) -> list[dict[str, Any]]:
    """The jobs of the device, the oldest first."""
    code, out, err = device(folder, "history", name, "--format", "json")
    assert (code, err) == (0, "")
    jobs: list[dict[str, Any]] = json.loads(out)["jobs"]
    return jobs[::-1]


def values_of(job: dict[str, Any]) -> dict[str, object]:
    return {result["uri"]: result["value"] for result in job["results"]}


@pytest.fixture
def syncing() -> Callable[[EnrolledPhone, HttpTransport], EnrolledPhone]:
    def one_session(phone: EnrolledPhone, transport: HttpTransport) -> EnrolledPhone:
        outcome = drive(sync(phone, random=os.urandom), transport)
        assert outcome.is_client_authenticated
        assert outcome.is_server_authenticated
        return outcome.phone

    return one_session


def test_jobs_from_the_queue_to_their_results(
    tmp_path: Path, syncing: Callable[[EnrolledPhone, HttpTransport], EnrolledPhone]
) -> None:
    (tmp_path / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    file = tmp_path / "entdmid.xml"
    file.write_text(ENT_DMID_FILE, encoding="utf-8")
    with emulator(tmp_path, "--config", tmp_path / "scenario.toml") as (process, transport):
        assert process.has_said("mdmproxy: 3 jobs for each device that enrols")
        phone = drive(
            enroll(SETTINGS, private_key=load_key("device"), random=os.urandom, clock=now),
            transport,
        )
        code, out, _ = device(tmp_path, "list", "--format", "json")
        name = json.loads(out)["devices"][0]["account"]

        # The scenario waits when the phone comes for the first time.
        assert [job["state"] for job in history(tmp_path, name)] == ["queued", "queued"]
        phone = syncing(phone, transport)
        information, written = history(tmp_path, name)
        assert (information["recipe"], information["state"]) == ("device-information", "done")
        assert values_of(information)["./DevInfo/Man"] == phone.settings.manufacturer
        assert values_of(information)["./DevDetail/LrgObj"] in (True, False)
        assert (written["recipe"], written["state"]) == ("send", "done")
        assert [result["code"] for result in written["results"]] == ["200"]

        # A running emulator sees what is queued beside it: three jobs in one session.
        for arguments in (
            ("send", name, "get", "./DevInfo/Lang"),
            ("send", name, "replace", "./DevInfo/Man", "--data", "x", "--force"),
            ("send", name, "--syncml", str(file)),
        ):
            code, out, _ = device(tmp_path, *arguments)
            assert (code, out.startswith("send is queued for ")) == (0, True)
        phone = syncing(phone, transport)
        got, refused, again = history(tmp_path, name)[2:]
        assert (got["state"], got["results"][0]["value"]) == ("done", phone.settings.language)
        assert (refused["state"], refused["results"][0]["code"]) == ("failed", "405")
        assert refused["outcome"].startswith("Replace ./DevInfo/Man: 405 command not allowed")
        assert again["state"] == "done"

        # A file is read back while the command waits.
        verify = [*MDMPROXY, "device", "verify", name, file, "--wait", "300"]
        with Process([*verify, "--state", tmp_path / "state"]) as waiting:
            waiting.wait_for("has 300 s to answer job")
            phone = syncing(phone, transport)
            assert waiting.wait() == 0
        assert "all 1 agree" in waiting.output

        code, out, err = device(tmp_path, "queue", name, "lock")
        assert (code, out) == (2, "")
        assert "lock is for wp81 and win10, not for wp8" in err
        code, out, _ = device(tmp_path, "show", name, "--format", "json")
        shown = json.loads(out)
        assert (code, shown["waiting"]) == (0, [])
        assert process.interrupt() == 0
