"""Rules on discovery and on the SOAP headers."""

from __future__ import annotations

import pytest

from tests.support.story import MESSAGE_ID, Story, rules_of


def test_the_message_id_comes_back() -> None:
    assert Story().discover().findings == ()


@pytest.mark.parametrize("relates_to", ["urn:uuid:other", f"{MESSAGE_ID} ", None])
def test_relates_to_is_not_the_message_id(relates_to: str | None) -> None:
    found = Story().discover(relates_to=relates_to)
    assert rules_of(found.findings) == {"relates-to-mismatch"}
    assert found.findings[0].severity == "warning"


def test_blanks_around_it_may_be_those_of_a_log() -> None:
    story = Story()
    story.verbatim = False
    assert story.discover(relates_to=f"\n {MESSAGE_ID}\n ").findings == ()
