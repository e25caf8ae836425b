"""Mistakes of the enrolment legs below their messages, where they matter beyond one answer."""

from __future__ import annotations

from pathlib import Path

from tests.matrix.lives import tries_again_and_again
from tests.matrix.play import Stage


def test_whoever_tries_again_fails_in_the_last_step_each_time(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "wp8", "enroll-attempt-loop")
    tries_again_and_again(stage)
    played = stage.close()
    assert [one.place for one in played.refused] == ["status 503"] * 5
    assert stage.phone is None
    (found,) = [one for one in played.findings if one.rule == "enroll-attempt-loop"]
    assert "5 attempts" in found.message
