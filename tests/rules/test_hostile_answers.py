"""Answers cut at every place or changed anywhere: the rules speak or are silent, never fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.enrollment.wab import end_page
from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from tests.rules.test_policies import answer as policies_answer
from tests.rules.test_soap_action import DISCOVERED, ISSUED, RENEWED
from tests.support.renewal import renew, renew_message
from tests.support.story import MESSAGE_ID, POLICY_URL, Story

type Step = Callable[[Story, bytes], Inspection]


def discover(story: Story, body: bytes) -> Inspection:
    return story.discover(response=body or b" ")


def policies(story: Story, body: bytes) -> Inspection:
    return story.policies(response=body or b" ")


def enroll(story: Story, body: bytes) -> Inspection:
    return story.enroll(response=body or b" ")


def renewed(story: Story, body: bytes) -> Inspection:
    return renew(story, response=body)


def asked_to_renew(story: Story, body: bytes) -> Inspection:
    return renew(story, body or b" ")


def sign_in(story: Story, body: bytes) -> Inspection:
    url = f"{POLICY_URL}?appru=ms-app%3A%2F%2Fx&login_hint=a"
    headers = Headers([("Content-Type", "text/html")])
    response = Response(status=200, headers=headers, body=body)
    return story.tell(Request(method="GET", url=url), response)


FAULT = serialize_fault("Authorization", "nö", MESSAGE_ID, error_type="DeviceCapReached")
STEPS: list[tuple[Step, bytes]] = [
    (discover, DISCOVERED),
    (policies, policies_answer()),
    (enroll, ISSUED),
    (enroll, FAULT),
    (renewed, RENEWED),
    (asked_to_renew, renew_message()),
    (sign_in, end_page("ms-app://x", "to&k'en\"<")),
]


@pytest.mark.parametrize(("step", "body"), STEPS)
def test_an_answer_cut_anywhere(step: Step, body: bytes) -> None:
    story = Story("win10")
    for end in range(0, len(body), max(1, len(body) // 40)):
        assert step(story, body[:end]).summary


@pytest.mark.parametrize(("step", "body"), STEPS)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_an_answer_changed_anywhere(step: Step, body: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body) - 1))
    length = data.draw(st.integers(0, 12))
    change = data.draw(
        st.binary(max_size=12) | st.sampled_from([b"&#0;", b"<x/>", b"\xff", b"]]>"])
    )
    assert step(Story("wp81"), body[:start] + change + body[start + length :]).summary
