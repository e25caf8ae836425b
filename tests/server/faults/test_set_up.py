"""Mistakes about what a session sets up: each order goes out once, something is then missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mdmcore.phone import VirtualClock, live, run
from mdmcore.server.planning import WantedJob
from mdmcore.syncml.model import Command
from tests.matrix.play import Stage
from tests.matrix.played import Played
from tests.matrix.statuses import codes_of
from tests.server.faults.test_leaving import told

PUSH = WantedJob(recipe="push-channel", values=(("pfn", "Example.Other_1a2b3c4d5e6f7"),))
RELEASE = WantedJob(recipe="finish-setup")


def lived(
    folder: Path, fault: str, *jobs: WantedJob, profile: str = "win10", **phone: Any
) -> Stage:
    """Three sessions of a device with these jobs."""
    stage = Stage(folder, profile, fault, settings={"jobs": jobs}, **phone)
    stage.enroll()
    stage.sessions()
    stage.close()
    return stage


def commands(played: Played, leaf: str) -> list[tuple[str, str]]:
    """Name and target of the server's commands about nodes that end so."""

    def found() -> Iterator[tuple[str, str]]:
        for messages in told(played).values():
            for command in (one for message in messages for one in message.walk()):
                if isinstance(command, Command):
                    targets = (item.target or "" for item in command.items)
                    yield from ((command.name, one) for one in targets if one.endswith(leaf))

    return list(found())


def test_push_is_set_up_once_and_its_channel_never_read(tmp_path: Path) -> None:
    stage = lived(tmp_path, "push-channel-not-refreshed", PUSH)
    assert commands(stage.played, "Push/ChannelURI") == []
    assert [name for name, _ in commands(stage.played, "Push/PFN")] == ["Add", "Add"]
    assert ("Get", "./Vendor/MSFT/DMClient/Provider/MDMProxy/Push/Status") in commands(
        stage.played, "Push/Status"
    )
    assert stage.phone is not None
    assert stage.phone.device.push is not None


def test_the_channel_that_nobody_reads_is_another_after_half_a_month(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "win10", "push-channel-not-refreshed")
    stage.enroll()
    stage.sessions(1)
    assert stage.phone is not None
    first = stage.phone.device.push
    assert first is not None
    clock, until = VirtualClock(stage.clock.now), first.opened + timedelta(days=16)
    steps = live(stage.phone, clock=clock, until=until, random=stage.random)
    later = run(steps, stage.answer).phone.device.push
    stage.close()
    assert later is not None
    assert later.uri != first.uri
    shown = [one.response.body or b"" for one in stage.played.exchanges if one.response is not None]
    assert not any(b"Push/ChannelURI" in body for body in shown)


def test_the_status_page_is_armed_once_and_its_release_only_read(tmp_path: Path) -> None:
    stage = lived(tmp_path, "esp-never-released", RELEASE)
    assert [name for name, _ in commands(stage.played, "TimeOutUntilSyncFailure")] == ["Add"]
    releases = commands(stage.played, "ServerHasFinishedProvisioning")
    assert [name for name, _ in releases] == ["Get"]
    assert stage.phone is not None
    (page,) = stage.phone.device.status_pages
    assert page.released is None
    assert page.outcome(page.armed) == "2"
    assert page.outcome(page.ends) == "0"


def test_the_release_of_the_user_is_sent_once_whatever_comes(tmp_path: Path) -> None:
    stage = lived(tmp_path, "esp-release-not-acked", oobe_sessions=2)
    assert commands(stage.played, "ServerHasFinishedProvisioning") == [
        (
            "Replace",
            "./User/Vendor/MSFT/DMClient/Provider/MDMProxy/FirstSyncStatus/"
            "ServerHasFinishedProvisioning",
        )
    ]
    assert "405" in codes_of(stage.played.exchanges)


@pytest.mark.parametrize("profile", ["wp8", "win10"])
def test_the_account_moves_after_the_first_session(profile: str, tmp_path: Path) -> None:
    stage = lived(tmp_path, "dm-post-not-to-addr", profile=profile)
    urls = [one.request.url for one in stage.played.exchanges if "MDM.svc" in one.request.url]
    hosts = list(dict.fromkeys(url.split("/")[2] for url in urls))
    assert hosts == ["mdm.example.test", "enterpriseenrollment.example.test"]
    assert len(commands(stage.played, "/Addr")) == 1
    assert stage.played.refused == []
