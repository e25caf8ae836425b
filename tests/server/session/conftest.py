"""A server of one generation with an enrolled device that holds sessions by hand, and its queue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mdmcore.records import JobResult, QueuedJob, QueueState
from mdmcore.server import MdmServer
from mdmcore.server.settings import DM_PATH
from mdmcore.store import Database
from tests.server.dm_device import Enrolled
from tests.support import messages as m
from tests.support.dm_talker import Talker
from tests.support.requirements import shared_file
from tests.support.server import NOW, FixedClock, make_server, post_syncml

CONTEXTS = {
    "wp8": (("DeviceType", "WindowsPhone"), ("ApplicationVersion", "8.0.10211.0")),
    "win10": (("DeviceType", "CIMClient_Windows"), ("ApplicationVersion", "10.0.19043.1110")),
}


class Bench:
    """Server, device and queue on one state folder."""

    server: MdmServer
    store: Database

    def __init__(self, folder: Path, profile: str, **settings: Any) -> None:
        self.clock = FixedClock()
        self.opened: list[Database] = []
        self._starts = 0
        self.folder, self._settings = folder, {"profile": profile, **settings}
        self.restart()
        csr = shared_file("captures", "wp81-lumia", "lumia630_csr.der").read_bytes()
        self.account = Enrolled(self.server, csr, context=CONTEXTS[profile])

    def restart(self) -> None:
        """A server on the same state, with randomness of its own."""
        self._starts += 1
        self.server, self.store = make_server(
            self.folder, clock=self.clock, seed=f"start {self._starts}", **self._settings
        )
        self.opened.append(self.store)

    def close(self) -> None:
        for store in self.opened:
            store.close()

    def talker(self, **how: Any) -> Talker:
        return Talker(account=self.account, **how)

    def post(self, message: bytes) -> bytes:
        answer = post_syncml(self.server, DM_PATH, message)
        assert answer.status == 200, answer.body
        return answer.body or b""

    def queue(self, commands: str, recipe: str = "send") -> int:
        (device,) = self.store.devices()
        body = f'<SyncBody xmlns="SYNCML:SYNCML1.2">{commands}</SyncBody>'
        job = self.store.queue_job(device.account, recipe, NOW, commands=body, again=True)
        return job.id

    def job(self, number: int) -> QueuedJob:
        return self.store.job(number)

    def states(self) -> dict[int, QueueState]:
        (device,) = self.store.devices()
        return {job.id: job.state for job in self.store.jobs(device.account, 1000)}

    def results(self, number: int) -> list[tuple[str, str, str, str | None]]:
        """(command, uri, code, value) of each row in order."""
        return [_row(row) for row in self.store.job_results(number)]


def _row(row: JobResult) -> tuple[str, str, str, str | None]:
    return row.command, row.uri, row.code, row.value


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A Windows Phone 8."""
    made = Bench(tmp_path, "wp8")
    with closing(made):
        yield made


@pytest.fixture
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A Windows 10 PC."""
    made = Bench(tmp_path_factory.mktemp("desktop"), "win10")
    with closing(made):
        yield made


def item(uri: str, data: str | None = None, format: str = "chr", type: str = "") -> str:
    """An Item with a Target."""
    kind = f'<Type xmlns="syncml:metinf">{type}</Type>' if type else ""
    meta = f'<Meta><Format xmlns="syncml:metinf">{format}</Format>{kind}</Meta>'
    value = "" if data is None else f"<Data>{data}</Data>"
    return f"<Item><Target><LocURI>{uri}</LocURI></Target>{meta if value else ''}{value}</Item>"


def get(*uris: str) -> str:
    return f"<Get>{''.join(map(item, uris))}</Get>"


def replace(uri: str, data: str, **meta: str) -> str:
    return f"<Replace>{item(uri, data, **meta)}</Replace>"


def atomic(*commands: str) -> str:
    return f"<Atomic>{''.join(commands)}</Atomic>"


def source(uri: str, data: str, meta: str = "", more: bool = False) -> str:
    """An Item with a Source, as devices send it."""
    marker = "<MoreData/>" if more else ""
    return f"<Item><Source><LocURI>{uri}</LocURI></Source>{meta}<Data>{data}</Data>{marker}</Item>"


def header_ok(reference: str, cmd_id: str = "1") -> str:
    """The device's Status for the server's header."""
    return m.status(cmd_id, reference, "0", "SyncHdr", "200")
