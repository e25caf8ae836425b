"""DM sessions with raw messages: what a device sees for right, wrong, missing and repeated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.records import AuthScheme
from mdmcore.server import ConfiguredAccount, MdmServer
from mdmcore.server.settings import DM_PATH
from tests.server.conftest import ServerFactory
from tests.server.dm_device import NS, Enrolled, answer_gets, gets, next_nonce, send, statuses
from tests.support import messages as m
from tests.support.requirements import shared_file
from tests.support.server import FixedClock, post_syncml

BASIC = ConfiguredAccount(name="dummy", secret="dummy", scheme=AuthScheme.BASIC)


@pytest.fixture
def phone(server: MdmServer, lumia_csr: bytes) -> Enrolled:
    return Enrolled(server, lumia_csr)


def test_a_whole_session_ends_after_the_answers(server: MdmServer, phone: Enrolled) -> None:
    first = send(server, m.syncml(m.PACKAGE_1, cred=phone.cred(), loc_name=phone.name))
    assert first.findtext("s:SyncHdr/s:SessionID", "", NS) == "1A"
    assert first.findtext("s:SyncHdr/s:MsgID", "", NS) == "2"
    assert first.findtext("s:SyncHdr/s:Target/s:LocURI", "", NS) == m.DEVICE_ID
    assert statuses(first) == [
        ("1", "0", "SyncHdr", "212"),
        ("1", "2", "Alert", "200"),
        ("1", "3", "Replace", "200"),
    ]
    assert first.findtext("s:SyncHdr/s:Cred/s:Data", "", NS) == phone.server_digest(
        phone.server_nonce
    )
    assert {"./DevInfo/Mod", "./DevDetail/SwV"} <= set(gets(first))
    assert first.find(".//s:Final", NS) is not None
    ids = [e.text for e in first.iterfind(".//s:SyncBody/*/s:CmdID", NS)]
    assert len(ids) == len(set(ids))

    package_3 = answer_gets(first, "2", m.chal(b"nonce-from-phone"))
    last = send(server, m.syncml(package_3, msg_id="2"))
    assert statuses(last) == [("2", "0", "SyncHdr", "200")]
    assert last.findtext("s:SyncHdr/s:MsgID", "", NS) == "3"
    assert not gets(last)
    assert last.find(".//s:Final", NS) is not None


def test_nonces_serve_the_next_session_and_survive_a_restart(
    server_factory: ServerFactory, lumia_csr: bytes
) -> None:
    server = server_factory()
    phone = Enrolled(server, lumia_csr)
    first = send(server, m.syncml(m.PACKAGE_1, cred=phone.cred(), loc_name=phone.name))
    for_next_session = next_nonce(first)
    server_nonce = b"\x00\x3a\xff chosen by it"
    send(server, m.syncml(answer_gets(first, "2", m.chal(server_nonce)), msg_id="2"))

    restarted = server_factory(seed="after restart")
    second = send(
        restarted,
        m.syncml(m.PACKAGE_1, cred=phone.cred(for_next_session), session_id="1B"),
    )
    assert statuses(second)[0] == ("1", "0", "SyncHdr", "212")
    assert second.findtext("s:SyncHdr/s:Cred/s:Data", "", NS) == phone.server_digest(server_nonce)


def test_a_lost_answer_leaves_the_old_nonce_valid(server: MdmServer, phone: Enrolled) -> None:
    send(server, m.syncml(m.PACKAGE_1, cred=phone.cred(), loc_name=phone.name))
    again = send(server, m.syncml(m.PACKAGE_1, cred=phone.cred(), session_id="1B"))
    assert statuses(again)[0][3] == "212"


def test_a_repeated_message_gets_the_same_bytes(server: MdmServer, phone: Enrolled) -> None:
    message = m.syncml(m.PACKAGE_1, cred=phone.cred(), loc_name=phone.name)
    first = post_syncml(server, DM_PATH, message)
    assert post_syncml(server, DM_PATH, message).body == first.body


def test_the_same_bytes_much_later_are_a_new_session(
    server_factory: ServerFactory,
) -> None:
    clock = FixedClock()
    server = server_factory(clock=clock, accounts=(BASIC,))
    message = m.syncml(m.PACKAGE_1, cred=m.basic_cred("dummy", "dummy"))
    first = send(server, message)
    send(server, m.syncml(answer_gets(first, "2", ""), msg_id="2"))
    clock.now += timedelta(hours=1)
    assert gets(send(server, message))


def test_missing_credentials_are_challenged_with_407(server: MdmServer, phone: Enrolled) -> None:
    challenged = send(server, m.syncml(m.PACKAGE_1, loc_name=phone.name))
    assert [code for *_, code in statuses(challenged)] == ["407", "407", "407"]
    assert not gets(challenged)
    assert challenged.findtext(".//s:Chal/s:Meta/m:Type", "", NS) == "syncml:auth-md5"
    assert challenged.findtext(".//s:Chal/s:Meta/m:Format", "", NS) == "b64"
    cred = phone.cred(next_nonce(challenged))
    accepted = send(server, m.syncml(m.PACKAGE_1, cred=cred, msg_id="2", loc_name=phone.name))
    assert statuses(accepted)[0] == ("2", "0", "SyncHdr", "212")
    assert accepted.findtext("s:SyncHdr/s:MsgID", "", NS) == "3"


def test_a_wrong_digest_gets_one_401_with_a_nonce(server: MdmServer, phone: Enrolled) -> None:
    wrong = phone.cred(b"another nonce")
    first = send(server, m.syncml(m.PACKAGE_1, cred=wrong, loc_name=phone.name))
    assert [code for *_, code in statuses(first)] == ["401", "401", "401"]
    assert len(next_nonce(first)) == 16
    second = send(server, m.syncml(m.PACKAGE_1, cred=wrong, msg_id="2", loc_name=phone.name))
    assert statuses(second)[0][3] == "401"
    assert second.find(".//s:Chal", NS) is None


def test_an_unknown_device_looks_like_a_wrong_digest(server: MdmServer, phone: Enrolled) -> None:
    def shape(body: bytes) -> list[str]:
        return [element.tag for element in send(server, body).iter()]

    wrong = m.md5_cred("x", "y", b"z")
    known = m.syncml(m.PACKAGE_1, cred=wrong, loc_name=phone.name)
    unknown = m.syncml(m.PACKAGE_1, cred=wrong, loc_name="nobody", device_id="stranger")
    assert shape(known) == shape(unknown)
    assert shape(m.syncml(m.PACKAGE_1, session_id="2")) == shape(
        m.syncml(m.PACKAGE_1, session_id="2", device_id="stranger")
    )


def test_a_device_may_refuse_our_digest_once(server: MdmServer, phone: Enrolled) -> None:
    first = send(server, m.syncml(m.PACKAGE_1, cred=phone.cred(), loc_name=phone.name))
    nonce = b"its own fresh one"
    refused = answer_gets(first, "2", m.chal(nonce), code="401")
    second = send(server, m.syncml(refused, msg_id="2"))
    assert second.findtext("s:SyncHdr/s:Cred/s:Data", "", NS) == phone.server_digest(nonce)
    assert gets(second)
    refused_again = answer_gets(second, "3", m.chal(b"third"), code="401")
    third = send(server, m.syncml(refused_again, msg_id="3"))
    assert not gets(third)


@pytest.mark.parametrize(
    ("others", "asked"), [(AuthScheme.BASIC, "basic"), (AuthScheme.MD5, "md5")]
)
def test_what_a_device_is_asked_for_tells_nothing_of_it(
    server_factory: ServerFactory, others: AuthScheme, asked: str
) -> None:
    server = server_factory(accounts=(BASIC,), appsrv_scheme=others)
    wrong = m.md5_cred("dummy", "dummy", b"")
    for name, device_id in (("dummy", m.DEVICE_ID), ("stranger", "urn:uuid:0")):
        for cred, code in ((wrong, "401"), ("", "407")):
            body = m.syncml(
                m.PACKAGE_1, cred=cred, loc_name=name, device_id=device_id, session_id=code
            )
            answer = send(server, body)
            assert statuses(answer)[0][3] == code
            assert answer.findtext(".//s:Chal/s:Meta/m:Type", "", NS) == f"syncml:auth-{asked}"


def test_a_basic_account_may_answer_the_md5_challenge_it_was_given(
    server_factory: ServerFactory,
) -> None:
    server = server_factory(accounts=(BASIC,))
    challenged = send(server, m.syncml(m.PACKAGE_1))
    cred = m.md5_cred("dummy", "dummy", next_nonce(challenged))
    accepted = send(server, m.syncml(m.PACKAGE_1, cred=cred, msg_id="2"))
    assert statuses(accepted)[0][3] == "212"
    replayed = m.syncml(m.PACKAGE_1, cred=cred, session_id="2")
    assert statuses(send(server, replayed))[0][3] == "401"


def test_a_configured_account_can_be_tied_to_a_device(server_factory: ServerFactory) -> None:
    account = ConfiguredAccount(
        name="dummy", secret="dummy", scheme=AuthScheme.BASIC, device_id="other"
    )
    server = server_factory(accounts=(account,))
    cred = m.basic_cred("dummy", "dummy")
    assert statuses(send(server, m.syncml(m.PACKAGE_1, cred=cred)))[0][3] == "401"
    right = m.syncml(m.PACKAGE_1, cred=cred, device_id="other")
    assert statuses(send(server, right))[0][3] == "212"


def test_an_unfinished_package_is_continued(server: MdmServer, phone: Enrolled) -> None:
    part = m.syncml(m.PACKAGE_1, cred=phone.cred(), loc_name=phone.name, is_final=False)
    answer = send(server, part)
    assert answer.findtext(".//s:Alert/s:Data", "", NS) == "1222"
    assert answer.find(".//s:Final", NS) is None
    assert not gets(answer)
    rest = send(server, m.syncml(m.status("1", "2", "0", "SyncHdr", "200"), msg_id="2"))
    assert gets(rest)


def test_an_abort_gets_statuses_only(server: MdmServer, phone: Enrolled) -> None:
    body = "<Alert><CmdID>1</CmdID><Data>1223</Data></Alert>"
    answer = send(server, m.syncml(body, cred=phone.cred(), loc_name=phone.name))
    assert [code for *_, code in statuses(answer)] == ["212", "200"]
    assert not gets(answer)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<Alert><CmdID>5</CmdID><Data>1199</Data></Alert>", "406"),
        (
            "<Add><CmdID>5</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item></Add>",
            "405",
        ),
        ("<Put><CmdID>5</CmdID></Put>", "406"),
    ],
)
def test_what_a_device_must_not_send_is_refused_in_place(
    server: MdmServer, phone: Enrolled, body: str, code: str
) -> None:
    answer = send(server, m.syncml(m.PACKAGE_1 + body, cred=phone.cred(), loc_name=phone.name))
    assert statuses(answer)[-1][1] == "5"
    assert statuses(answer)[-1][3] == code


def test_the_lumias_own_message_gets_212_with_a_basic_account(
    server_factory: ServerFactory,
) -> None:
    server = server_factory(accounts=(BASIC,))
    message = shared_file("captures", "wp81-lumia", "lumia630_syncml_pkg1.xml").read_bytes()
    answer = send(server, message)
    assert statuses(answer) == [
        ("1", "0", "SyncHdr", "212"),
        ("1", "2", "Alert", "200"),
        ("1", "3", "Replace", "200"),
    ]


@pytest.mark.parametrize("session_id", ["0", "1A", "ffff", "01"])
def test_a_session_id_is_text(server: MdmServer, phone: Enrolled, session_id: str) -> None:
    message = m.syncml(m.PACKAGE_1, cred=phone.cred(), loc_name=phone.name, session_id=session_id)
    assert send(server, message).findtext("s:SyncHdr/s:SessionID", "", NS) == session_id


@pytest.mark.parametrize(
    "body",
    [b"", b"no xml", b"<SyncML", b"<a/>", b"\x00\x01\x02", b"<SyncML xmlns='SYNCML:SYNCML1.2'/>"],
)
def test_what_is_no_message_is_http_400_with_one_line(server: MdmServer, body: bytes) -> None:
    answer = post_syncml(server, DM_PATH, body)
    assert answer.status == 400
    assert (answer.body or b"").count(b"\n") == 1


def test_a_broken_message_with_a_readable_header_gets_status_400(server: MdmServer) -> None:
    broken = m.syncml(m.PACKAGE_1).replace(b"</SyncBody></SyncML>", b"<unclosed>")
    answer = send(server, broken)
    assert statuses(answer) == [("1", "0", "SyncHdr", "400")]


def test_every_truncation_is_answered(server: MdmServer, phone: Enrolled) -> None:
    whole = m.syncml(m.PACKAGE_1, cred=phone.cred(), loc_name=phone.name)
    for length in range(len(whole)):
        assert post_syncml(server, DM_PATH, whole[:length]).status in {200, 400}
    assert statuses(send(server, whole))[0][3] == "212"
