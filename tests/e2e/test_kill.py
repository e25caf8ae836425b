"""kill -9 of the proxy at each message of a DM session, before and after it is stored.

One session with several jobs goes through a chain of processes on one state: each is killed by a
message, the next one gets the same bytes again. From every state that a kill left, a new session
succeeds as well, in a server of its own on a copy. No job is lost, none is doubled.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mdmcore.cli.transport import HttpTransport, trust_only
from mdmcore.http import Headers, Request
from mdmcore.mitm.state import open_state
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.phone.refusal import NoAnswer
from mdmcore.records import QueueState
from mdmcore.server import MdmServer, ServerSettings
from mdmcore.server.inventory import INVENTORY_NODES
from mdmcore.server.ports import Clock
from mdmcore.server.session.limits import SILENCE
from mdmcore.server.settings import DM_PATH
from mdmcore.store import Database
from tests.server.dm_device import NS, Enrolled
from tests.server.session.conftest import CONTEXTS, atomic, get, replace
from tests.support.certification_requests import build_request
from tests.support.dm_talker import Talker, work
from tests.support.processes import Process, start_mitmdump
from tests.support.server import DOMAIN, post_syncml

pytestmark = pytest.mark.e2e

KILLER = "tests/support/kill_proxy.py"
SCRIPT = "addons/mdm_emulate.py"
A, B, C = (f"./Vendor/MSFT/A/{name}" for name in ("One", "Two", "Three"))
VALUE = "0123456789abcdef" * 220
LIMIT = 3000
JOBS = (
    atomic(replace(A, "1"), replace(B, "2")),
    replace(C, VALUE),
    get(A) + replace(B, "3") + get(C),
)
RESULTS = [
    [("Atomic", "", "200", None), ("Replace", A, "200", None), ("Replace", B, "200", None)],
    [("Replace", C, "200", None)],
    [("Get", A, "200", "one"), ("Replace", B, "200", None), ("Get", C, "200", "three")],
]


def now() -> datetime:
    return datetime.now(UTC)


def later() -> datetime:
    """When a session that is silent is given up: a PC may have two at once."""
    return now() + SILENCE + timedelta(minutes=1)


@contextmanager
def server_on(folder: Path, clock: Clock = now) -> Iterator[tuple[MdmServer, Database]]:
    """A server without a proxy on that state."""
    state = open_state(folder, clock=clock, random=os.urandom)
    with closing(state.database):
        server = MdmServer(
            ServerSettings(domains=(DOMAIN,), profile="win10"),
            authority=state.authority,
            store=state.database,
            clock=clock,
            random=os.urandom,
        )
        yield server, state.database


def enrolled(folder: Path) -> Talker:
    """A PC with its jobs queued."""
    with server_on(folder) as (server, store):
        account = Enrolled(server, build_request(), context=CONTEXTS["win10"])
        (device,) = store.devices()
        for commands in JOBS:
            body = f'<SyncBody xmlns="SYNCML:SYNCML1.2">{commands}</SyncBody>'
            store.queue_job(device.account, "send", now(), commands=body)
    return Talker(account=account, max_message=LIMIT, values={A: "one", C: "three"})


@contextmanager
def proxy(folder: Path, kill_at: str) -> Iterator[tuple[Process, HttpTransport]]:
    options = {"mdm_state": str(folder / "state"), "mdm_domains": DOMAIN, "mdm_profile": "win10"}
    process, port = start_mitmdump(
        KILLER, SCRIPT, confdir=folder / "conf", options={**options, "kill_at": kill_at}
    )
    with process:
        pem = (folder / "conf" / "mitmproxy-ca-cert.pem").read_text("ascii")
        with HttpTransport(proxy=f"http://127.0.0.1:{port}", trust=trust_only(pem)) as transport:
            yield process, transport
    assert "Traceback" not in process.output


def post(transport: HttpTransport, body: bytes) -> bytes:
    url = f"https://mdm.{DOMAIN}{DM_PATH}"
    headers = Headers([("Content-Type", SYNCML_XML_MEDIA_TYPE)])
    answer = transport(Request(method="POST", url=url, headers=headers, body=body))
    assert answer.status == 200, answer.body
    return answer.body or b""


def check(store: Database, attempts: set[int]) -> None:
    """Every job is done, with one row for each of its commands, and the inventory is there."""
    (device,) = store.devices()
    jobs = sorted(store.jobs(device.account, 100), key=lambda job: job.id)
    assert [job.state for job in jobs] == [QueueState.DONE] * len(JOBS)
    assert {job.attempts for job in jobs} <= attempts
    for job, expected in zip(jobs, RESULTS, strict=True):
        rows = store.job_results(job.id)
        assert [(row.command, row.uri, row.code, row.value) for row in rows] == expected
    known = store.inventory(device.account.device_id or "")
    assert set(INVENTORY_NODES) <= set(known)


def new_session_succeeds(folder: Path, device: Talker) -> None:
    """The device gave up on its session and begins another one, with what it knows."""
    copied = folder / "copied"
    shutil.copytree(folder / "state", copied)
    other = device.copy()
    other.session_id = "2B"
    with server_on(copied, later) as (server, store):
        other.session(lambda body: post_syncml(server, DM_PATH, body).body or b"")
        check(store, {1, 2})
    assert other.written[C] == VALUE
    shutil.rmtree(copied)


@pytest.mark.parametrize("point", ["received", "stored"])
def test_a_session_survives_a_kill_at_each_message(tmp_path: Path, point: str) -> None:
    device = enrolled(tmp_path / "state")
    message = device.open()
    answer: ET.Element | None = None
    killed = []
    for number in range(1, 20):
        # Each process but the first gets the message again that killed the one before.
        with proxy(tmp_path, f"{point}:{min(number, 2)}") as (process, transport):
            if number > 1:
                answer = ET.fromstring(post(transport, message))
                device.learn(answer)
                if answer.find(".//s:Final", NS) is not None and not work(answer):
                    break
                message = device.reply(answer)
            with pytest.raises(NoAnswer):
                post(transport, message)
            assert process.wait() == -signal.SIGKILL
        killed += [line for line in process.lines if line.startswith("killed: ")]
        new_session_succeeds(tmp_path, device)
    # The first, one for each job and each further chunk, one for the inventory.
    assert killed == [f"killed: {point} 1A/{number}" for number in range(1, 7)]
    assert device.written[C] == VALUE
    with closing(Database(tmp_path / "state" / "state.sqlite3")) as store:
        check(store, {1})
