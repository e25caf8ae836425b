"""What a device does when something was not to its liking, and what explains it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.inspector import Inspection
from mdmcore.rules import Finding, Severity
from mdmcore.rules.causes import SYMPTOMS
from mdmcore.syncml.model import Alert, Command, Item, Meta
from tests.support.renewal import renew, renew_message
from tests.support.story import (
    GET,
    PROVIDER,
    Story,
    answer,
    certificate,
    device_cred,
    document,
    header_status,
    package,
    package1,
    rules_of,
)


def kept(story: Story, rule: str) -> list[Finding]:
    return [one for one in story.inspector.findings() if one.rule == rule]


# --- message-resent


def test_a_message_that_comes_again() -> None:
    story = Story().enrolled()
    asked, answered = package1(cred=device_cred()), answer("2", "212", "1", GET)
    first, again = story.sync(asked, answered), story.sync(asked, answered)
    assert "message-resent" not in rules_of(first.findings)
    (one,) = [one for one in again.findings if one.rule == "message-resent"]
    assert (one.severity, one.places[0].evidence) == (Severity.INFO, "SessionID 1, MsgID 1")


@pytest.mark.parametrize(
    "second",
    [
        package("2", header_status("212", "2")),
        package1(session_id="2", cred=device_cred()),
        package1("2", cred=device_cred()),
    ],
    ids=["next", "session", "number"],
)
def test_another_message_is_none_that_comes_again(second: object) -> None:
    story = Story().enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212", "1", GET))
    found = story.sync(second, answer("3", "200", "2"))  # type: ignore[arg-type]
    assert "message-resent" not in rules_of(found.findings)


def test_a_session_that_begins_as_the_one_before_did() -> None:
    """A phone may call each of its sessions 1, and without a new nonce they are the same bytes."""
    story = Story().enrolled()
    for _ in range(2):
        found = story.sync(package1(cred=device_cred()), answer("2", "212"))
    assert story.inspector.lives()[0].session_count == 2
    assert "message-resent" not in rules_of(found.findings)


def test_what_was_wrong_with_the_answer_explains_it() -> None:
    story = Story().enrolled()
    for _ in range(2):
        story.sync(package1(cred=device_cred()), answer("2", "200", "1", GET))
    (one,) = kept(story, "message-resent")
    assert one.caused_by[0] == "missing-212"


# --- session-dropped


def next_session(story: Story) -> Inspection:
    return story.sync(package1(session_id="2", cred=device_cred()), None)


def test_a_session_given_up_with_commands_open() -> None:
    story = Story().enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212", "1", GET))
    (one,) = [one for one in next_session(story).findings if one.rule == "session-dropped"]
    assert one.message == "session 1 was given up after 1 answers, with 1 commands open"
    assert one.severity is Severity.INFO


def test_a_session_given_up_at_a_challenge() -> None:
    story = Story().enrolled()
    story.sync(package1(), answer("1", "407", next_nonce=b"n" * 16))
    (one,) = [one for one in next_session(story).findings if one.rule == "session-dropped"]
    assert "with a challenge open" in one.message


def test_sessions_that_ended_or_were_aborted_or_never_answered() -> None:
    ended = Story().enrolled()
    ended.sync(package1(cred=device_cred()), answer("2", "212"))
    aborted = Story().enrolled()
    aborted.sync(package1(cred=device_cred()), answer("2", "212", "1", GET))
    abort = package("2", header_status("212", "2"), Alert(cmd_id="2", code="1223"))
    aborted.sync(abort, answer("3", "200", "2"))
    silent = Story().enrolled()
    silent.sync(package1(cred=device_cred()), None)
    told = Story().enrolled()
    leave = Command(
        name="Exec",
        cmd_id="9",
        items=(
            Item(target="./Vendor/MSFT/DMClient/Unenroll", meta=Meta(format="chr"), data=PROVIDER),
        ),
    )
    told.sync(package1(cred=device_cred()), answer("2", "212", "1", leave))
    for story in (ended, aborted, silent, told):
        assert "session-dropped" not in rules_of(next_session(story).findings)


def test_a_dropped_session_is_explained_by_the_same_step_then_the_earlier_then_the_graver() -> None:
    wap = (
        document()
        .replace(b'value="CLIENT"', b'value="CLIENT" ')
        .replace(b'name="AAUTHTYPE" value="DIGEST"', b'name="AAUTHTYPE" value="BASIC"', 1)
    )
    story = Story().enrolled(wap)
    story.sync(package1(cred=device_cred()), answer("2", "200", "1", GET, is_proved=False))
    story.sync(package("2", header_status("212", "2")), answer("2", "200", "2", GET))
    next_session(story)
    (one,) = kept(story, "session-dropped")
    assert one.caused_by == (
        "missing-212",
        "missing-server-cred",
        "server-msgid-not-increasing",
        "appauth-client-not-digest",
    )


# --- renewal-not-attempted


def story_with_window(days_left: int, *, wap: bytes | None = None, profile: str = "wp8") -> Story:
    """A session just after the enrolment; then it is so many days before the certificate ends."""
    story = Story(profile).enrolled(wap)
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    (life,) = story.inspector.lives()
    assert life.certificate is not None
    story.now = life.certificate.not_after - timedelta(days=days_left)
    return story


def later_session(story: Story, number: str = "2") -> set[str]:
    asked = package1(session_id=number, cred=device_cred())
    return rules_of(story.sync(asked, answer("2", "212", session_id=number)).findings)


@pytest.mark.parametrize("days_left", [20, 1, -1])
def test_a_device_that_never_asks_for_renewal(days_left: int) -> None:
    story = story_with_window(days_left)
    assert "renewal-not-attempted" in later_session(story)
    assert "renewal-not-attempted" not in later_session(story, "3")  # said once
    (one,) = kept(story, "renewal-not-attempted")
    assert one.severity is Severity.WARNING


@pytest.mark.parametrize("days_left", [300, 40, 22])
def test_before_the_middle_of_the_window_nothing_is_missed(days_left: int) -> None:
    assert "renewal-not-attempted" not in later_session(story_with_window(days_left))


def test_a_device_that_has_asked() -> None:
    asked = story_with_window(30)
    renew(asked, renew_message(), status=500, response=b"")
    assert asked.inspector.lives()[0].refused_renewals == 1
    asked.now += timedelta(days=20)
    assert "renewal-not-attempted" not in later_session(asked)


def test_a_certificate_whose_enrolment_was_not_seen_is_not_judged() -> None:
    story = Story()
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    story.now += timedelta(days=360)
    assert "renewal-not-attempted" not in later_session(story)


def test_why_it_does_not_ask() -> None:
    wap = document(client=certificate(key="device2"))
    story = story_with_window(5, wap=wap.replace(b'name="EntDMID"', b'name="Other"'))
    later_session(story)
    (one,) = kept(story, "renewal-not-attempted")
    assert one.caused_by == ("entdmid-missing", "cert-public-key-mismatch")


# --- the list


def test_each_symptom_of_the_list_is_a_finding_with_causes() -> None:
    assert {
        "message-resent",
        "session-dropped",
        "first-sync-window-missed",
        "first-session-never-completed",
        "hub-no-attempt",
        "hub-tls-no-request",
        "tls-closed-by-device",
        "enroll-attempt-loop",
        "resend-loop",
        "renewal-not-attempted",
    } <= SYMPTOMS
