"""Sessions of a life: which one a message belongs to, and how it ends."""

from __future__ import annotations

import pytest

from mdmcore.rules.life import MAX_SESSIONS, Outcome
from mdmcore.syncml.model import Status
from tests.support.story import (
    GET,
    Story,
    answer,
    device_cred,
    header_status,
    package,
    package1,
)

FIRST = package1(cred=device_cred())


def outcome(story: Story) -> Outcome:
    return story.inspector.lives()[0].outcome


def test_a_session_ends_when_the_server_has_nothing_more() -> None:
    story = Story().enrolled()
    assert outcome(story) is Outcome.RUNNING
    story.sync(FIRST, answer("2", "212", "1", GET))
    assert outcome(story) is Outcome.RUNNING
    story.sync(package("2", header_status("212", "2")), answer("3", "200", "2"))
    assert outcome(story) is Outcome.COMPLETE


def test_an_empty_answer_ends_a_session_quietly() -> None:
    story = Story().enrolled()
    story.sync(FIRST, answer("2", "212", "1", GET))
    got = Status(cmd_id="2", msg_ref="2", cmd_ref="5", cmd="Get", data="200")
    story.sync(package("2", header_status("212", "2"), got), b"")
    assert outcome(story) is Outcome.COMPLETE


@pytest.mark.parametrize("code", ["401", "407"])
def test_a_challenge_ends_nothing(code: str) -> None:
    story = Story().enrolled()
    story.sync(FIRST, answer("2", code, next_nonce=b"n" * 16))
    expected = Outcome.REFUSED if code == "401" else Outcome.RUNNING
    assert outcome(story) is expected


def test_a_message_sent_again_is_no_new_session() -> None:
    story = Story().enrolled()
    for _ in range(3):
        story.sync(FIRST, answer("2", "212", "1", GET))
    assert len(story.inspector.lives()[0].sessions) == 1


def test_a_session_id_that_comes_again_is_a_new_session() -> None:
    story = Story().enrolled()
    for _ in range(3):
        story.sync(FIRST, answer("2", "212"))
    assert len(story.inspector.lives()[0].sessions) == 3


def test_only_the_newest_sessions_are_remembered() -> None:
    story = Story().enrolled()
    for number in range(30):
        asked = package1(session_id=str(number), cred=device_cred())
        story.sync(asked, answer("2", "212", session_id=str(number)))
    sessions = story.inspector.lives()[0].sessions
    assert len(sessions) == MAX_SESSIONS
    assert sessions[-1].session_id == "29"
