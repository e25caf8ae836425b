"""Servers with their state in the test's own folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mdmcore.server import MdmServer
from mdmcore.store import Database
from tests.support.requirements import shared_file
from tests.support.server import FixedClock, make_server

type ServerFactory = Callable[..., MdmServer]


@pytest.fixture
def server_factory(tmp_path: Path) -> Iterator[ServerFactory]:
    """Makes servers on one state directory; closes their databases."""
    opened: list[Database] = []

    def make(**settings: object) -> MdmServer:
        server, store = make_server(tmp_path, **settings)  # type: ignore[arg-type]
        opened.append(store)
        return server

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def clock() -> FixedClock:
    """The clock of ``server``."""
    return FixedClock()


@pytest.fixture
def server(server_factory: ServerFactory, clock: FixedClock) -> MdmServer:
    """A server with default settings."""
    return server_factory(clock=clock)


@pytest.fixture
def state(server: MdmServer, tmp_path: Path) -> Iterator[Database]:
    """The state of ``server`` as another process has it open."""
    with closing(Database(tmp_path / "state.sqlite3")) as opened:
        yield opened


@pytest.fixture
def lumia_csr() -> bytes:
    """The CSR of a real phone."""
    return shared_file("captures", "wp81-lumia", "lumia630_csr.der").read_bytes()
