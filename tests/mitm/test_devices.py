"""Finding a device by its name, or how that begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mdmcore.errors import ConfigError
from mdmcore.mitm.devices import context_of, find_device, name_of
from mdmcore.store import Database
from tests.cli.device.support import enroll


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "state.sqlite3")) as found:
        yield found


@pytest.mark.parametrize("wanted", ["urn:one", "URN:ONE", "urn", "DEVICE-1", "device"])
def test_a_device_is_found(store: Database, wanted: str) -> None:
    enroll(store)
    assert name_of(find_device(store, wanted)) == "urn:one"


@pytest.mark.parametrize("wanted", ["", "ur", "one", "DEVICE-11"])
def test_another_name_finds_none(store: Database, wanted: str) -> None:
    enroll(store)
    with pytest.raises(ConfigError, match="mdmproxy device list"):
        find_device(store, wanted)


def test_the_context_has_the_profile_of_the_device(store: Database) -> None:
    enroll(store, "win10")
    assert context_of(store, find_device(store, "urn:one")).profile == "win10"
