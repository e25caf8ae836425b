"""Packages 2 and 4, several messages in one, abort, lost connections, sizes (ets.md 2)."""

from __future__ import annotations

from base64 import b64decode

import pytest

from tests.ets import text as t
from tests.ets.device import DEVICE_ID, PROFILES, Bench, Device, answer_with, queue, sent_commands
from tests.ets.text import Message
from tests.support.ets import SERVER

ets = pytest.mark.ets

NODE = "./Vendor/MSFT/DMClient/Provider/MDMProxy/EntDMID"
MANY = "".join(t.get("", f"./Vendor/MSFT/Example/{n:03}") for n in range(40))


def ids_and_codes(answer: Message) -> list[tuple[str, str, str]]:
    return [(one.cmd_ref, one.cmd, one.code) for one in answer.statuses]


@ets("DMS-013", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_package_2_has_a_status_for_header_alert_and_replace(bench: Bench, profile: str) -> None:
    answer = bench.enroll(profile).open()
    assert answer.names[0] == "Status"
    assert ids_and_codes(answer) == [
        ("0", "SyncHdr", "212"),
        ("2", "Alert", "200"),
        ("3", "Replace", "200"),
    ]


@ets("DMS-013", SERVER)
def test_further_alerts_have_their_status_in_order(device: Device) -> None:
    login = t.alert(
        "9", "1224", t.item(info=t.meta(Type="com.microsoft/MDM/LoginStatus"), data="user")
    )
    answer = device.open(more=login + t.generic("7", "com.example/unknown"))
    assert [one.cmd_ref for one in answer.statuses] == ["0", "2", "3", "9", "7"]


@ets("DMS-014", SERVER)
def test_a_server_without_commands_takes_the_session_as_finished(
    bench: Bench, device: Device
) -> None:
    got = device.session()
    assert got[-1].is_final
    assert got[-1].commands == []
    # What comes now under the same ids is a new session: nobody is authenticated in it.
    device.msg_id = 0
    assert device.say(t.package_1(DEVICE_ID), name=device.name).header_code == "407"
    assert device.open(session_id="1C").header_code == "212"


@ets("DMS-016", SERVER)
def test_commands_are_followed_by_more_until_there_are_none(bench: Bench, device: Device) -> None:
    jobs = [queue(bench, device, t.get("", f"./DevDetail/Ext/Node{n}")) for n in range(3)]
    got = device.session()
    for number in range(3):
        assert sent_commands(got, "Get", f"./DevDetail/Ext/Node{number}") == 1
    assert got[-1].names == ["Status", "Final"]
    assert got[-1].header_code in {"200", "212"}
    states = bench.rows("select id, state from queue order by id")
    assert states == [{"id": job, "state": "done"} for job in jobs]


@ets("DMS-016", SERVER)
def test_a_job_that_is_queued_meanwhile_goes_out_in_the_same_session(
    bench: Bench, device: Device
) -> None:
    answer = device.open()
    queue(bench, device, t.get("", NODE))
    got = [answer]
    while got[-1].commands:
        got.append(device.reply(got[-1]))
    assert sent_commands(got, "Get", NODE) == 1


@ets("DMS-017", SERVER)
def test_every_message_is_answered(device: Device) -> None:
    answer = device.open()
    bare = device.say(t.status("1", answer.msg_id, "0", "SyncHdr", "200"), final=False)
    assert bare.header_code in {"200", "212"}
    empty = device.say("", final=False)
    assert empty.header_code in {"200", "212"}
    ending = device.say("")
    assert ending.header_code in {"200", "212"}
    late = device.say(t.status("1", ending.msg_id, "0", "SyncHdr", "200"))
    assert late.statuses[0].cmd == "SyncHdr"


@ets("DMX-018", SERVER)
def test_a_package_of_the_device_may_come_in_three_messages(bench: Bench, device: Device) -> None:
    opened = device.say(t.alert("2", "1201"), cred=device.cred(), name=device.name, final=False)
    assert (opened.alerts, opened.is_final, opened.work) == (["1222"], False, [])
    more = device.say(
        t.status("1", opened.msg_id, "0", "SyncHdr", "212", t.chal(b"n" * 16))
        + t.status("2", opened.msg_id, t.text(opened.commands[0], "CmdID"), "Alert", "200")
        + t.dev_info("3", DEVICE_ID),
        final=False,
    )
    assert (more.alerts, more.is_final, more.work) == (["1222"], False, [])
    assert more.code("3") == "200"
    closed = device.say(t.status("1", more.msg_id, "0", "SyncHdr", "200"))
    assert closed.is_final
    assert closed.work
    stored = bench.rows("select value from inventory where uri like '%DevInfo/Man'")
    assert stored == [{"value": "NOKIA"}]


@ets("DMX-018", SERVER)
def test_results_over_several_messages_are_put_together(bench: Bench, device: Device) -> None:
    uris = ["./DevDetail/Ext/A", "./DevDetail/Ext/B"]
    queue(bench, device, t.get("", uris[0]) + t.get("", uris[1]))
    answer = device.open()
    while answer.commands:
        ids = iter(range(100, 9999))
        whole = [answer_with({})(command, answer.msg_id, ids) for command in answer.commands]
        half = len(whole) // 2 or 1
        head = t.status("1", answer.msg_id, "0", "SyncHdr", "200")
        if answer.has("Cred"):
            head = t.status("1", answer.msg_id, "0", "SyncHdr", "212", t.chal(b"m" * 16))
        middle = device.say(head + "".join(whole[:half]), final=False)
        assert (middle.alerts, middle.is_final, middle.work) == (["1222"], False, [])
        next_alert = t.text(middle.commands[0], "CmdID")
        answer = device.say(
            t.status("1", middle.msg_id, "0", "SyncHdr", "200")
            + t.status("2", middle.msg_id, next_alert, "Alert", "200")
            + "".join(whole[half:])
        )
    assert answer.is_final
    found = bench.rows("select uri, value from job_results order by position")
    assert found == [{"uri": uri, "value": f"value of {uri}"} for uri in uris]


@ets("DMS-019", SERVER)
def test_a_message_without_final_gets_status_and_1222_only(bench: Bench, device: Device) -> None:
    queue(bench, device, t.get("", NODE))
    answer = device.open(final=False)
    assert answer.names == ["Status", "Status", "Status", "Alert"]
    assert answer.alerts == ["1222"]
    assert not answer.is_final


@ets("DMS-022", SERVER)
def test_no_new_commands_while_earlier_ones_have_no_status(bench: Bench, device: Device) -> None:
    answer = device.open()
    asked = [t.uris(command) for command in answer.commands if t.local(command) == "Get"]
    assert len(asked) > 1
    queue(bench, device, t.get("", NODE))
    ids = iter(range(100, 9999))
    told = [answer_with({})(command, answer.msg_id, ids) for command in answer.commands]
    head = t.status("1", answer.msg_id, "0", "SyncHdr", "212", t.chal(b"k" * 16))
    waiting = device.say(head + told[0], final=False)
    assert waiting.work == []
    more = device.say(
        t.status("1", waiting.msg_id, "0", "SyncHdr", "200") + "".join(told[1:-1]), final=False
    )
    assert more.work == []
    going_on = device.say(t.status("1", more.msg_id, "0", "SyncHdr", "200") + told[-1])
    assert going_on.find("Get", NODE) is not None


@ets("DMX-023", SERVER)
def test_an_abort_gets_statuses_and_ends_the_session(bench: Bench, device: Device) -> None:
    queue(bench, device, t.get("", NODE))
    answer = device.open()
    assert answer.commands
    aborted = device.say(
        t.status("1", answer.msg_id, "0", "SyncHdr", "212", t.chal(b"q" * 16))
        + t.alert("2", "1223")
    )
    assert [one.cmd for one in aborted.statuses] == ["SyncHdr", "Alert"]
    assert aborted.code("2") == "200"
    assert aborted.commands == []
    assert aborted.is_final
    # The session is over, its nonces count, and the job is not lost.
    device.server_nonce = b"q" * 16
    got = device.session(session_id="1B")
    assert got[0].header("Cred/Data") == device.server_digest(b"q" * 16)
    assert sent_commands(got, "Get", NODE) == 1
    assert bench.rows("select state from queue") == [{"state": "done"}]


@ets("DMX-023", SERVER)
def test_an_abort_in_the_first_message(device: Device) -> None:
    answer = device.open(more=t.alert("4", "1223"))
    assert answer.commands == []
    assert answer.code("4") == "200"


@ets("DMX-024", SERVER)
def test_a_device_that_never_ends_its_package_is_aborted(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Less patience than usual, for a shorter test.
    monkeypatch.setattr("mdmcore.server.session.turn.MAX_UNFINISHED", 20, raising=False)
    answer = device.open(final=False)
    for _ in range(1200):
        if "1223" in answer.alerts:
            break
        assert answer.alerts == ["1222"]
        answer = device.say(t.status("1", answer.msg_id, "0", "SyncHdr", "200"), final=False)
    assert answer.alerts == ["1223"]
    assert answer.is_final
    assert answer.work == []
    assert device.open(session_id="1B").header_code == "212"


@ets("DMX-025", SERVER)
@pytest.mark.parametrize("got_the_answer", [True, False])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_lost_connection_leaves_both_in_step(
    bench: Bench, profile: str, got_the_answer: bool
) -> None:
    device = bench.enroll(profile)
    job = queue(bench, device, t.get("", NODE))
    before = device.nonce
    device.open()
    if not got_the_answer:
        device.nonce = before
    bench.clock.advance(hours=1)
    got = device.session(session_id="1B")
    assert got[0].header_code == "212"
    assert got[0].header("Cred/Data") == device.server_digest(
        b64decode(device.account["CLIENT"]["AAUTHDATA"])
    )
    assert bench.rows("select id, state from queue") == [{"id": job, "state": "done"}]
    assert device.session(session_id="1C")[0].header_code == "212"


@ets("DMX-025", SERVER)
def test_a_lost_package_3_answer_leaves_the_old_session_behind(
    bench: Bench, device: Device
) -> None:
    answer = device.open()
    device.reply(answer)  # its answer never arrives
    assert device.session(session_id="1B")[0].header("Cred/Data")
    assert device.session(session_id="1C")[0].header_code == "212"


@ets("DMX-027", SERVER)
@pytest.mark.parametrize("limit", [2500, 4000])
def test_no_answer_is_larger_than_the_device_takes(bench: Bench, limit: int) -> None:
    device = bench.enroll("win10")
    queue(bench, device, MANY)
    header = f'<Meta><MaxMsgSize xmlns="syncml:metinf">{limit}</MaxMsgSize></Meta>'
    answer = device.open(header=header)
    got = [answer]
    while got[-1].commands:
        assert len(got) < 100
        got.append(device.reply(got[-1], header=header))
    assert max(len(one.data) for one in got) <= limit
    for number in range(40):
        assert sent_commands(got, "Get", f"./Vendor/MSFT/Example/{number:03}") == 1
    assert bench.rows("select state from queue") == [{"state": "done"}]
