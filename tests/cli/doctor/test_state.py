"""The state folder of the emulator."""

from __future__ import annotations

import os
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.cli.doctor.result import Level, Setup
from mdmcore.cli.doctor.state import check_authority, check_database, check_folder
from mdmcore.mitm import state as mitm_state
from mdmcore.mitm.state import AUTHORITY_NAME, DATABASE_NAME, open_state
from mdmcore.pki.authority import to_pem
from tests.cli.doctor.setups import authority, setup
from tests.support.keys import load_key
from tests.support.server import NOW, counted_random

needs_modes = pytest.mark.skipif(sys.platform == "win32", reason="file modes")


@pytest.fixture
def used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    """A setup whose state was made by the emulator itself."""
    monkeypatch.setattr(mitm_state, "generate_key", lambda bits: load_key("authority"))
    made = setup(tmp_path)
    open_state(made.state, clock=lambda: NOW, random=counted_random()).database.close()
    return made


def test_what_does_not_exist_comes_with_the_first_start(tmp_path: Path) -> None:
    made = setup(tmp_path)
    result = check_folder(made)
    assert result.level is Level.OK
    assert "first start" in result.message
    assert check_database(made) is None
    assert check_authority(made) is None
    assert not made.state.exists()


def test_state_of_the_emulator_is_fine_and_not_touched(used: Setup) -> None:
    before = {path.name: path.read_bytes() for path in used.state.iterdir()}
    for check in (check_folder, check_database, check_authority):
        result = check(used)
        assert result is not None
        assert result.level is Level.OK, result
    assert {path.name: path.read_bytes() for path in used.state.iterdir()} == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    made = setup(tmp_path)
    made.state.write_bytes(b"")
    assert check_folder(made).level is Level.PROBLEM
    below = setup(tmp_path, state=made.state / "deeper")
    assert check_folder(below).level is Level.PROBLEM


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = setup(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "cannot be made" in check_folder(made).message
    made.state.mkdir(mode=0o700)
    assert "not writable" in check_folder(made).message


def test_a_database_in_use_is_read_as_it_is_now(used: Setup) -> None:
    connection = sqlite3.connect(used.state / DATABASE_NAME)
    connection.execute("PRAGMA user_version = 998")
    assert (used.state / f"{DATABASE_NAME}-wal").exists()
    result = check_database(used)
    connection.close()
    assert result is not None
    assert "schema 998" in result.message


@needs_modes
def test_a_folder_for_everybody_is_warned_of(tmp_path: Path) -> None:
    made = setup(tmp_path)
    made.state.mkdir()
    made.state.chmod(0o755)
    result = check_folder(made)
    assert result.level is Level.WARNING
    assert result.fix == f"chmod 700 {made.state}"


def test_a_damaged_database(used: Setup) -> None:
    (used.state / DATABASE_NAME).write_bytes(b"no database at all" * 100)
    result = check_database(used)
    assert result is not None
    assert result.level is Level.PROBLEM
    assert "--state" in result.fix


def test_a_database_of_a_newer_version(used: Setup) -> None:
    connection = sqlite3.connect(used.state / DATABASE_NAME)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    result = check_database(used)
    assert result is not None
    assert result.level is Level.PROBLEM
    assert "newer mdmproxy (schema 999)" in result.message


@needs_modes
def test_a_ca_that_others_can_read(used: Setup) -> None:
    path = used.state / AUTHORITY_NAME
    path.chmod(0o644)
    result = check_authority(used)
    assert result is not None
    assert result.level is Level.PROBLEM
    assert result.fix == f"chmod 600 {path}"


@pytest.mark.parametrize(
    ("days", "begins", "words"),
    [(1, timedelta(days=-2), "ended on"), (9, timedelta(days=3), "this computer says it is")],
)
def test_a_ca_out_of_its_time(days: int, begins: timedelta, words: str, tmp_path: Path) -> None:
    made = setup(tmp_path)
    made.state.mkdir()
    path = made.state / AUTHORITY_NAME
    path.write_bytes(to_pem(authority(days=days, begins=begins)))
    path.chmod(0o600)
    result = check_authority(made)
    assert result is not None
    assert result.level is Level.PROBLEM
    assert words in result.message


def test_a_ca_file_that_is_none(tmp_path: Path) -> None:
    made = setup(tmp_path)
    made.state.mkdir()
    path = made.state / AUTHORITY_NAME
    path.write_bytes(b"nonsense")
    path.chmod(0o600)
    result = check_authority(made)
    assert result is not None
    assert "not a usable CA file" in result.message
