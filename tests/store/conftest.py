"""A database in the test's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mdmcore.store import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where it is."""
    return tmp_path / "state.sqlite3"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """It, open."""
    opened = Database(path)
    yield opened
    opened.close()
