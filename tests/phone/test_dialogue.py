"""A dialogue by itself: what it says first, and the state it leaves when it is broken off.

The order of events and all ways to end stand in the tests of ``management``.
"""

from __future__ import annotations

import pytest

from mdmcore.phone import NoAnswer, Refusal, run
from mdmcore.phone.dialogue import Dialogue
from mdmcore.phone.first_package import generic_alert
from mdmcore.syncml.model import Item, Meta
from tests.phone.dm_script import FIRST, LAST, NEXT_NONCE, reply, script, status
from tests.phone.scripted import DEVICE_NONCE, SERVER_NONCE, enrolled
from tests.support.server import counted_random

ALERT = generic_alert(Item(meta=Meta(format="int", type="com.example/alert"), data="7"))


def test_a_dialogue_runs_to_its_end() -> None:
    dialogue = Dialogue(enrolled(), counted_random())
    assert run(dialogue.run(), script(FIRST, LAST)) is False
    assert [one.name for one in dialogue.executed] == ["Get"]
    after = dialogue.phone()
    assert (after.sessions, after.nonce_c2s) == (1, NEXT_NONCE)
    assert not dialogue.is_unenrolling


def test_one_that_was_broken_off_keeps_its_nonces() -> None:
    dialogue = Dialogue(enrolled(), counted_random())

    def silent(_request: object) -> object:
        raise NoAnswer("reset")

    with pytest.raises(Refusal):
        run(dialogue.run(), silent)  # type: ignore[arg-type]
    after = dialogue.phone()
    assert (after.sessions, after.nonce_c2s, after.nonce_s2c) == (1, DEVICE_NONCE, SERVER_NONCE)


def test_a_generic_alert_stands_between_the_session_alert_and_devinfo() -> None:
    server = script(LAST)
    run(Dialogue(enrolled(), counted_random(), (ALERT,)).say_alert(), server)
    text = (server.requests[0].body or b"").decode()
    assert "<CmdID>2</CmdID><Data>1201</Data></Alert><Alert><CmdID>3</CmdID><Data>1226" in text
    assert "com.example/alert" in text
    assert "<Replace><CmdID>4</CmdID>" in text


def test_an_alert_is_not_sent_again_where_a_message_would_be() -> None:
    without_status = reply(status("Alert", "2", "200"))
    for resends, sent in ((False, 1), (True, 2)):
        server = script(without_status, LAST)
        dialogue = Dialogue(enrolled(), counted_random(), (ALERT,), resends=resends)
        with pytest.raises(Refusal, match="no Status for SyncHdr"):
            run(dialogue.say_alert(), server)
        assert len(server.requests) == sent
