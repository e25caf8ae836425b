"""``mdmproxy mark``: what it notes, and what it says where nobody would see it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from mdmcore.cli.main import run
from mdmcore.mitm.marks import RUNNING_NAME, prepare_folder
from mdmcore.mitm.state import DATABASE_NAME
from mdmcore.platform import hold_together
from mdmcore.store.marks import NewMarks


def test_a_mark_is_noted_for_who_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare_folder(tmp_path)
    marks = NewMarks(tmp_path / DATABASE_NAME)
    state = ("--state", str(tmp_path))
    with (tmp_path / RUNNING_NAME).open("wb") as lock:
        assert hold_together(lock.fileno())
        assert run(["mark", "pressed", " refresh\n", *state]) == 0
        assert run(["mark", "größer", *state, "--format", "json"]) == 0
    first, second = marks.take()
    marks.close()
    assert (first.text, second.text) == ("pressed refresh", "größer")
    shown, document = capsys.readouterr().out.splitlines()
    assert shown == f"marked at {first.at:%H:%M:%S} UTC: pressed refresh"
    assert json.loads(document) == {"mark": "größer", "at": second.at.isoformat()}
    assert datetime.fromisoformat(json.loads(document)["at"]).utcoffset() is not None


@pytest.mark.parametrize("is_prepared", [False, True])
def test_nobody_is_there_to_take_it(
    tmp_path: Path, is_prepared: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "state"
    if is_prepared:
        prepare_folder(folder)
        # Left by a proxy that was killed.
        (folder / RUNNING_NAME).write_bytes(b"")
    assert run(["mark", "x", "--state", str(folder)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"mdmproxy: error: {folder}: no proxy runs with this state")
    assert folder.exists() == is_prepared


@pytest.mark.parametrize("text", ["", " \n", "x" * 501])
def test_a_mark_has_words(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mark", text, "--state", str(tmp_path)]) == 2
    assert "a mark has 1 to 500 characters" in capsys.readouterr().err
