"""A scenario's jobs for one device: made, left out, or kept with the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.errors import ConfigError
from mdmcore.records import PlannedJob, ServerFacts
from mdmcore.server.planning import WantedJob, plan_job, plan_jobs, recipe_context, shown_values
from mdmcore.syncml.model import Command, Item
from tests.support.server import counted_random

FACTS = ServerFacts(
    provider_id="Ours", enterprise_id="77", hub_url="https://h.test/a.xap", product_id="{A}"
)


def get(uri: str) -> WantedJob:
    return WantedJob(commands=(Command(name="Get", cmd_id="", items=(Item(target=uri),)),))


WP81 = recipe_context(FACTS, profile="wp81", version="", random=counted_random())
WP8 = replace(WP81, profile="wp8")


def test_a_device_is_described_for_recipes() -> None:
    assert (WP81.provider_id, WP81.enterprise_id, WP81.product_id) == ("Ours", "77", "{A}")
    assert WP81.hub_url == "https://h.test/a.xap"
    one, two = WP81.new_guid(), WP81.new_guid()
    assert one != two
    assert [len(part) for part in one.split("-")] == [8, 4, 4, 4, 12]


@pytest.mark.parametrize(
    ("version", "build"),
    [
        ("10.0.19043.985", 19043),
        ("10.0.22631", 22631),
        ("10.0.10586.0 ", 10586),
        ("8.10.14219.341", None),
        ("6.3.9600", None),
        ("10.0.x.1", None),
        ("", None),
    ],
)
def test_only_windows_10_has_a_build(version: str, build: int | None) -> None:
    made = recipe_context(FACTS, profile="win10", version=version, random=counted_random())
    assert made.build == build


def test_a_recipe_is_made_for_the_device() -> None:
    job = plan_job(WantedJob(recipe="selective-wipe"), WP81)
    assert job.recipe == "unenroll"
    assert "./Vendor/MSFT/DMClient/Unenroll" in job.commands
    assert "<Data>Ours</Data>" in job.commands


def test_what_a_device_cannot_do_is_an_error() -> None:
    with pytest.raises(ConfigError, match="lock is for wp81 and win10, not for wp8"):
        plan_job(WantedJob(recipe="lock"), WP8)


def test_commands_are_checked_unless_forced() -> None:
    wrong = get("/DevInfo/Man")
    with pytest.raises(ConfigError, match=r"LocURI.*\(/SyncBody/Get\[1\]/Item\)"):
        plan_job(wrong, WP8)
    assert "/DevInfo/Man" in plan_job(replace(wrong, is_forced=True), WP8).commands
    assert plan_job(get("./DevInfo/Man"), WP8).recipe == "send"


def test_a_scenario_becomes_jobs_in_its_order() -> None:
    wanted = (
        get("./DevInfo/Man"),
        WantedJob(recipe="lock"),
        WantedJob(recipe="device-status", profiles=("win10",)),
        WantedJob(recipe="unenroll", profiles=("wp8", "wp81")),
    )
    assert [job.recipe for job in plan_jobs(wanted, WP81)] == ["send", "lock", "unenroll"]
    send, lock, unenroll = plan_jobs(wanted, WP8)
    assert lock == PlannedJob(recipe="lock", problem=lock.problem)
    assert lock.problem.startswith("not queued: lock is for wp81 and win10, not for wp8")
    assert not send.problem
    assert not unenroll.problem


def test_values_are_kept_as_they_may_be_shown() -> None:
    values = (("detail", "full"),)
    assert shown_values("info", values) == values
    assert shown_values("info", (("detail", "x" * 5000),)) == (("detail", "(5000 characters)"),)
