"""Traces that are cut, and passwords in logs."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.policies import serialize_get_policies
from mdmcore.enrollment.security import username_token
from mdmcore.inspector import inspect_artifact
from mdmcore.rules import Finding
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import (
    MESSAGE_ID,
    POLICY_URL,
    Story,
    answer,
    device_cred,
    package1,
    rules_of,
)

CUT = "capture-message-truncated"
BROKEN = "xml-not-wellformed"
LOGGED = "credential-logged"
PACKAGE = serialize_syncml(package1(cred=device_cred()))
MARKER = (
    b"<!-- ignore this line, closing SyncML tag added to support parsing of truncated xml data -->"
    b"</SyncML>"
)


def linted(data: bytes) -> dict[str, Finding]:
    """What is found in a loose file, by rule."""
    (report,) = inspect_artifact(data, name="message.xml")
    return {one.rule: one for one in report.findings}


def sent(body: bytes, *, verbatim: bool) -> dict[str, Finding]:
    """What is found in a device's message on the wire, or in a log."""
    story = Story("win10")
    story.verbatim = verbatim
    return {one.rule: one for one in story.sync(body, answer("1", "401")).findings}


def test_a_whole_message_is_not_cut() -> None:
    assert not {CUT, BROKEN} & linted(PACKAGE).keys()


def test_the_mark_of_a_viewer_says_that_the_trace_was_cut() -> None:
    found = linted(PACKAGE[: PACKAGE.index(b"Lumia")] + MARKER)
    assert BROKEN not in found
    assert found[CUT].severity == "info"
    assert "is cut" in found[CUT].message


@pytest.mark.parametrize("size", [64 * 1024, 64 * 1024 - 300])
def test_a_full_buffer_says_so_too(size: int) -> None:
    body = PACKAGE.replace(b"Lumia 820", b"L" * 70_000)[:size]
    found = sent(body, verbatim=False)
    assert "is cut" in found[CUT].message
    assert BROKEN not in found


def test_a_loose_message_that_ends_in_the_middle_may_be_cut() -> None:
    found = linted(PACKAGE[:-40])
    assert "may be cut" in found[CUT].message
    assert (found[BROKEN].severity, found[BROKEN].caused_by) == ("error", (CUT,))


def test_in_a_log_it_may_be_cut_and_on_the_wire_it_is_not() -> None:
    assert sent(PACKAGE[:-40], verbatim=False)[BROKEN].caused_by == (CUT,)
    found = sent(PACKAGE[:-40], verbatim=True)
    assert (found[BROKEN].caused_by, CUT in found) == ((), False)


def test_a_wrong_end_tag_is_no_cut() -> None:
    found = linted(PACKAGE.replace(b"</SyncHdr>", b"</SyncBody>", 1))
    assert BROKEN in found
    assert CUT not in found


def policies(
    password: str, *, verbatim: bool = False, change: tuple[bytes, bytes] = (b"", b"")
) -> set[str]:
    """The rules that speak of a request for policies with that password."""
    story = Story("wp8")
    story.verbatim = verbatim
    story.discover()
    asked = serialize_get_policies(
        security=username_token("anna@example.test", password), message_id=MESSAGE_ID, to=POLICY_URL
    )
    assert change[0] in asked
    return rules_of(story.post(POLICY_URL, asked.replace(*change), b"").findings)


def test_a_password_in_a_log_is_known_to_its_readers() -> None:
    assert LOGGED in policies("rosebud")
    assert LOGGED not in policies("rosebud", verbatim=True)


@pytest.mark.parametrize("covered", ["****", "xxxxxx", "[REDACTED]", "<masked>", "...", "•••"])
def test_a_covered_password_is_not_told(covered: str) -> None:
    assert LOGGED not in policies(covered)


def test_a_digest_is_no_password() -> None:
    assert LOGGED not in policies("rosebud", change=(b"#PasswordText", b"#PasswordDigest"))
