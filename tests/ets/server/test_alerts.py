"""Alerts of the device (ets.md 5), by raw messages."""

from __future__ import annotations

import pytest

from tests.ets import text as t
from tests.ets.device import DEVICE_ID, PROFILES, Bench, Device, answer_with, queue
from tests.ets.text import Message
from tests.support.ets import SERVER

ets = pytest.mark.ets

UNENROLL_URI = "./Vendor/MSFT/DMClient/Unenroll"


def event(cmd_id: str, kind: str, data: str = "1") -> str:
    return t.alert(cmd_id, "1224", t.item(info=t.meta(Type=kind, Format="chr"), data=data))


def account_status(bench: Bench, device: Device) -> str:
    (row,) = bench.rows("select status from accounts where name = ?", device.name)
    return str(row["status"])


@ets("DMX-301", SERVER)
@pytest.mark.parametrize("who", ["user", "others", "none"])
def test_a_client_event_that_is_understood(bench: Bench, who: str) -> None:
    device = bench.enroll("win10")
    answer = device.open(more=event("4", "com.microsoft/MDM/LoginStatus", who))
    assert answer.code("4") == "200"


@ets("DMX-301", SERVER)
def test_a_client_event_that_is_not(device: Device) -> None:
    assert device.open(more=event("4", "com.example/unheard-of")).code("4") == "406"


@ets("DMX-302", SERVER)
def test_a_generic_alert_of_a_known_type(device: Device) -> None:
    assert device.open(more=t.generic("4", t.UNENROLL_TYPE)).code("4") in {"200", "202"}


@ets("DMX-303", SERVER)
@pytest.mark.parametrize("format", ["int", "chr", "x-unheard-of", ""])
def test_a_generic_alert_of_an_unknown_type(bench: Bench, device: Device, format: str) -> None:
    answer = device.open(more=t.generic("4", "com.example/unheard-of", format=format))
    assert answer.code("4") == "415"
    assert answer.commands, "the session goes on"
    assert account_status(bench, device) == "enrolled"


@ets("DMX-304", SERVER)
def test_every_alert_has_its_status(device: Device) -> None:
    more = "".join(t.generic(number, "com.example/unheard-of") for number in ("4", "5", "6"))
    answer = device.open(more=more)
    assert [answer.code(number) for number in ("4", "5", "6")] == ["415"] * 3


@ets("DMX-304", SERVER)
@pytest.mark.parametrize(
    "more",
    [
        t.generic("4", "com.example/unheard-of", t.UNENROLL_TYPE),
        t.generic("4", "com.example/unheard-of") + t.generic("5", t.UNENROLL_TYPE),
        t.generic("4", t.UNENROLL_TYPE) + t.generic("5", "com.example/unheard-of"),
    ],
)
def test_every_item_is_looked_at(bench: Bench, device: Device, more: str) -> None:
    device.open(more=more)
    assert account_status(bench, device) == "unenrolled"


@ets("DMX-305", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_user_who_leaves(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    queue(bench, device, t.get("", "./DevDetail/SwV"))
    login = event("3", "com.microsoft/MDM/LoginStatus", "user") if profile == "win10" else ""
    body = t.alert("2", "1201") + login + t.generic("4", t.UNENROLL_TYPE)
    device.msg_id = 0
    answer = device.say(body + t.dev_info("5", DEVICE_ID), cred=device.cred(), name=device.name)
    assert answer.header_code == "212"
    assert answer.code("4") == "200"
    assert answer.commands == []
    assert answer.is_final
    assert account_status(bench, device) == "unenrolled"
    assert device.open(session_id="2").header_code == "401"


@ets("DMX-305", SERVER)
def test_another_generic_alert_leaves_the_device_enrolled(bench: Bench, device: Device) -> None:
    device.open(more=t.generic("4", "com.microsoft:mdm.something.else"))
    assert account_status(bench, device) == "enrolled"
    assert device.open(session_id="2").header_code == "212"


@ets("DMX-305", SERVER)
def test_a_stranger_unenrols_nobody(bench: Bench, device: Device) -> None:
    device.session()
    answer = device.open(session_id="2", cred="", more=t.generic("4", t.UNENROLL_TYPE))
    assert answer.header_code == "407"
    assert account_status(bench, device) == "enrolled"


def told_to_leave(bench: Bench, device: Device) -> Message:
    """The message with the Exec to leave."""
    exec_ = t.execute("", UNENROLL_URI, "MDMProxy")
    queue(bench, device, exec_, recipe="unenroll")
    answer = device.open()
    for _ in range(10):
        if answer.find("Exec", UNENROLL_URI) is not None:
            return answer
        answer = device.reply(answer)
    raise AssertionError("the Exec did not come")


@ets("DMX-306", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_device_told_to_leave_says_so_in_a_new_session(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    told = told_to_leave(bench, device)
    exec_ = told.find("Exec", UNENROLL_URI)
    assert exec_ is not None
    assert t.text(exec_, "Item/Data") == device.provider_id
    assert t.text(exec_, "Item/Meta/Format") == "chr"
    bench.clock.advance(minutes=1)
    answer = device.open(session_id="2", more=t.generic("4", t.UNENROLL_TYPE))
    assert answer.code("4") == "200"
    assert answer.commands == []
    assert account_status(bench, device) == "unenrolled"
    assert bench.rows("select state from queue") == [{"state": "done"}]


@ets("DMX-306", SERVER)
def test_silence_is_not_taken_for_a_failure(bench: Bench, device: Device) -> None:
    told_to_leave(bench, device)
    (row,) = bench.rows("select state from queue")
    assert row["state"] == "sent"
    assert account_status(bench, device) == "unenrolling"


@ets("DMX-308", SERVER)
def test_a_request_that_is_pending_keeps_the_server_waiting(bench: Bench) -> None:
    device = bench.enroll("win10")
    answer = device.open()
    for number in range(5):
        proof = t.status("1", answer.msg_id, "0", "SyncHdr", "200")
        if answer.has("Cred"):
            chal = t.chal(b"w" * 16)
            proof = t.status("1", answer.msg_id, "0", "SyncHdr", "212", chal)
        waiting = device.say(proof + event("2", "com.microsoft.mdm.requestpending"), final=False)
        assert waiting.alerts == ["1222"], number
        assert waiting.work == []
        assert not waiting.is_final
        assert waiting.code("2") == "200"
        answer = waiting


def shown(code: str) -> str:
    """A job that shows something to the user."""
    texts = ("MINDT=10", "Go on?", "one", "two")
    return t.alert("", code, *(t.item(data=text) for text in texts))


@ets("DMX-307", SERVER)
@pytest.mark.parametrize("code", ["1100", "1101", "1102", "1103", "1104"])
@pytest.mark.parametrize(
    ("answer", "state"), [("200", "done"), ("304", None), ("214", None), ("406", "failed")]
)
def test_what_a_device_may_say_to_an_alert_for_the_user(
    bench: Bench, device: Device, code: str, answer: str, state: str | None
) -> None:
    job = queue(bench, device, shown(code))
    got = device.session(answer_with({"Alert": answer}))
    assert any(code in one.alerts for one in got), "it was sent"
    assert got[-1].is_final
    (row,) = bench.rows("select state from queue where id = ?", job)
    assert row["state"] == state or (state is None and row["state"] in {"done", "failed"})
    (result,) = bench.rows("select distinct command, code from job_results where job = ?", job)
    assert result == {"command": "Alert", "code": answer}
