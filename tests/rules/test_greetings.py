"""What devices that are known and strangers are told at first, in one capture."""

from __future__ import annotations

import pytest

from mdmcore.syncml.model import SyncML
from tests.support.story import DEVICE_ID, Story, answer, package1, rules_of

RULE = "challenge-differs-by-device"
STRANGER = "urn:uuid:00000000-0000-4000-8000-0000000000FF"
CHALLENGE = answer("1", "401", next_nonce=b"0123456789abcdef")


def known(story: Story, back: SyncML | bytes = CHALLENGE, status: int = 200) -> set[str]:
    """The enrolled device's first message without credentials."""
    return rules_of(story.sync(package1(), back, status=status).findings)


def stranger(story: Story, back: SyncML | bytes = CHALLENGE, status: int = 200) -> set[str]:
    """The same of a device whose enrolment was not seen."""
    story.peer = "192.0.2.99"
    found = rules_of(story.sync(package1(source=STRANGER), back, status=status).findings)
    story.peer = "192.0.2.7"
    return found


def enrolled() -> Story:
    """A story whose device has had a session, so that it is known by its id."""
    story = Story("win10").enrolled()
    known(story)
    assert story.inspector.lives()[0].device_id == DEVICE_ID
    return story


@pytest.mark.parametrize(
    ("back", "status"),
    [
        (b"", 404),
        (b"", 403),
        (answer("1", "401"), 200),
        (answer("1", "407", next_nonce=b"0123456789abcdef"), 200),
    ],
    ids=["404", "403", "no Chal", "407"],
)
def test_a_stranger_gets_another_answer(back: SyncML | bytes, status: int) -> None:
    assert RULE in stranger(enrolled(), back, status)


def test_both_get_the_same() -> None:
    assert RULE not in stranger(enrolled())


def test_the_order_does_not_matter() -> None:
    story = Story("win10")
    stranger(story, b"", 404)
    story.enrolled()
    assert RULE in known(story)


def test_two_strangers_are_not_compared() -> None:
    story = Story("win10")
    stranger(story)
    assert RULE not in stranger(story, b"", 404)


def test_a_server_that_fails_says_nothing() -> None:
    assert RULE not in stranger(enrolled(), b"", 503)


def test_who_is_turned_away_at_the_door_may_be_a_stranger() -> None:
    rule = "uncredentialed-package-not-challenged"
    assert rule not in stranger(Story("win10"), b"", 404)
    assert rule in stranger(Story("win10"), answer("1", "200"))
