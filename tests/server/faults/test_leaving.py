"""Mistakes about leaving: what the server says in the sessions after, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mdmcore.phone import EnrolledPhone
from mdmcore.syncml.model import Command, SyncML
from mdmcore.syncml.wire import decode_body
from tests.matrix.lives import tells_of_a_job, told_to_leave
from tests.matrix.play import Stage
from tests.matrix.played import Played

type Life = Callable[[Stage], None]


def lived(
    folder: Path, life: Life, fault: str, profile: str = "win10", **phone: Any
) -> tuple[Played, EnrolledPhone | None]:
    """What came of that life, and the device at its end."""
    stage = Stage(folder, profile, *([fault] if fault else []), **phone)
    life(stage)
    return stage.close(), stage.phone


def told(played: Played) -> dict[str, list[SyncML]]:
    """The server's messages by session."""
    found: dict[str, list[SyncML]] = {}
    for exchange in played.exchanges:
        response = exchange.response
        if response is None or "syncml" not in response.media_type:
            continue
        message, _ = decode_body(response.body or b"", response.headers, strict=False)
        found.setdefault(message.header.session_id, []).append(message)
    return found


def orders(played: Played) -> list[int]:
    """How often each session brought Unenroll."""
    return [
        sum(
            isinstance(one, Command) and one.name == "Exec"
            for message in messages
            for one in message.commands
        )
        for messages in told(played).values()
    ]


@pytest.mark.parametrize(("fault", "expected"), [("", [0, 1, 0]), ("x", [0, 1, 1])])
def test_a_device_that_has_left_is_told_again(
    fault: str, expected: list[int], tmp_path: Path
) -> None:
    name = "unenroll-waits-for-status" if fault else ""
    played, phone = lived(tmp_path, told_to_leave, name)
    assert orders(played) == expected
    assert phone is not None
    assert phone.is_unenrolled


@pytest.mark.parametrize(("fault", "expected"), [("", [0, 1, 1, 0]), ("x", [0, 1, 1, 1])])
def test_a_device_that_stays_is_told_in_each_session(
    fault: str, expected: list[int], tmp_path: Path
) -> None:
    name = "unenroll-waits-for-status" if fault else ""
    played, _ = lived(tmp_path, told_to_leave, name, "wp8", ignores_unenroll=True)
    assert orders(played) == expected
    assert ("unenroll-waits-for-status" in played.rules()) is bool(fault)


def test_the_door_is_closed_from_the_next_session_on(tmp_path: Path) -> None:
    played, phone = lived(
        tmp_path, told_to_leave, "unenroll-endpoint-closed", ignores_unenroll=True
    )
    statuses = [one.response.status for one in played.exchanges if one.response is not None]
    assert statuses[-2:] == [410, 410]
    assert 410 not in statuses[:-2]
    assert [one.stage for one in played.refused] == ["session 3", "session 4"]
    assert phone is not None
    assert not phone.is_unenrolled


def test_a_device_that_was_not_told_to_leave_finds_the_door_open(tmp_path: Path) -> None:
    played, _ = lived(tmp_path, Stage.life, "unenroll-endpoint-closed")
    assert played.refused == []


def test_a_device_that_told_of_a_job_is_a_stranger_from_then_on(tmp_path: Path) -> None:
    played, phone = lived(tmp_path, tells_of_a_job, "unenroll-by-code-only", "wp8")
    assert [(one.stage, one.place) for one in played.refused] == [("session 3", "status 404")]
    assert phone is not None
    _, second = told(played).values()
    assert not [one for message in second for one in message.commands if isinstance(one, Command)]


def test_an_unenrolment_is_none_of_that_mistake(tmp_path: Path) -> None:
    played, phone = lived(tmp_path, told_to_leave, "unenroll-by-code-only")
    assert played.refused == []
    assert phone is not None
    assert phone.is_unenrolled
