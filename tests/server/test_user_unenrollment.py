"""The user leaves, seen by the device: what it is answered, and that it is a stranger then."""

from __future__ import annotations

import pytest

from mdmcore.records import AccountStatus, AuthScheme
from mdmcore.server import ConfiguredAccount, MdmServer
from mdmcore.server.settings import DM_PATH
from mdmcore.store import Database
from tests.server.conftest import ServerFactory
from tests.server.dm_device import NS, Enrolled, answer_gets, gets, next_nonce, send, statuses
from tests.server.leaving import begin, device
from tests.support import messages as m
from tests.support.server import NOW, post_syncml


@pytest.fixture
def phone(server: MdmServer, lumia_csr: bytes) -> Enrolled:
    return Enrolled(server, lumia_csr)


@pytest.mark.parametrize("namespace", ["syncml:metinf", "syncml:metinfo"])
def test_who_tells_that_he_leaves_is_answered_and_ended(
    server: MdmServer, phone: Enrolled, state: Database, namespace: str
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
    assert device(state).account.status is AccountStatus.UNENROLLED
    assert device(state).account.unenrolled == NOW
    assert state.inventory(m.DEVICE_ID) == {}


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
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    others = (("com.microsoft:mdm.somethingelse", "415"), ("", "412"), ("x" * 999, "415"))
    for number, (other, code) in enumerate(others):
        answer = begin(server, phone, number, m.unenroll_alert(other))
        assert ("1", "4", "Alert", code) in statuses(answer)
        assert gets(answer)
    without_type = "<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Data>1</Data></Item></Alert>"
    assert gets(begin(server, phone, 8, without_type))
    another_code = m.unenroll_alert().replace("1226", "1224")
    assert gets(begin(server, phone, 9, another_code))
    assert device(state).account.status is AccountStatus.ENROLLED


def test_nobody_leaves_for_somebody_else(
    server: MdmServer, phone: Enrolled, state: Database
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
    assert device(state).account.status is AccountStatus.ENROLLED


def test_a_challenged_device_leaves_by_its_second_message(
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    package = m.PACKAGE_1 + m.unenroll_alert()
    challenged = send(server, m.syncml(package, loc_name=phone.name))
    cred = phone.cred(next_nonce(challenged))
    send(server, m.syncml(package, cred=cred, msg_id="2", loc_name=phone.name))
    assert device(state).account.status is AccountStatus.UNENROLLED


def test_an_unfinished_package_leaves_all_the_same(
    server: MdmServer, phone: Enrolled, state: Database
) -> None:
    answer = begin(server, phone, 1, m.unenroll_alert(), is_final=False)
    assert answer.find(".//s:Final", NS) is not None
    assert device(state).account.status is AccountStatus.UNENROLLED


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


def test_the_secrets_are_gone(server: MdmServer, phone: Enrolled, state: Database) -> None:
    begin(server, phone, 1, m.unenroll_alert())
    account = device(state).account
    assert (account.secret, account.server_secret) == ("", None)
    assert (account.nonce_c2s, account.previous_nonce_c2s, account.nonce_s2c) == (b"", None, b"")
    for secret in (phone.secret, phone.account["CLIENT"]["AAUTHSECRET"]):
        assert secret not in repr(state.devices())
