"""A server that takes the start of work for its end: its job is done, and nothing is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdmcore.records import QueueState
from mdmcore.syncml.model import SyncML
from tests.matrix.play import Stage
from tests.matrix.variations import STARTS_WORK
from tests.server.faults.lives import message_of


def states_and_gets(folder: Path, profile: str, *faults: str) -> tuple[list[QueueState], int]:
    """The job after one session, and how often its Status is read in the next two."""
    stage = Stage(folder, profile, *faults, settings=STARTS_WORK.settings)
    stage.enroll()
    stage.session()
    states = stage.job_states()
    stage.sessions(2)
    played = stage.close()
    answers = [
        message_of(one.response)
        for one in played.exchanges
        if one.response is not None and "syncml" in one.response.media_type
    ]
    return states, sum(_status_gets(message) for message in answers)


def _status_gets(message: SyncML) -> int:
    return sum(
        (item.target or "").endswith("/Status")
        for command in message.walk()
        for item in getattr(command, "items", ())
    )


@pytest.mark.parametrize("profile", ["wp8", "win10"])
def test_what_was_started_counts_as_done(profile: str, tmp_path: Path) -> None:
    for name in ("right", "spoilt"):
        (tmp_path / name).mkdir()
    assert states_and_gets(tmp_path / "right", profile) == ([QueueState.RUNNING], 2)
    spoilt = states_and_gets(tmp_path / "spoilt", profile, "async-exec-not-polled")
    assert spoilt == ([QueueState.DONE], 0)
