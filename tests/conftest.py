"""Settings and fixtures for all tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import forks, purity
from tests.support.ets_table import EtsTable
from tests.support.matrix_table import MatrixTable
from tests.support.requirements import required_names, shared_directory

# A CI run repeats itself: the same examples each time, no clock, no database of earlier failures.
settings.register_profile("ci", derandomize=True, deadline=None, database=None, max_examples=50)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


_data_home = tempfile.TemporaryDirectory(prefix="mdmproxy-tests-")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a MDMPROXY_REQUIRE that names what does not exist; watch the pure rooms; never the
    user's own state, in our processes either. The tables are made of reports, which also come from
    the processes of pytest-xdist."""
    required_names()
    purity.watch()
    config.pluginmanager.register(EtsTable(), "ets-table")
    config.pluginmanager.register(MatrixTable(), "matrix-table")
    os.environ["XDG_DATA_HOME"] = _data_home.name


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what forks our processes; take the state of the tests away."""
    forks.end()
    _data_home.cleanup()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what the tests may and may not skip."""
    return [f"shared: {shared_directory()}", f"required: {', '.join(sorted(required_names()))}"]


@pytest.fixture(autouse=True)
def pure_rooms_touch_nothing() -> Iterator[None]:
    """Fails the test during which a pure room opened a file or socket, or started a process."""
    purity.violations.clear()
    yield
    assert purity.violations == []


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with captures and schemas; ask for its parts with `require` and `shared_file`."""
    return shared_directory()
