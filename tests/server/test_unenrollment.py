"""The administrator lets a device leave, seen by the device: told once, and once more."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from lxml.etree import RelaxNG, fromstring

from mdmcore.records import AccountStatus, QueueState
from mdmcore.server import MdmServer
from mdmcore.server.settings import DM_PATH
from mdmcore.server.unenrollment import NO_EFFECT
from mdmcore.store import Database
from tests.server.dm_device import NS, Enrolled, gets, send
from tests.server.leaving import begin, device, execs, queue
from tests.support import messages as m
from tests.support.requirements import shared_file
from tests.support.server import NOW, FixedClock, post_syncml

UNENROLL_NODE = "./Vendor/MSFT/DMClient/Unenroll"


@pytest.fixture
def phone(server: MdmServer, lumia_csr: bytes) -> Enrolled:
    return Enrolled(server, lumia_csr)


def test_the_next_session_carries_the_exec_and_nothing_else(
    server: MdmServer, phone: Enrolled, state: Database, clock: FixedClock
) -> None:
    begin(server, phone, 1)
    queue(state)
    clock.advance(hours=1)
    answer = begin(server, phone, 2)
    RelaxNG(file=str(shared_file("schemas", "rng", "oma-dm-1.2-windows.rng"))).assertValid(
        fromstring(ET.tostring(answer))
    )
    (command,) = execs(answer)
    assert not gets(answer)
    assert command.findtext("s:Item/s:Target/s:LocURI", "", NS) == UNENROLL_NODE
    assert command.findtext("s:Item/s:Meta/m:Format", "", NS) == "chr"
    assert command.findtext("s:Item/s:Data", "", NS) == phone.provider_id
    assert answer.findtext("s:SyncHdr/s:Cred/s:Data", "", NS)
    found = device(state)
    assert found.account.status is AccountStatus.UNENROLLING
    assert found.account.unenrolling_since == NOW + timedelta(hours=1)
    assert found.job is not None
    assert (found.job.state, found.job.attempts) == (QueueState.SENT, 1)


def test_a_job_queued_before_the_first_session_waits_for_it(
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    queue(state)
    assert execs(begin(server, phone, 1))


def test_the_alert_that_follows_finishes_it(
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    queue(state)
    begin(server, phone, 1)
    answer = begin(server, phone, 2, m.unenroll_alert())
    assert not execs(answer)
    found = device(state)
    assert found.account.status is AccountStatus.UNENROLLED
    assert found.job is not None
    assert (found.job.state, found.job.outcome) == (QueueState.DONE, "left")
    assert found.job.ended == NOW


def test_silence_leaves_it_unenrolling(
    server: MdmServer, phone: Enrolled, state: Database, clock: FixedClock
) -> None:
    queue(state)
    begin(server, phone, 1)
    clock.advance(days=30)
    found = device(state).account
    assert (found.status, found.unenrolling_since) == (AccountStatus.UNENROLLING, NOW)


def test_a_device_that_goes_on_is_told_once_more(
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    queue(state)
    assert execs(begin(server, phone, 1))
    answer = begin(server, phone, 2)
    assert execs(answer)
    assert not gets(answer)
    found = device(state)
    assert found.job is not None
    assert (found.job.state, found.job.attempts) == (QueueState.SENT, 2)
    assert found.job.outcome == NO_EFFECT == "unenroll-no-effect"
    assert found.account.status is AccountStatus.UNENROLLING
    assert found.account.unenrolling_since == NOW

    third = begin(server, phone, 3)
    assert not execs(third)
    assert gets(third)
    found = device(state)
    assert found.job is not None
    assert (found.job.state, found.job.outcome) == (QueueState.FAILED, NO_EFFECT)
    assert found.job.ended == NOW
    assert found.account.status is AccountStatus.ENROLLED
    queue(state)
    assert execs(begin(server, phone, 4))


def test_the_first_message_decides_even_if_it_is_not_the_whole_package(
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    queue(state)
    begin(server, phone, 1)
    assert not execs(begin(server, phone, 2, is_final=False))
    rest = m.syncml(m.status("1", "2", "0", "SyncHdr", "200"), msg_id="2", session_id="S2")
    assert execs(send(server, rest))
    job = device(state).job
    assert job is not None
    assert (job.attempts, job.outcome) == (2, NO_EFFECT)


def test_a_device_that_refuses_our_digest_gets_the_exec_again(
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    queue(state)
    begin(server, phone, 1)
    nonce = b"a fresh one"
    refused = m.status("1", "2", "0", "SyncHdr", "401", m.chal(nonce))
    answer = send(server, m.syncml(refused, msg_id="2", session_id="S1"))
    assert execs(answer)
    assert answer.findtext("s:SyncHdr/s:Cred/s:Data", "", NS) == phone.server_digest(nonce)
    job = device(state).job
    assert job is not None
    assert (job.attempts, job.outcome) == (1, "")


def test_a_status_for_the_exec_is_kept_and_ends_the_session(
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    queue(state)
    answer = begin(server, phone, 1)
    cmd_id = execs(answer)[0].findtext("s:CmdID", "", NS)
    body = m.status("1", "2", "0", "SyncHdr", "212") + m.status("2", "2", cmd_id, "Exec", "405")
    last = send(server, m.syncml(body, msg_id="2", session_id="S1"))
    assert not execs(last)
    assert not gets(last)
    with state._transaction() as connection:
        rows = connection.exec_driver_sql("SELECT uri, command, code FROM command_statuses").all()
    assert [tuple(row) for row in rows] == [(UNENROLL_NODE, "Exec", "405")]


def test_a_message_that_comes_again_does_not_count(
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    queue(state)
    body = m.syncml(m.PACKAGE_1, cred=phone.cred(), loc_name=phone.name)
    first = post_syncml(server, DM_PATH, body)
    assert post_syncml(server, DM_PATH, body).body == first.body
    job = device(state).job
    assert job is not None
    assert job.attempts == 1


def test_a_job_of_another_kind_is_left_alone(
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    state.queue_job(device(state).account, "from-a-later-version", NOW)
    assert gets(begin(server, phone, 1))
    job = device(state).job
    assert job is not None
    assert job.state is QueueState.QUEUED
