"""``device queue``: recipes and scenarios become jobs, or one line that says why not."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mdmcore.records import InventoryValue, ServerFacts
from mdmcore.store import Database
from tests.cli.device.support import DEVICE, Cli, enroll, waiting
from tests.store.samples import NOW
from tests.support.requirements import CHECKOUT

NS = {"s": "SYNCML:SYNCML1.2", "m": "syncml:metinf"}
EXAMPLE = CHECKOUT / "docs" / "examples" / "scenario.toml"


def commands(store: Database, number: int = -1) -> ET.Element:
    return ET.fromstring(waiting(store)[number].commands)


def uris(body: ET.Element) -> list[str]:
    return [found.text or "" for found in body.iterfind(".//s:Target/s:LocURI", NS)]


def test_a_recipe_is_queued_as_commands(store: Database, cli: Cli) -> None:
    enroll(store, "wp81")
    assert cli.out("queue", "DEVICE-1", "lock") == f"lock is queued for {DEVICE} (job 1)\n"
    body = commands(store)
    (command,) = body
    assert command.tag == "{SYNCML:SYNCML1.2}Exec"
    assert uris(body) == ["./Vendor/MSFT/RemoteLock/Lock"]
    assert "lock is queued for urn:one since" in cli.error("queue", DEVICE, "lock")
    cli.out("queue", DEVICE, "lock", "--again")
    assert len(waiting(store)) == 2


def test_values_reach_the_commands_and_are_kept(store: Database, cli: Cli) -> None:
    enroll(store)
    entry = cli.json("queue", DEVICE, "device-information", "detail=full")["jobs"][0]
    assert entry["values"] == {"detail": "full"}
    assert entry["state"] == "queued"
    assert "./DevInfo/Man" in uris(commands(store))


def test_the_server_of_the_state_is_meant(store: Database, cli: Cli) -> None:
    enroll(store)
    cli.out("queue", DEVICE, "unenroll")
    assert commands(store).findtext(".//s:Data", "", NS) == "MDMProxy"
    store.keep_server_facts(ServerFacts(provider_id="Ours"))
    cli.out("queue", DEVICE, "unenroll", "--again")
    assert commands(store).findtext(".//s:Data", "", NS) == "Ours"


def test_the_build_of_a_device_is_what_it_said(store: Database, cli: Cli) -> None:
    version = InventoryValue(uri="./DevDetail/SwV", value="10.0.10240.16384", read=NOW)
    enroll(store, "win10", version)
    line = cli.error("queue", DEVICE, "wipe-keep-user-data")
    assert "the device has 10240" in line


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("lock",), "lock is for wp81 and win10, not for wp8: there is no RemoteLock"),
        (("device-information", "detail=all"), "detail must be"),
        (("device-information", "x=1"), "device-information takes no 'x'"),
        (("lock", "--scenario", "x.toml"), "name a recipe or a --scenario"),
        (("--scenario", "missing.toml"), "missing.toml: no such file"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_queued(
    store: Database, cli: Cli, arguments: tuple[str, ...], reason: str
) -> None:
    enroll(store)
    assert reason in cli.error("queue", DEVICE, *arguments)
    assert waiting(store) == ()


def test_a_dry_run_shows_what_would_go_out(store: Database, cli: Cli, tmp_path: Path) -> None:
    enroll(store, "wp81")
    out = cli.out("queue", DEVICE, "lock", "--dry-run")
    assert uris(ET.fromstring(out)) == ["./Vendor/MSFT/RemoteLock/Lock"]
    file = tmp_path / "body.xml"
    assert cli.out("queue", DEVICE, "lock", "--dry-run", "-o", str(file)) == ""
    assert file.read_text() == out
    assert waiting(store) == ()


# --- scenarios ------------------------------------------------------------------------------


def scenario(tmp_path: Path, text: str) -> str:
    file = tmp_path / "scenario.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_the_example_is_queued_whole(store: Database, cli: Cli) -> None:
    enroll(store, "wp81")
    cli.out("queue", DEVICE, "--scenario", str(EXAMPLE))
    assert [job.recipe for job in waiting(store)] == ["device-information", "lock", "send"]
    body = commands(store)
    assert [child.tag.rpartition("}")[2] for child in body] == ["Replace", "Get"]
    assert body.findtext(".//s:Data", "", NS) == "True"


def test_a_scenario_may_need_the_hub_of_the_server(
    store: Database, cli: Cli, tmp_path: Path
) -> None:
    enroll(store)
    path = scenario(tmp_path, "[[jobs]]\nrecipe = 'hub-install'\nvalues = { version = '1.0' }\n")
    assert "$.jobs[0]: " in cli.error("queue", DEVICE, "--scenario", path)
    store.keep_server_facts(
        ServerFacts(
            provider_id="Ours",
            enterprise_id="77",
            hub_url="https://hub.test/a.xap",
            product_id="{B316008A-141D-4A79-810F-8B764C4CFDFB}",
        )
    )
    cli.out("queue", DEVICE, "--scenario", path)
    assert "https://hub.test/a.xap" in waiting(store)[0].commands


def test_jobs_for_others_are_left_out_and_told(store: Database, cli: Cli) -> None:
    enroll(store, "wp8")
    code, out, err = cli("queue", DEVICE, "--scenario", str(EXAMPLE), "--format", "json")
    assert code == 0
    assert [job["recipe"] for job in json.loads(out)["jobs"]] == ["device-information", "send"]
    assert err == f"mdmproxy: {EXAMPLE}: $.jobs[1]: not for wp8, left out\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[server]\nname = 'x'\n", "scenario.toml: no [[jobs]] in it"),
        ("[[jobs]]\nrecipe = 'lokc'\n", "$.jobs[0]: no recipe 'lokc'"),
        ("[[jobs]]\nrecipe = 'lock'\n", "$.jobs[0]: lock is for wp81 and win10, not for wp8"),
        ("[[jobs]]\n", "$.jobs[0]: give one of recipe and syncml"),
        ("[[jobs]]\nsyncml = 'none.xml'\n", "none.xml: no such file"),
        ("[[jobs]]\nrecipe = 'lock'\nname = 'x'\n", "$.jobs[0].name: no such key"),
    ],
)
def test_a_wrong_scenario_queues_nothing(
    store: Database, cli: Cli, tmp_path: Path, text: str, reason: str
) -> None:
    enroll(store)
    before = "[[jobs]]\nrecipe = 'device-information'\n" if "[[jobs]]" in text else ""
    path = scenario(tmp_path, text + before)
    assert reason in cli.error("queue", DEVICE, "--scenario", path)
    assert waiting(store) == ()


def test_a_scenario_for_others_alone_is_told(store: Database, cli: Cli, tmp_path: Path) -> None:
    enroll(store)
    path = scenario(tmp_path, "[[jobs]]\nrecipe = 'lock'\nprofiles = ['wp81']\n")
    code, out, err = cli("queue", DEVICE, "--scenario", path)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].endswith("none of its jobs is for wp8")
