"""The state that a command finds, open beside it as a running server has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mdmcore.mitm.state import DATABASE_NAME
from mdmcore.store import Database
from tests.cli.device.support import Cli


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / DATABASE_NAME)) as opened:
        yield opened


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(tmp_path, capsys)
