"""The simulated phone against the emulated server, in memory, over XML and WBXML."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, NoAnswer, Refusal, run
from mdmcore.phone import unenroll as leave
from mdmcore.phone.settings import UserAnswer, UserReaction
from tests.ets import text as t
from tests.ets.both.conftest import MakePair
from tests.ets.device import PROFILES
from tests.ets.server.test_messages import assert_order
from tests.support.ets import BOTH
from tests.support.server import counted_random

ets = pytest.mark.ets

DMID = "./Vendor/MSFT/DMClient/Provider/MDMProxy/EntDMID"
ENCODINGS = (t.XML_TYPE, t.WBXML_TYPE)


@ets("DMX-001", BOTH)
@ets("DMX-003", BOTH)
@ets("DMX-005", BOTH)
@ets("DMX-006", BOTH)
@ets("DMX-007", BOTH)
@ets("DMX-008", BOTH)
@ets("DMC-010", BOTH)
@ets("DMS-013", BOTH)
@ets("DMC-015", BOTH)
@ets("DMS-016", BOTH)
@ets("WP-610", BOTH)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_session_with_commands(pair: MakePair, profile: str, encoding: str) -> None:
    both = pair(profile, encoding)
    jobs = [
        both.queue(t.replace("", DMID, "D-1") + t.get("", DMID)),
        both.queue(t.sequence("", t.get("", "./DevDetail/SwV"), t.get("", "./DevDetail/FwV"))),
        both.queue(t.atomic("", t.replace("", DMID, "D-2"))),
    ]
    outcome = both.sync()
    assert outcome.is_client_authenticated
    assert outcome.is_server_authenticated
    assert {request.media_type for request in both.requests} == {encoding}
    assert [both.state(job) for job in jobs] == ["done"] * 3
    assert both.results(jobs[0]) == [("200", None), ("200", "D-1")]
    first = 2 if profile in {"wp8", "wp81"} else 1
    assert [one.msg_id for one in both.asked] == [str(n + 1) for n in range(len(both.asked))]
    assert [one.msg_id for one in both.told] == [str(n + first) for n in range(len(both.told))]
    assert len({one.header("SessionID") for one in both.asked + both.told}) == 1
    for one in both.asked + both.told:
        assert_order(one)
        assert one.header("VerProto") == "DM/1.2"
        ids = [element.text for element in one.root.iter("{SYNCML:SYNCML1.2}CmdID")]
        assert len(ids) == len(set(ids))
    for asked, told in zip(both.asked, both.told, strict=True):
        answered = {one.cmd_ref for one in told.statuses}
        assert {t.text(command, "CmdID") for command in asked.commands} <= answered
    for told, asked in zip(both.told, both.asked[1:], strict=False):
        assert {t.text(e, "CmdID") for e in told.commands} <= {o.cmd_ref for o in asked.statuses}


@ets("DMS-105", BOTH)
@ets("DMC-109", BOTH)
@ets("DMS-112", BOTH)
@ets("DMS-114", BOTH)
@ets("WP-603", BOTH)
@ets("WP-604", BOTH)
@pytest.mark.parametrize("profile", PROFILES)
def test_nonces_over_many_sessions_and_restarts(pair: MakePair, profile: str) -> None:
    both = pair(profile)
    for number in range(5):
        outcome = both.sync()
        assert outcome.is_client_authenticated
        assert outcome.is_server_authenticated
        assert outcome.messages == 2, "nobody had to ask again"
        if number % 2:
            both.bench.restart()
    assert not any(one.code in {"401", "407"} for m in both.told + both.asked for one in m.statuses)
    digests = [one.header("Cred/Data") for one in both.asked if one.has("Cred")]
    assert len(set(digests)) == len(digests) == 5


@ets("DMX-025", BOTH)
@ets("WP-605", BOTH)
@pytest.mark.parametrize("lost", ["request", "answer"])
@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("profile", ["wp8", "win10"])
def test_a_message_is_lost(pair: MakePair, profile: str, at: int, lost: str) -> None:
    both = pair(profile)
    job = both.queue(t.get("", DMID))
    sent = 0

    def unreliable(request: Request) -> Response:
        nonlocal sent
        sent += 1
        if sent < at:
            return both.answer(request)
        if lost == "answer":
            both.answer(request)
        raise NoAnswer("connection reset")

    with pytest.raises(Refusal) as caught:
        both.sync(unreliable)
    assert isinstance(caught.value.phone, EnrolledPhone)
    both.phone = caught.value.phone
    for _ in range(2):
        outcome = both.sync()
        assert outcome.is_client_authenticated
        assert outcome.is_server_authenticated
    assert both.state(job) == "done"


@ets("DMC-108", BOTH)
@ets("DMS-101", BOTH)
@ets("DMS-111", BOTH)
@ets("DMS-113", BOTH)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("profile", PROFILES)
def test_nonces_out_of_step_recover(pair: MakePair, profile: str, encoding: str) -> None:
    both = pair(profile, encoding)
    both.sync()
    job = both.queue(t.get("", DMID))
    both.phone = replace(both.phone, nonce_c2s=b"stale", nonce_s2c=b"stale")
    outcome = both.sync()
    assert outcome.is_client_authenticated
    assert outcome.is_server_authenticated
    assert both.state(job) == "done"
    assert both.sync().messages == 2


@ets("DMS-101", BOTH)
@ets("DMC-108", BOTH)
def test_a_phone_that_waits_to_be_asked(pair: MakePair) -> None:
    both = pair("wp8", sends_cred_first=False)
    assert both.sync().is_client_authenticated
    assert both.told[0].header_code == "407"


LONG = "".join(f"{number:07}" for number in range(8000))


@ets("DMX-401", BOTH)
@ets("DMX-402", BOTH)
@ets("DMX-027", BOTH)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_large_value_down_and_up(pair: MakePair, encoding: str) -> None:
    both = pair("win10", encoding, max_message_bytes=8192)
    both.sync()  # the server learns LrgObj
    both.asked.clear()
    both.told.clear()
    both.requests.clear()
    job = both.queue(t.replace("", DMID, LONG) + t.get("", DMID))
    both.sync()
    assert both.state(job) == "done"
    assert both.results(job) == [("200", None), ("200", LONG)]
    assert any(one.root.find(".//{*}MoreData") is not None for one in both.told)
    assert any(one.root.find(".//{*}MoreData") is not None for one in both.asked)
    assert max(len(request.body or b"") for request in both.requests) <= 8192
    if encoding == t.XML_TYPE:
        assert max(len(one.data) for one in both.told) <= 8192


@ets("DMX-407", BOTH)
@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81"])
def test_a_large_value_for_a_device_without_large_objects(pair: MakePair, profile: str) -> None:
    both = pair(profile)
    both.sync()
    job = both.queue(t.replace("", DMID, LONG))
    both.sync()
    assert both.state(job) in {"done", "failed"}
    assert not any(one.root.find(".//{*}MoreData") is not None for one in both.told + both.asked)


@ets("DMX-305", BOTH)
@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_a_user_who_leaves(pair: MakePair, profile: str) -> None:
    both = pair(profile)
    both.sync()
    both.phone = run(leave(both.phone, random=counted_random("leaving")), both.answer)
    assert both.phone.is_unenrolled
    assert both.bench.rows("select status from accounts") == [{"status": "unenrolled"}]


@ets("DMX-306", BOTH)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_server_that_dismisses(pair: MakePair, profile: str) -> None:
    both = pair(profile)
    both.sync()
    exec_ = t.execute("", "./Vendor/MSFT/DMClient/Unenroll", "MDMProxy")
    job = both.queue(exec_, recipe="unenroll")
    assert both.sync().is_unenrolled
    told = [one for one in both.told if one.find("Exec", "./Vendor/MSFT/DMClient/Unenroll")
            is not None]  # fmt: skip
    assert len(told) == 1
    if profile != "wp8":  # Windows Phone 8.0 says nothing
        assert both.state(job) == "done"
        assert both.bench.rows("select status from accounts") == [{"status": "unenrolled"}]


@ets("DMX-307", BOTH)
@pytest.mark.parametrize(
    ("reaction", "code"),
    [(None, "406"), (UserReaction.CONFIRM, "200"), (UserReaction.REJECT, "304"),
     (UserReaction.CANCEL, "214")],
)  # fmt: skip
def test_a_question_to_the_user(pair: MakePair, reaction: UserReaction | None, code: str) -> None:
    answer = None if reaction is None else UserAnswer(reaction=reaction)
    both = pair("wp8", user_answer=answer)
    alert = t.alert("", "1101", t.item(data="MINDT=10"), t.item(data="Go on?"))
    job = both.queue(alert)
    both.sync()
    assert {told for told, _ in both.results(job)} == {code}


@ets("DMX-308", BOTH)
def test_a_phone_that_asks_to_wait(pair: MakePair) -> None:
    both = pair("win10", pending_messages=3)
    job = both.queue(t.get("", DMID))
    both.sync()
    assert both.state(job) == "done"
    waiting = [one for one in both.asked if b"requestpending" in one.data]
    assert len(waiting) >= 3
    assert not any(one.is_final for one in waiting)


@ets("DMX-023", BOTH)
def test_a_user_who_breaks_off(pair: MakePair) -> None:
    both = pair("wp8", user_cancels_at=2)
    both.queue(t.get("", DMID))
    outcome = both.sync()
    assert outcome.is_cancelled
    assert "1223" in both.asked[-1].alerts
    assert both.told[-1].work == []


@ets("DMC-220", BOTH)
@ets("DMC-221", BOTH)
@pytest.mark.parametrize("profile", PROFILES)
def test_atomics(pair: MakePair, profile: str) -> None:
    both = pair(profile)
    good = both.queue(t.atomic("", t.replace("", DMID, "A"), t.replace("", DMID, "B")))
    bad = both.queue(
        t.atomic(
            "",
            t.replace("", DMID, "C"),
            t.replace("", "./Vendor/MSFT/Nothing", "1"),
            t.replace("", DMID, "D"),
        )
    )
    after = both.queue(t.get("", DMID))
    both.sync()
    assert both.state(good) == "done"
    assert [code for code, _ in both.results(good)] == ["200"] * 3
    assert both.state(bad) == "failed"
    assert [code for code, _ in both.results(bad)] == ["507", "216", "404", "215"]
    assert both.results(after) == [("200", "B")]
