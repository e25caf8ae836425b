"""Who proves what to whom in a session: HMAC, certificates, fixed ways, and our own proof."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mdmcore.http import Headers, Request, Response, TlsFacts
from mdmcore.records import AuthScheme
from mdmcore.server.settings import DM_PATH
from mdmcore.store import Database
from tests.server.dm_device import NS, answer_gets, gets, next_nonce, send, statuses
from tests.server.leaving import queue as queue_unenrolment
from tests.server.renewals import Device, enroll
from tests.server.session.conftest import Bench, get, header_ok
from tests.support import messages as m
from tests.support.dm_talker import names, work
from tests.support.server import FixedClock, make_server
from tests.support.wbxml_tools import wbxml_to_xml, xml_to_wbxml

URL = f"https://mdm.example.test{DM_PATH}"
XML, WBXML = "application/vnd.syncml.dm+xml", "application/vnd.syncml.dm+wbxml"
DOCTYPE = b'<!DOCTYPE SyncML PUBLIC "-//SYNCML//DTD SyncML 1.2//EN" "x">'


def md5_64(data: bytes) -> bytes:
    return base64.b64encode(hashlib.md5(data).digest())


def mac(name: str, secret: str, nonce: bytes, body: bytes) -> str:
    """By the formula of DMSEC 5.4, not by our code."""
    inner = md5_64(f"{name}:{secret}".encode())
    value = md5_64(inner + b":" + nonce + b":" + md5_64(body)).decode()
    return f'algorithm=MD5, username="{name}", mac={value}'


def post(
    bench: Any, body: bytes, proof: str = "", *, kind: str = XML, tls: TlsFacts | None = None
) -> Response:
    fields = [("Content-Type", kind)] + ([("x-syncml-hmac", proof)] if proof else [])
    request = Request(method="POST", url=URL, headers=Headers(fields), body=body)
    answer = bench.server.answer(request, tls)
    assert answer.status == 200, answer.body
    return answer  # type: ignore[no-any-return]


def read(answer: Response) -> ET.Element:
    return ET.fromstring(answer.body or b"")


# --- HMAC from the device -------------------------------------------------------------------------


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Bench]:
    """A server that asks for HMAC."""
    made = Bench(tmp_path, "wp8", appsrv_scheme=AuthScheme.HMAC)
    with closing(made):
        yield made


def test_hmac_is_asked_for_and_goes_with_each_message(asking: Bench) -> None:
    account, talker = asking.account, asking.talker()
    assert account.account["APPSRV"]["AAUTHTYPE"] == "DIGEST"
    server_secret = account.account["CLIENT"]["AAUTHSECRET"]
    number = asking.queue(get("./A"))
    challenged = read(post(asking, talker.open(cred="")))
    assert [code for *_, code in statuses(challenged)] == ["407"] * 3
    assert challenged.findtext(".//m:Type", "", NS) == "syncml:auth-MAC"
    assert challenged.findtext(".//m:Format", "", NS) == "b64"
    nonce, answer, message = next_nonce(challenged), challenged, b""
    nonces = [nonce]
    while True:
        message = talker.reply(answer) if message else talker.message(m.PACKAGE_1)
        sent = post(asking, message, mac(account.name, account.secret, nonce, message))
        answer = read(sent)
        assert statuses(answer)[0][3] == "200"
        # Once used, it is used both ways (DMSEC 5.4.3).
        assert answer.find("s:SyncHdr/s:Cred", NS) is None
        own = mac(account.provider_id, server_secret, account.server_nonce, sent.body or b"")
        assert sent.headers.get("x-syncml-hmac") == own
        nonce = next_nonce(answer)
        nonces.append(nonce)
        if not work(answer):
            break
    assert len(set(nonces)) == len(nonces) >= 4
    assert asking.job(number).state == "done"
    # The last one is for the next session, which needs no challenge.
    talker.session_id = "1B"
    message = talker.open(cred="")
    again = read(post(asking, message, mac(account.name, account.secret, nonce, message)))
    assert statuses(again)[0][3] == "200"


def test_hmac_is_over_the_bytes_of_wbxml(asking: Bench, tmp_path: Path) -> None:
    account = asking.account
    body = xml_to_wbxml(DOCTYPE + asking.talker().open(cred=""), tmp_path, "-k")
    proof = mac(account.name, account.secret, account.nonce, body)
    answer = post(asking, body, proof, kind=WBXML)
    found = ET.fromstring(wbxml_to_xml(answer.body or b"", tmp_path))
    assert found.findtext(".//s:Status/s:Data", "", NS) == "200"


@pytest.mark.parametrize("way", ["none", "wrong", "cred beside it", "two", "cred instead"])
def test_a_missing_or_wrong_hmac_ends_the_session(asking: Bench, way: str) -> None:
    account, talker = asking.account, asking.talker()
    number = asking.queue(get("./A"))
    message = talker.open(cred="")
    right = mac(account.name, account.secret, account.nonce, message)
    answer = read(post(asking, message, right))
    nonce = next_nonce(answer)
    cred = account.cred(nonce) if "cred" in way else ""
    body = talker.message(header_ok("2"), cred=cred)
    proof = mac(account.name, account.secret, nonce, body)
    given = {"none": "", "cred instead": "", "wrong": proof.replace("mac=", "mac=A")}.get(
        way, proof
    )
    fields = [("Content-Type", XML)] + [("x-syncml-hmac", given)] * (2 if way == "two" else 1)
    request = Request(
        method="POST", url=URL, headers=Headers([each for each in fields if each[1]]), body=body
    )
    refused = read(asking.server.answer(request))
    assert statuses(refused)[0][3] == "401"
    assert refused.find(".//s:Chal", NS) is None
    assert work(refused) == []
    # The session is over, the job is not lost.
    more = talker.message(header_ok("3"))
    late = read(post(asking, more, mac(account.name, account.secret, nonce, more)))
    assert work(late) == []
    asking.account.nonce = nonce
    talker.session_id = "1B"
    message = talker.open(cred="")
    again = read(post(asking, message, mac(account.name, account.secret, nonce, message)))
    assert names(again) == ["Get ./A", "Final"]
    assert asking.job(number).attempts == 2


def test_a_repeated_message_gets_the_same_bytes_and_nonces_do_not_move(asking: Bench) -> None:
    account, talker = asking.account, asking.talker()
    message = talker.open(cred="")
    proof = mac(account.name, account.secret, account.nonce, message)
    first, second = post(asking, message, proof), post(asking, message, proof)
    assert first.body == second.body
    follow = talker.reply(read(first))
    proof = mac(account.name, account.secret, next_nonce(read(first)), follow)
    assert statuses(read(post(asking, follow, proof)))[0][3] == "200"


def test_an_md5_credential_is_no_hmac(asking: Bench) -> None:
    answer = read(post(asking, asking.talker().open()))
    assert statuses(answer)[0][3] == "401"
    assert answer.findtext(".//m:Type", "", NS) == "syncml:auth-MAC"


def test_the_right_digest_of_another_type_than_asked_ends_the_session(asking: Bench) -> None:
    talker = asking.talker()
    challenged = read(post(asking, talker.open(cred="")))
    cred = asking.account.cred(next_nonce(challenged))
    answer = read(post(asking, talker.message(m.PACKAGE_1, cred=cred)))
    assert statuses(answer)[0][3] == "401"
    assert answer.find(".//s:Chal", NS) is None


# --- ways that do not change ----------------------------------------------------------------------


def test_nobody_changes_the_way_within_a_session(bench: Bench) -> None:
    talker, account = bench.talker(), bench.account
    bench.post(talker.open())
    basic = m.basic_cred(account.name, account.secret)
    answer = ET.fromstring(bench.post(talker.message(header_ok("2"), cred=basic)))
    assert statuses(answer)[0][3] == "401"
    assert answer.find(".//s:Chal", NS) is None
    assert work(answer) == []


def test_a_credential_in_each_message_is_taken(bench: Bench) -> None:
    """Some devices go on sending what was accepted with 212."""
    talker = bench.talker()
    bench.queue(get("./A"))
    cred = bench.account.cred()
    first = ET.fromstring(bench.post(talker.open()))
    for_next_session = next_nonce(first)
    answer = first
    for _ in range(3):
        reference = answer.findtext("s:SyncHdr/s:MsgID", "", NS)
        body = talker.message(header_ok(reference), cred=cred, is_final=False)
        answer = ET.fromstring(bench.post(body))
        assert statuses(answer)[0][3] == "212"
        assert answer.find(".//s:Chal", NS) is None
    other = m.syncml(m.PACKAGE_1, cred=bench.account.cred(for_next_session), session_id="1B")
    assert statuses(send(bench.server, other))[0][3] == "212"


def test_the_second_refusal_closes_without_a_challenge(bench: Bench) -> None:
    talker = bench.talker()
    wrong = m.md5_cred("x", "y", b"z")
    for number, has_challenge in ((1, True), (2, False), (3, False)):
        body = talker.open(cred=wrong) if number == 1 else talker.message("", cred=wrong)
        answer = ET.fromstring(bench.post(body))
        assert statuses(answer)[0][3] == "401"
        assert (answer.find(".//s:Chal", NS) is not None) is has_challenge
        assert work(answer) == []


# --- certificates ---------------------------------------------------------------------------------


class Certified:
    """A server that takes certificates, and a device that enrolled there."""

    def __init__(self, folder: Path, *, accepts: bool = True) -> None:
        self.clock = FixedClock()
        self.server, self.store = make_server(
            folder, clock=self.clock, client_tls=True, accept_client_tls=accepts
        )
        self.device: Device = enroll(self.server)

    def close(self) -> None:
        self.store.close()

    def say(
        self, body: str = m.PACKAGE_1, *, certificate: bytes | None = None, **header: Any
    ) -> ET.Element:
        shown = self.device.certificate if certificate is None else certificate
        tls = TlsFacts(client_certificates=(shown,) if shown else ())
        return read(post(self, m.syncml(body, **header), tls=tls))


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[Certified]:
    made = Certified(tmp_path)
    with closing(made):
        yield made


def test_a_certificate_is_proof_enough(certified: Certified) -> None:
    answer = certified.say()
    assert [code for *_, code in statuses(answer)] == ["200", "200", "200"]
    assert answer.find(".//s:Chal", NS) is None
    assert gets(answer)
    assert certified.store.devices()[0].account.device_id == m.DEVICE_ID
    last = certified.say(answer_gets(answer, "2", ""), msg_id="2")
    assert names(last) == ["Final"]


@pytest.mark.parametrize("why", ["none", "other", "no certificate", "expired", "another device"])
def test_another_certificate_proves_nothing(certified: Certified, why: str) -> None:
    certified.say(session_id="1")
    shown: dict[str, bytes] = {
        "none": b"",
        "other": enroll(certified.server, "device2").certificate[:-1] + b"\0",
        "no certificate": b"nonsense",
    }
    if why == "expired":
        certified.clock.advance(days=366)
    header = {"device_id": "urn:uuid:another"} if why == "another device" else {}
    answer = certified.say(certificate=shown.get(why), session_id="2", **header)
    assert statuses(answer)[0][3] == "407"


def test_each_message_needs_the_certificate(certified: Certified) -> None:
    answer = certified.say()
    body = answer_gets(answer, "2", "")
    assert statuses(certified.say(body, msg_id="2", certificate=b""))[0][3] == "407"


def test_a_wrong_credential_beside_a_certificate_is_wrong(certified: Certified) -> None:
    answer = certified.say(cred=m.md5_cred("x", "y", b"z"))
    assert statuses(answer)[0][3] == "401"


def test_a_revoked_certificate_proves_nothing(certified: Certified) -> None:
    answer = certified.say(m.PACKAGE_1 + m.unenroll_alert())
    assert statuses(answer)[0][3] == "200"
    assert statuses(certified.say(session_id="2"))[0][3] == "407"


def test_a_device_on_its_way_out_is_still_known_by_it(certified: Certified) -> None:
    store: Database = certified.store
    certified.say(session_id="1")
    queue_unenrolment(store)
    assert certified.say(session_id="2").find(".//s:Exec", NS) is not None
    assert certified.say(session_id="3").find(".//s:Exec", NS) is not None


def test_certificates_count_only_where_they_shall(tmp_path: Path) -> None:
    with closing(Certified(tmp_path, accepts=False)) as certified:
        assert statuses(certified.say())[0][3] == "407"


# --- the server's own proof -----------------------------------------------------------------------


def digest_of(answer: ET.Element) -> str:
    return answer.findtext("s:SyncHdr/s:Cred/s:Data", "", NS)


def test_200_makes_the_server_prove_itself_each_time(bench: Bench) -> None:
    bench.queue(get("./A"))
    talker, account = bench.talker(), bench.account
    answer = ET.fromstring(bench.post(talker.open()))
    assert digest_of(answer) == account.server_digest(account.server_nonce)
    for nonce in (b"second nonce ...", b"third nonce ...."):
        reference = answer.findtext("s:SyncHdr/s:MsgID", "", NS)
        body = m.status("1", reference, "0", "SyncHdr", "200", m.chal(nonce))
        for number, command in enumerate(work(answer), start=2):
            cmd_id = command.findtext("s:CmdID", "", NS)
            body += m.status(str(number), reference, cmd_id, "Get", "200")
        answer = ET.fromstring(bench.post(talker.message(body)))
        assert digest_of(answer) == account.server_digest(nonce)


def test_after_212_the_server_is_believed(bench: Bench) -> None:
    bench.queue(get("./A"))
    talker = bench.talker()
    got = talker.session(bench.post)
    assert [bool(digest_of(answer)) for answer in got] == [True, False, False]


def test_a_refused_message_goes_out_once_more(bench: Bench) -> None:
    number = bench.queue(get("./A") + get("./B"))
    talker, account = bench.talker(), bench.account
    first = ET.fromstring(bench.post(talker.open()))
    refused = m.status("1", "2", "0", "SyncHdr", "407", m.chal(b"its nonce")) + "".join(
        m.status(str(n), "2", each.findtext("s:CmdID", "", NS), "Get", "407")
        for n, each in enumerate(work(first), start=2)
    )
    second = ET.fromstring(bench.post(talker.message(refused)))
    assert names(second) == names(first)
    assert digest_of(second) == account.server_digest(b"its nonce")
    assert bench.results(number) == []
    assert bench.job(number).attempts == 1
    third = ET.fromstring(bench.post(talker.reply(second)))
    assert bench.job(number).state == "done"
    assert work(third)


def test_a_second_refusal_is_an_abort_and_the_job_goes_back(bench: Bench) -> None:
    number = bench.queue(get("./A"))
    talker = bench.talker()
    bench.post(talker.open())
    answer = None
    for reference in ("2", "3"):
        body = m.status("1", reference, "0", "SyncHdr", "401", m.chal(b"its nonce"))
        answer = ET.fromstring(bench.post(talker.message(body)))
    assert answer is not None
    assert names(answer) == ["Alert 1223", "Final"]
    assert bench.job(number).state == "queued"


def test_the_nonce_of_a_stranger_is_used_but_not_kept(bench: Bench) -> None:
    talker, account = bench.talker(), bench.account
    challenged = ET.fromstring(bench.post(talker.open(cred="")))
    asks = m.status("1", "2", "0", "SyncHdr", "407", m.chal(b"a stranger's"))
    wrong = m.md5_cred(account.name, "guessed", next_nonce(challenged))
    bench.post(talker.message(m.PACKAGE_1 + asks, cred=wrong))
    (device,) = bench.store.devices()
    assert device.account.nonce_s2c == account.server_nonce
    # Who was challenged and then proves himself had his nonce used at once.
    talker.session_id = "1B"
    bench.post(talker.open(asks, cred=""))
    (state,) = [bench.store.session(m.DEVICE_ID, "1B")]
    assert state is not None
    assert state.server_nonce_now == b"a stranger's"


def test_the_server_proves_itself_by_hmac_when_asked(bench: Bench) -> None:
    number = bench.queue(get("./A"))
    talker, account = bench.talker(), bench.account

    def chal(nonce: bytes) -> str:
        return m.chal(nonce).replace("auth-md5", "auth-MAC")

    def proof(nonce: bytes, body: bytes | None) -> str:
        secret = account.account["CLIENT"]["AAUTHSECRET"]
        return mac(account.provider_id, secret, nonce, body or b"")

    post(bench, talker.open())
    body = m.status("1", "2", "0", "SyncHdr", "401", chal(b"first"))
    message = talker.message(body)
    answer = post(bench, message)
    assert answer.headers.get("x-syncml-hmac") == proof(b"first", answer.body)
    assert read(answer).find("s:SyncHdr/s:Cred", NS) is None
    assert read(answer).findtext("s:SyncHdr/s:Source/s:LocName", "", NS) == account.provider_id
    again = post(bench, message)
    assert (again.headers, again.body) == (answer.headers, answer.body)
    cmd_id = work(read(answer))[0].findtext("s:CmdID", "", NS)
    body = m.status("1", "3", "0", "SyncHdr", "200", chal(b"second"))
    body += m.status("2", "3", cmd_id, "Get", "200")
    answer = post(bench, talker.message(body))
    assert answer.headers.get("x-syncml-hmac") == proof(b"second", answer.body)
    assert bench.job(number).state == "done"
