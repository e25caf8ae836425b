"""Leaving, seen by the device: told by it or told to it, and what is left afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lxml.etree import RelaxNG, fromstring

from mdmcore.records import AccountStatus, AuthScheme, ManagedDevice, QueueState
from mdmcore.server import ConfiguredAccount, MdmServer
from mdmcore.server.settings import DM_PATH
from mdmcore.server.unenrollment import NO_EFFECT, UNENROLL
from mdmcore.store import Database
from tests.server.conftest import ServerFactory
from tests.server.dm_device import NS, Enrolled, answer_gets, gets, next_nonce, send, statuses
from tests.support import messages as m
from tests.support.requirements import shared_file
from tests.support.server import NOW, FixedClock, post_syncml

UNENROLL_NODE = "./Vendor/MSFT/DMClient/Unenroll"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def server(server_factory: ServerFactory, clock: FixedClock) -> MdmServer:
    return server_factory(clock=clock)


@pytest.fixture
def store(server: MdmServer, tmp_path: Path) -> Iterator[Database]:
    """The state as another process has it open."""
    with closing(Database(tmp_path / "state.sqlite3")) as opened:
        yield opened


@pytest.fixture
def phone(server: MdmServer, lumia_csr: bytes) -> Enrolled:
    return Enrolled(server, lumia_csr)


def device(store: Database) -> ManagedDevice:
    (found,) = store.devices()
    return found


def begin(
    server: MdmServer, phone: Enrolled, number: int, more: str = "", *, is_final: bool = True
) -> ET.Element:
    """The first message of a session; the phone keeps the nonce for the next one."""
    body = m.syncml(
        m.PACKAGE_1 + more,
        cred=phone.cred(),
        loc_name=phone.name,
        session_id=f"S{number}",
        is_final=is_final,
    )
    answer = send(server, body)
    if answer.find(".//m:NextNonce", NS) is not None:
        phone.nonce = next_nonce(answer)
    return answer


def queue(store: Database) -> None:
    store.queue_job(device(store).account, UNENROLL, NOW)


def execs(answer: ET.Element) -> list[ET.Element]:
    return answer.findall(".//s:Exec", NS)


# --- the user leaves ------------------------------------------------------------------------


@pytest.mark.parametrize("namespace", ["syncml:metinf", "syncml:metinfo"])
def test_who_tells_that_he_leaves_is_answered_and_ended(
    server: MdmServer, phone: Enrolled, store: Database, namespace: str
) -> None:
    first = begin(server, phone, 1)
    send(server, m.syncml(answer_gets(first, "2", ""), msg_id="2", session_id="S1"))
    answer = begin(server, phone, 2, m.unenroll_alert(namespace=namespace))
    assert statuses(answer) == [
        ("1", "0", "SyncHdr", "212"),
        ("1", "2", "Alert", "200"),
        ("1", "3", "Replace", "200"),
        ("1", "4", "Alert", "200"),
    ]
    assert not gets(answer)
    assert answer.find(".//s:Final", NS) is not None
    assert device(store).account.status is AccountStatus.UNENROLLED
    assert device(store).account.unenrolled == NOW
    assert store.inventory(m.DEVICE_ID) == {}


def test_after_that_the_device_is_a_stranger(server: MdmServer, phone: Enrolled) -> None:
    begin(server, phone, 1, m.unenroll_alert())

    def shape(device_id: str, session_id: str, cred: str) -> list[tuple[str, str]]:
        body = m.syncml(
            m.PACKAGE_1,
            cred=cred,
            loc_name=phone.name,
            device_id=device_id,
            session_id=session_id,
        )
        chosen = {"Data", "Cmd", "Type"}
        return [
            (element.tag, element.text or "" if element.tag.rpartition("}")[2] in chosen else "")
            for element in send(server, body).iter()
        ]

    for number, cred in enumerate(("", phone.cred(), m.basic_cred(phone.name, phone.secret))):
        known = shape(m.DEVICE_ID, f"K{number}", cred)
        assert known == shape("urn:uuid:somebody", f"K{number}", cred)
        assert "401" in str(known) or "407" in str(known)
    more = m.syncml(m.status("1", "2", "0", "SyncHdr", "200"), msg_id="2", session_id="S1")
    assert statuses(send(server, more))[0][3] == "407"


def test_the_same_bytes_again_get_the_same_answer(server: MdmServer, phone: Enrolled) -> None:
    body = m.syncml(m.PACKAGE_1 + m.unenroll_alert(), cred=phone.cred(), loc_name=phone.name)
    first = post_syncml(server, DM_PATH, body)
    assert post_syncml(server, DM_PATH, body).body == first.body


def test_only_that_type_of_1226_ends_an_enrolment(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    for number, other in enumerate(("com.microsoft:mdm.somethingelse", "", "x" * 999)):
        answer = begin(server, phone, number, m.unenroll_alert(other))
        assert ("1", "4", "Alert", "200") in statuses(answer)
        assert gets(answer)
    without_type = "<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Data>1</Data></Item></Alert>"
    assert gets(begin(server, phone, 8, without_type))
    another_code = m.unenroll_alert().replace("1226", "1224")
    assert gets(begin(server, phone, 9, another_code))
    assert device(store).account.status is AccountStatus.ENROLLED


def test_nobody_leaves_for_somebody_else(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    begin(server, phone, 1)
    wrong = m.md5_cred(phone.name, "guessed", phone.nonce)
    for session_id, cred in (("X", ""), ("Y", wrong)):
        body = m.syncml(
            m.PACKAGE_1 + m.unenroll_alert(),
            cred=cred,
            loc_name=phone.name,
            session_id=session_id,
        )
        assert statuses(send(server, body))[0][3] in {"401", "407"}
    assert device(store).account.status is AccountStatus.ENROLLED


def test_a_challenged_device_leaves_by_its_second_message(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    package = m.PACKAGE_1 + m.unenroll_alert()
    challenged = send(server, m.syncml(package, loc_name=phone.name))
    cred = phone.cred(next_nonce(challenged))
    send(server, m.syncml(package, cred=cred, msg_id="2", loc_name=phone.name))
    assert device(store).account.status is AccountStatus.UNENROLLED


def test_an_unfinished_package_leaves_all_the_same(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    answer = begin(server, phone, 1, m.unenroll_alert(), is_final=False)
    assert answer.find(".//s:Final", NS) is not None
    assert device(store).account.status is AccountStatus.UNENROLLED


def test_an_account_given_by_hand_is_left_by_one_device(server_factory: ServerFactory) -> None:
    account = ConfiguredAccount(name="dummy", secret="dummy", scheme=AuthScheme.BASIC)
    server = server_factory(accounts=(account,))

    def sync(device_id: str, session_id: str, more: str = "") -> str:
        cred = m.basic_cred("dummy", "dummy")
        body = m.syncml(m.PACKAGE_1 + more, cred=cred, device_id=device_id, session_id=session_id)
        return statuses(send(server, body))[0][3]

    assert sync("one", "1", m.unenroll_alert()) == "212"
    assert sync("one", "2") == "401"
    assert sync("two", "1") == "212"


def test_the_secrets_are_gone(
    server: MdmServer, phone: Enrolled, store: Database, tmp_path: Path
) -> None:
    begin(server, phone, 1, m.unenroll_alert())
    account = device(store).account
    assert (account.secret, account.server_secret) == ("", None)
    assert (account.nonce_c2s, account.previous_nonce_c2s, account.nonce_s2c) == (b"", None, b"")
    for secret in (phone.secret, phone.account["CLIENT"]["AAUTHSECRET"]):
        assert secret not in repr(store.devices())


# --- the administrator lets it leave --------------------------------------------------------


def test_the_next_session_carries_the_exec_and_nothing_else(
    server: MdmServer, phone: Enrolled, store: Database, clock: FixedClock
) -> None:
    begin(server, phone, 1)
    queue(store)
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
    found = device(store)
    assert found.account.status is AccountStatus.UNENROLLING
    assert found.account.unenrolling_since == NOW + timedelta(hours=1)
    assert found.job is not None
    assert (found.job.state, found.job.attempts) == (QueueState.SENT, 1)


def test_a_job_queued_before_the_first_session_waits_for_it(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    queue(store)
    assert execs(begin(server, phone, 1))


def test_the_alert_that_follows_finishes_it(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    queue(store)
    begin(server, phone, 1)
    answer = begin(server, phone, 2, m.unenroll_alert())
    assert not execs(answer)
    found = device(store)
    assert found.account.status is AccountStatus.UNENROLLED
    assert found.job is not None
    assert (found.job.state, found.job.outcome) == (QueueState.DONE, "left")


def test_silence_leaves_it_unenrolling(
    server: MdmServer, phone: Enrolled, store: Database, clock: FixedClock
) -> None:
    queue(store)
    begin(server, phone, 1)
    clock.advance(days=30)
    found = device(store).account
    assert (found.status, found.unenrolling_since) == (AccountStatus.UNENROLLING, NOW)


def test_a_device_that_goes_on_is_told_once_more(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    queue(store)
    assert execs(begin(server, phone, 1))
    answer = begin(server, phone, 2)
    assert execs(answer)
    assert not gets(answer)
    found = device(store)
    assert found.job is not None
    assert (found.job.state, found.job.attempts) == (QueueState.SENT, 2)
    assert found.job.outcome == NO_EFFECT == "unenroll-no-effect"
    assert found.account.status is AccountStatus.UNENROLLING
    assert found.account.unenrolling_since == NOW

    third = begin(server, phone, 3)
    assert not execs(third)
    assert gets(third)
    found = device(store)
    assert found.job is not None
    assert (found.job.state, found.job.outcome) == (QueueState.FAILED, NO_EFFECT)
    assert found.account.status is AccountStatus.ENROLLED
    queue(store)
    assert execs(begin(server, phone, 4))


def test_the_first_message_decides_even_if_it_is_not_the_whole_package(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    queue(store)
    begin(server, phone, 1)
    assert not execs(begin(server, phone, 2, is_final=False))
    rest = m.syncml(m.status("1", "2", "0", "SyncHdr", "200"), msg_id="2", session_id="S2")
    assert execs(send(server, rest))
    job = device(store).job
    assert job is not None
    assert (job.attempts, job.outcome) == (2, NO_EFFECT)


def test_a_device_that_refuses_our_digest_gets_the_exec_again(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    queue(store)
    begin(server, phone, 1)
    nonce = b"a fresh one"
    refused = m.status("1", "2", "0", "SyncHdr", "401", m.chal(nonce))
    answer = send(server, m.syncml(refused, msg_id="2", session_id="S1"))
    assert execs(answer)
    assert answer.findtext("s:SyncHdr/s:Cred/s:Data", "", NS) == phone.server_digest(nonce)
    job = device(store).job
    assert job is not None
    assert (job.attempts, job.outcome) == (1, "")


def test_a_status_for_the_exec_is_kept_and_ends_the_session(
    server: MdmServer, phone: Enrolled, store: Database, tmp_path: Path
) -> None:
    queue(store)
    answer = begin(server, phone, 1)
    cmd_id = execs(answer)[0].findtext("s:CmdID", "", NS)
    body = m.status("1", "2", "0", "SyncHdr", "212") + m.status("2", "2", cmd_id, "Exec", "405")
    last = send(server, m.syncml(body, msg_id="2", session_id="S1"))
    assert not execs(last)
    assert not gets(last)
    with store._transaction() as connection:
        rows = connection.exec_driver_sql("SELECT uri, command, code FROM command_statuses").all()
    assert [tuple(row) for row in rows] == [(UNENROLL_NODE, "Exec", "405")]


def test_a_message_that_comes_again_does_not_count(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    queue(store)
    body = m.syncml(m.PACKAGE_1, cred=phone.cred(), loc_name=phone.name)
    first = post_syncml(server, DM_PATH, body)
    assert post_syncml(server, DM_PATH, body).body == first.body
    job = device(store).job
    assert job is not None
    assert job.attempts == 1


def test_a_job_of_another_kind_is_left_alone(
    server: MdmServer, phone: Enrolled, store: Database
) -> None:
    store.queue_job(device(store).account, "from-a-later-version", NOW)
    assert gets(begin(server, phone, 1))
    job = device(store).job
    assert job is not None
    assert job.state is QueueState.QUEUED


# --- the device comes back ------------------------------------------------------------------


@pytest.mark.parametrize("item", ["DeviceID", "HWDevID"])
def test_a_wiped_device_enrols_anew_and_its_old_nonces_prove_nothing(
    server: MdmServer, lumia_csr: bytes, store: Database, item: str
) -> None:
    context = (*m.PHONE_CONTEXT, (item, "the-device"))
    old = Enrolled(server, lumia_csr, context=context)
    begin(server, old, 1)
    queue(store)
    new = Enrolled(server, lumia_csr, context=context)
    assert statuses(begin(server, old, 2))[0][3] == "401"
    answer = begin(server, new, 3)
    assert statuses(answer)[0][3] == "212"
    assert not execs(answer)
    assert store.session(m.DEVICE_ID, "S1") is None


def test_the_same_device_id_with_a_new_account_ends_the_old_one(
    server: MdmServer, lumia_csr: bytes, store: Database
) -> None:
    old = Enrolled(server, lumia_csr)
    first = begin(server, old, 1)
    send(server, m.syncml(answer_gets(first, "2", ""), msg_id="2", session_id="S1"))
    assert "./DevDetail/SwV" in store.inventory(m.DEVICE_ID)
    queue(store)
    new = Enrolled(server, lumia_csr)
    answer = begin(server, new, 1)
    assert statuses(answer)[0][3] == "212"
    assert not execs(answer)
    assert "./DevDetail/SwV" not in store.inventory(m.DEVICE_ID)
    assert "./DevInfo/Man" in store.inventory(m.DEVICE_ID)
    before = old.nonce
    for number, nonce in enumerate((before, b"", old.server_nonce), start=2):
        old.nonce = nonce
        assert statuses(begin(server, old, number))[0][3] == "401"
    assert statuses(begin(server, new, 9))[0][3] == "212"
    assert [d.account.status for d in store.devices()] == [
        AccountStatus.ENROLLED,
        AccountStatus.UNENROLLED,
    ]
