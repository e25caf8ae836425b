"""``device verify``: what a file writes is read back and compared."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mdmcore.cli.device import verify
from mdmcore.store import Database
from tests.cli.device.support import DEVICE, Cli, answer, enroll, result, waiting
from tests.store.samples import NOW, account

NS = {"s": "SYNCML:SYNCML1.2"}
DISABLE = "./Vendor/MSFT/Storage/Disable"
FILE = f"""<SyncBody xmlns="SYNCML:SYNCML1.2">
<Add><Item><Target><LocURI>./Vendor/MSFT/ActiveSync/Accounts/%7BA%7D</LocURI></Target>
  <Meta><Format xmlns="syncml:metinf">node</Format></Meta></Item></Add>
<Atomic>
  <Replace><Item><Target><LocURI>{DISABLE}</LocURI></Target><Data>False</Data></Item></Replace>
  <Replace><Meta><Format xmlns="syncml:metinf">bool</Format></Meta>
    <Item><Target><LocURI>./Device/Vendor/MSFT/Storage/Disable</LocURI></Target><Data>True</Data></Item>
    <Item><Target><LocURI>./X/Number</LocURI></Target>
      <Meta><Format xmlns="syncml:metinf">int</Format></Meta><Data>05</Data></Item></Replace>
</Atomic>
<Replace><Item><Target><LocURI>./SyncML/DMAcc/A/AppAuth/CLCRED/AAuthSecret</LocURI></Target>
  <Data>secret</Data></Item></Replace>
<Exec><Item><Target><LocURI>./Vendor/MSFT/RemoteWipe/doWipe</LocURI></Target></Item></Exec>
</SyncBody>"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "file.xml"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


def answered(store: Database, *values: str | None) -> None:
    """Let the device answer the Gets that wait; ``None``: 404."""
    (job,) = waiting(store)
    gets = ET.fromstring(job.commands).findall("s:Get", NS)
    results = [
        result(
            job.id,
            position,
            "Get",
            get.findtext(".//s:LocURI", "", NS),
            value=value,
            code="404" if value is None else "200",
        )
        for position, (get, value) in enumerate(zip(gets, values, strict=True))
    ]
    answer(store, job, *results)


def test_each_node_that_is_written_is_read_once(store: Database, cli: Cli, file: str) -> None:
    enroll(store)
    out = cli.out("verify", DEVICE, file)
    assert (
        out
        == f"job 1 is queued for {DEVICE}; later: mdmproxy device verify {DEVICE} {file} --job 1\n"
    )
    (job,) = waiting(store)
    gets = [uri.text for uri in ET.fromstring(job.commands).iterfind(".//s:LocURI", NS)]
    # The last value of a node counts, under the name it was last given.
    assert gets == [
        "./Vendor/MSFT/ActiveSync/Accounts/%7BA%7D",
        "./Device/Vendor/MSFT/Storage/Disable",
        "./X/Number",
    ]
    assert job.recipe == "verify"


def test_all_agree(store: Database, cli: Cli, file: str) -> None:
    enroll(store)
    cli.out("verify", DEVICE, file)
    answered(store, "Domain/UserName", "true", "5")
    out = cli.out("verify", DEVICE, file, "--job", "1")
    assert out == (
        "read by job 1 at 2026-11-23 12:00 UTC\n"
        "  same    ./Vendor/MSFT/ActiveSync/Accounts/%7BA%7D (exists)\n"
        "  same    ./Device/Vendor/MSFT/Storage/Disable (bool)\n"
        "  same    ./X/Number (number)\n"
        "all 3 agree\n"
    )
    assert [row["equal"] for row in cli.json("verify", DEVICE, file, "--job", "1")["nodes"]] == [
        True
    ] * 3


def test_what_differs_is_shown_and_is_exit_code_1(store: Database, cli: Cli, file: str) -> None:
    enroll(store)
    cli.out("verify", DEVICE, file)
    answered(store, None, "False\x1b", "5")
    code, out, _ = cli("verify", DEVICE, file, "--job", "1", "--compare", "raw")
    assert code == 1
    assert out.splitlines()[1:] == [
        "  DIFFERS ./Vendor/MSFT/ActiveSync/Accounts/%7BA%7D (exists)",
        "    404 Not found",
        "  DIFFERS ./Device/Vendor/MSFT/Storage/Disable (raw)",
        "    expected True",
        "    found    False\\x1b",
        "  DIFFERS ./X/Number (raw)",
        "    expected 05",
        "    found    5",
        "3 of 3 differ",
    ]


def test_it_waits_for_the_device(
    store: Database, cli: Cli, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    enroll(store)
    pauses: list[None] = []

    def pause() -> None:
        pauses.append(None)
        if len(pauses) == 2:
            answered(store, "", "True", "5")

    monkeypatch.setattr(verify, "_pause", pause)
    code, out, err = cli("verify", DEVICE, file, "--wait", "60")
    assert (code, out.splitlines()[-1]) == (0, "all 3 agree")
    assert err == f"mdmproxy: {DEVICE} has 60 s to answer job 1\n"
    assert len(pauses) == 2


def test_a_device_that_does_not_come_in_time(
    store: Database, cli: Cli, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    enroll(store)
    times = iter((0.0, 0.5, 1.5))
    monkeypatch.setattr(verify, "_seconds", lambda: next(times))
    monkeypatch.setattr(verify, "_pause", lambda: None)
    code, out, err = cli("verify", DEVICE, file, "--wait", "1")
    assert (code, out) == (2, "")
    line = err.splitlines()[-1]
    assert "job 1 is queued after 1 s; later: mdmproxy device verify" in line


def test_a_job_of_another_kind_or_device_is_refused(store: Database, cli: Cli, file: str) -> None:
    enroll(store)
    store.queue_job(account(1, device_id=DEVICE), "lock", NOW)
    assert "job 1 did not read back anything" in cli.error("verify", DEVICE, file, "--job", "1")
    assert "no job 7" in cli.error("verify", DEVICE, file, "--job", "7")


def test_a_file_that_writes_nothing_is_refused(store: Database, cli: Cli, tmp_path: Path) -> None:
    enroll(store)
    path = tmp_path / "gets.xml"
    path.write_text("<Get><Item><Target><LocURI>./A</LocURI></Target></Item></Get>")
    line = cli.error("verify", DEVICE, str(path))
    assert re.search(r"gets\.xml: no Add or Replace of a node that can be read back", line)
