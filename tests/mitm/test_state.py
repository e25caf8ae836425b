"""Opening a state folder: made once, kept, private, refused in one line."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.errors import ConfigError
from mdmcore.mitm import state
from mdmcore.mitm.state import AUTHORITY_NAME, DATABASE_NAME, default_state_folder, open_state
from tests.support.keys import load_key
from tests.support.server import NOW, counted_random, make_authority


@pytest.fixture(autouse=True)
def fixed_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making an RSA key costs too much for each test."""
    monkeypatch.setattr(state, "generate_key", lambda bits: load_key("authority"))


def opened(folder: Path, seed: str = "a") -> state.State:
    found = open_state(folder, clock=lambda: NOW, random=counted_random(seed))
    found.database.close()
    return found


def test_a_missing_folder_is_made_with_database_and_authority(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "state"
    opened(folder)
    assert (folder / DATABASE_NAME).is_file()
    assert (folder / AUTHORITY_NAME).read_bytes().count(b"-----BEGIN") == 2
    assert sorted(path.name for path in folder.glob("*.tmp")) == []


def test_the_authority_stays_the_same(tmp_path: Path) -> None:
    first, second = opened(tmp_path, "a"), opened(tmp_path, "b")
    assert first.authority.certificate == second.authority.certificate


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
def test_the_private_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    opened(tmp_path)
    assert (tmp_path / AUTHORITY_NAME).stat().st_mode & 0o077 == 0


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_an_authority_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    opened(tmp_path)
    (tmp_path / AUTHORITY_NAME).chmod(mode)
    with pytest.raises(ConfigError, match=r"enrollment-ca\.pem: .*others may read the private key"):
        opened(tmp_path)
    (tmp_path / AUTHORITY_NAME).chmod(0o600)
    opened(tmp_path)


def test_who_comes_second_takes_the_authority_of_the_first(tmp_path: Path) -> None:
    """Another process made the file between the look and the writing."""
    path = tmp_path / AUTHORITY_NAME
    state._publish(path, b"first", "1")
    state._publish(path, b"second", "2")
    assert path.read_bytes() == b"first"
    assert os.listdir(tmp_path) == [AUTHORITY_NAME]


def test_a_broken_authority_is_refused(tmp_path: Path) -> None:
    (tmp_path / AUTHORITY_NAME).write_bytes(b"not PEM")
    (tmp_path / AUTHORITY_NAME).chmod(0o600)
    with pytest.raises(ConfigError, match="no readable PEM private key"):
        opened(tmp_path)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    with pytest.raises(ConfigError, match="cannot keep state there"):
        opened(path)


def test_a_broken_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(b"no database at all, but long enough" * 100)
    with pytest.raises(ConfigError, match="cannot be used as state"):
        opened(tmp_path)


def test_the_default_is_a_folder_of_our_own() -> None:
    assert default_state_folder().name == "mdmproxy"


def test_a_ca_that_somebody_brings_leaves_the_folder_without_one(tmp_path: Path) -> None:
    own = make_authority()
    found = open_state(tmp_path, clock=lambda: NOW, random=counted_random(), authority=own)
    found.database.close()
    assert found.authority is own
    assert not (tmp_path / AUTHORITY_NAME).exists()


def test_a_ca_that_has_expired_is_told_with_its_date(tmp_path: Path) -> None:
    opened(tmp_path)
    later = NOW + timedelta(days=3651)
    with pytest.raises(ConfigError, match=r"enrollment-ca\.pem: the CA expired on 2036-11-20"):
        open_state(tmp_path, clock=lambda: later, random=counted_random())
