"""The device's messages, read back by the standard library."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from mdmcore.phone.commands import Answered
from mdmcore.phone.conversation import (
    Session,
    answers,
    build_request,
    header_answer,
    numbered,
)
from mdmcore.phone.first_package import package_1
from mdmcore.phone.readiness import ready
from mdmcore.phone.tree import DeviceTree
from mdmcore.records import AuthScheme
from mdmcore.syncml.model import Alert, AnyCommand, Item
from tests.phone.dm_script import Received
from tests.phone.scripted import DM_URL, enrolled, settings

SESSION = Session(
    session_id="1A",
    url=f"{DM_URL}?x=1",
    scheme=AuthScheme.MD5,
    sends_cred=False,
    msg_id=1,
    server_msg_id=4,
    server_msg_text="4",
)


def sent(
    session: Session, commands: tuple[AnyCommand, ...], *, is_final: bool = True
) -> tuple[Session, Received]:
    account = ready(enrolled())
    after, request = build_request(session, commands, account, settings(), is_final=is_final)
    return after, Received(root=ElementTree.fromstring(request.body or b""), url=request.url)


def test_the_message_counts_and_goes_to_the_sessions_url() -> None:
    after, message = sent(SESSION, numbered(package_1(DeviceTree(enrolled()), settings())))
    assert (after.msg_id, message.msg_id, message.header("SessionID")) == (2, "2", "1A")
    assert message.url == f"{DM_URL}?x=1"
    assert message.header("Target/LocURI") == DM_URL
    assert message.cred == message.header("Source/LocName") == ""
    assert after.sent(ready(enrolled())).cmd_ids == (("2", "Alert"), ("3", "Replace"))


def test_statuses_come_before_results_and_count_their_cmdids() -> None:
    first = header_answer(SESSION, 212, b"0123456789abcdef")
    answered = (
        Answered(cmd_id="a", name="Get", code=200, results=(Item(source="./x", data="1"),)),
        Answered(cmd_id="b", name="Replace", code=404, target="./y"),
    )
    more = Alert(cmd_id="", code="1222")
    commands = numbered((first, *answers(SESSION, answered), more))
    after, message = sent(SESSION, commands, is_final=False)
    assert message.commands() == ["Status", "Status", "Status", "Results", "Alert"]
    assert [command.cmd_id for command in commands] == ["1", "2", "3", "4", "5"]
    assert message.statuses() == [
        ("SyncHdr", "0", "212"),
        ("Get", "a", "200"),
        ("Replace", "b", "404"),
    ]
    assert message.challenge() == b"0123456789abcdef"
    references = {element.text for element in message.root.iter("{SYNCML:SYNCML1.2}MsgRef")}
    assert references == {"4"}
    targets = [element.text for element in message.root.iter("{SYNCML:SYNCML1.2}TargetRef")]
    assert targets == ["./y"]
    assert after.sent(ready(enrolled())).cmd_ids == (("5", "Alert"),)


def test_nonces_are_not_shown() -> None:
    assert "secretnonce" not in repr(
        Session(
            session_id="1",
            url="u",
            scheme=AuthScheme.MD5,
            sends_cred=True,
            nonce_c2s=b"secretnonce",
        )
    )
