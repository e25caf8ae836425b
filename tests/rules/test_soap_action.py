"""Rules on the Action of answers, for each step."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from mdmcore.enrollment.discovery import DiscoverResponse, serialize_discover_response
from mdmcore.enrollment.fault import serialize_fault
from mdmcore.enrollment.policies import PolicyResponse, serialize_get_policies_response
from mdmcore.enrollment.token import serialize_rstrc
from mdmcore.inspector import Inspection
from mdmcore.rules import Finding
from tests.support.renewal import renew, renewed_document
from tests.support.story import (
    ENROLLMENT_URL,
    MESSAGE_ID,
    NOW,
    POLICY_URL,
    Story,
    document,
    rules_of,
)

type Step = Callable[[bytes], Inspection]

DISCOVERED = serialize_discover_response(
    DiscoverResponse(auth_policy="OnPremise", policy_url=POLICY_URL, enrollment_url=ENROLLMENT_URL),
    relates_to=MESSAGE_ID,
)
POLICIES = serialize_get_policies_response(
    PolicyResponse(policy_schema=3, minimal_key_length=2048, hash_oid_reference=None),
    relates_to=MESSAGE_ID,
)
ISSUED = serialize_rstrc(document(), relates_to=MESSAGE_ID, created=NOW, expires=NOW)
RENEWED = serialize_rstrc(renewed_document(), relates_to=MESSAGE_ID, created=NOW, expires=NOW)


def discover(body: bytes) -> Inspection:
    return Story("wp8").discover(response=body)


def policies(body: bytes) -> Inspection:
    return Story("wp8").policies(response=body)


def enroll(body: bytes) -> Inspection:
    return Story("wp8").enroll(response=body)


def renewed(body: bytes) -> Inspection:
    return renew(Story("wp8").enrolled(), response=body)


STEPS = [(discover, DISCOVERED), (policies, POLICIES), (enroll, ISSUED), (renewed, RENEWED)]
OPENING = b'<a:Action s:mustUnderstand="1">'
ELEMENT = re.compile(rb"<a:Action[^>]*>([^<]*)</a:Action>")


def only(found: Inspection, rule: str) -> Finding:
    assert rules_of(found.findings) == {rule}
    return found.findings[0]


@pytest.mark.parametrize(("step", "body"), STEPS)
def test_the_right_action_has_no_finding(step: Step, body: bytes) -> None:
    assert step(body).findings == ()


# --- action-not-addressing


@pytest.mark.parametrize(("step", "body"), STEPS)
def test_an_action_outside_addressing(step: Step, body: bytes) -> None:
    broken = ELEMENT.sub(rb'<Action s:mustUnderstand="1">\1</Action>', body)
    finding = only(step(broken), "action-not-addressing")
    assert finding.severity == "warning"
    assert finding.places[0].where == {"part": "response", "xpath": "/Envelope/Header/Action"}
    assert "no namespace" in finding.message


@pytest.mark.parametrize("opening", [b"<a:Action>", b'<a:Action s:mustUnderstand="0">'])
def test_an_action_that_need_not_be_understood(opening: bytes) -> None:
    finding = only(discover(DISCOVERED.replace(OPENING, opening)), "action-not-addressing")
    where = {"part": "response", "xpath": "/Envelope/Header/Action/@mustUnderstand"}
    assert finding.places[0].where == where


def test_true_is_another_word_for_1() -> None:
    assert (
        discover(DISCOVERED.replace(OPENING, b'<a:Action s:mustUnderstand="true">')).findings == ()
    )


# --- action-value-wrong


@pytest.mark.parametrize(("step", "body"), STEPS)
def test_the_action_of_something_else(step: Step, body: bytes) -> None:
    broken = ELEMENT.sub(OPENING + b"http://x.test/Other</a:Action>", body)
    finding = only(step(broken), "action-value-wrong")
    assert finding.severity == "error"
    assert finding.places[0].where == {"part": "response", "xpath": "/Envelope/Header/Action"}
    assert finding.places[0].evidence == "http://x.test/Other"


def test_the_action_of_the_request_is_not_that_of_the_answer() -> None:
    broken = ISSUED.replace(b"/RSTRC/wstep", b"/RST/wstep")
    assert only(enroll(broken), "action-value-wrong").places[0].evidence.endswith("/RST/wstep")


def test_no_action_at_all() -> None:
    finding = only(discover(ELEMENT.sub(b"", DISCOVERED)), "action-value-wrong")
    assert finding.message.startswith("there is no Action ")


def test_a_blank_inside_is_another_mistake() -> None:
    broken = ISSUED.replace(b"/RSTRC/wstep", b"/RSTRC/\nwstep")
    assert rules_of(enroll(broken).findings) == {"namespace-whitespace"}


def test_faults_come_with_several_actions() -> None:
    fault = serialize_fault("Authorization", "no", MESSAGE_ID, action="http://x.test/fault")
    found = Story("wp8").enroll(response=fault, status=500)
    assert rules_of(found.findings) == {"enrollment-refused"}
