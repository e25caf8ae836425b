"""``device show``: all that is known, typed, and never a secret."""

from __future__ import annotations

from pathlib import Path

from mdmcore.records import InventoryValue
from mdmcore.store import Database
from tests.cli.device.support import DEVICE, Cli, enroll
from tests.store.samples import NOW, account, certificate

VALUES = (
    InventoryValue(uri="./DevDetail/LrgObj", value="false", format="bool", read=NOW),
    InventoryValue(uri="./DevDetail/SwV", value="8.10.14219\x1b[2J", read=NOW),
    InventoryValue(uri="./Vendor/MSFT", value="A/B", format="node", read=NOW),
    InventoryValue(uri="./Vendor/MSFT/RemoteLock/NewPINValue", value="4711", read=NOW),
)


def test_json_has_everything_typed(store: Database, cli: Cli) -> None:
    enroll(store, "wp81", *VALUES)
    job = store.queue_job(account(1, device_id=DEVICE), "lock", NOW)
    found = cli.json("show", "DEVICE-1")
    assert {value["uri"]: value["value"] for value in found["values"]} == {
        "./DevDetail/LrgObj": False,
        "./DevDetail/SwV": "8.10.14219\x1b[2J",
        "./Vendor/MSFT": ["A", "B"],
        "./Vendor/MSFT/RemoteLock/NewPINValue": "***",
    }
    assert found["certificate"]["until"] == certificate(1).not_after.isoformat()
    assert found["certificate"]["serial"] == "1"
    assert found["session"]["session_id"] == "1A"
    assert found["session"]["is_closed"] is True
    assert [waits["id"] for waits in found["waiting"]] == [job.id]
    assert (found["device_id"], found["profile"], found["status"]) == (DEVICE, "wp81", "enrolled")
    secret = cli.json("show", DEVICE, "--show-secrets")["values"][3]
    assert secret["value"] == "4711"


def test_text_is_for_people_and_their_terminals(store: Database, cli: Cli) -> None:
    enroll(store, "wp81", *VALUES)
    store.queue_job(account(1, device_id=DEVICE), "lock", NOW)
    out = cli.out("show", "DEVICE-1")
    assert out.splitlines()[0] == "DEVICE-1  enrolled since 2026-11-23 12:00 UTC"
    assert "  session       1A at 2026-11-23 12:00 UTC, ended\n" in out
    assert "  ./DevDetail/LrgObj = false  (2026-11-23 12:00 UTC)\n" in out
    assert "  ./Vendor/MSFT = A, B  (" in out
    assert "\x1b" not in out
    assert "waiting jobs: 1\n  1: lock queued\n" in out


def test_a_device_that_never_came(store: Database, cli: Cli, tmp_path: Path) -> None:
    store.enroll(account(1), certificate(1))
    file = tmp_path / "device.txt"
    assert cli.out("show", "DEVICE-1", "-o", str(file)) == ""
    text = file.read_text()
    assert "device id     not seen yet" in text
    assert "session       -" in text
    assert "values: none yet\nwaiting jobs: none\n" in text
    assert "no device 'nobody'" in cli.error("show", "nobody")
