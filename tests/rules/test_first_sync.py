"""The first session and the time in which a device tries for it: 10 x 15 + 8 x 60 minutes here."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.http import Request, Response
from mdmcore.rules import Finding
from tests.support.index_statements import KNOWN
from tests.support.story import (
    EMAIL,
    STORE_URL,
    Story,
    answer,
    device_cred,
    document,
    package1,
    rules_of,
)

RULE = "first-sync-window-missed"
WINDOW = 10 * 15 + 8 * 60


def found_in(story: Story) -> Finding | None:
    """The finding, by what is known now."""
    return next((one for one in story.inspector.findings() if one.rule == RULE), None)


def waiting(minutes: float, *, profile: str = "wp8", wap: bytes | None = None) -> Story:
    """A story that is told what time it is so long after the enrolment."""
    story = Story(profile).enrolled(wap or document(profile=profile))
    story.inspector.tell_time(story.now + timedelta(minutes=minutes))
    return story


def with_values(**values: int) -> bytes:
    """The document with other values of OmaDmRetry."""
    usual = {"NumRetries": 8, "RetryInterval": 60, "AuxNumRetries": 10, "AuxRetryInterval": 15}
    text = document()
    for name, value in values.items():
        old = f'<parm name="{name}" value="{usual[name]}"'.encode()
        assert old in text
        text = text.replace(old, f'<parm name="{name}" value="{value}"'.encode())
    return text


@pytest.mark.index(KNOWN, 5, RULE)
@pytest.mark.parametrize(
    ("profile", "minutes", "severity"),
    [
        ("wp8", 14, None),
        ("wp8", 15, "info"),
        ("wp8", WINDOW, "info"),
        ("wp8", WINDOW + 1, "error"),
        ("wp81", WINDOW, "info"),
        ("wp81", WINDOW + 1, "error"),
        ("win81", WINDOW, "info"),
        ("win81", WINDOW + 1, "error"),
        ("win10", 14, None),
        ("win10", 15, "info"),
        ("win10", WINDOW + 1, "warning"),
    ],
)
def test_waiting_is_told_and_in_the_end_grave(
    profile: str, minutes: int, severity: str | None
) -> None:
    found = found_in(waiting(minutes, profile=profile))
    assert (found.severity if found is not None else None) == severity


def test_it_stands_at_the_schedule_of_the_enrolment() -> None:
    found = found_in(waiting(WINDOW + 10))
    assert found is not None
    assert found.message == (
        "no DM message in 10 hours 40 minutes after the enrolment, "
        "the device was to try for 10 x 15 + 8 x 60 minutes"
    )
    (place,) = found.places
    assert place.exchange == "story:3"
    assert place.where["xpath"].endswith("OmaDmRetry']")


@pytest.mark.parametrize(
    ("values", "minutes"),
    [
        ({"NumRetries": 2}, 10 * 15 + 2 * 60),
        ({"RetryInterval": 0}, 10 * 15),
        ({"AuxRetryInterval": 0}, 8 * 60),
        ({"AuxRetryInterval": 0, "RetryInterval": 0}, 10 * 15),
    ],
)
def test_the_window_is_that_of_the_document(values: dict[str, int], minutes: int) -> None:
    wap = with_values(**values)
    severities = []
    for waited in (minutes, minutes + 1):
        found = found_in(waiting(waited, wap=wap))
        severities.append(None if found is None else str(found.severity))
    assert severities == ["info", "error"]


def test_a_set_without_end_is_never_missed() -> None:
    found = found_in(waiting(100_000, wap=with_values(NumRetries=0)))
    assert found is not None
    assert found.severity == "info"


def test_without_a_schedule_the_default_counts() -> None:
    text = document()
    begin = text.index(b'<characteristic type="Registry">')
    found = found_in(waiting(151, wap=text[:begin] + b"</wap-provisioningdoc>"))
    assert found is not None
    assert (found.severity, found.places[0].where["xpath"]) == ("error", "/wap-provisioningdoc")


@pytest.mark.parametrize("late", [False, True])
def test_a_first_session_may_come_too_late(late: bool) -> None:
    story = Story("wp8").enrolled()
    story.now += timedelta(minutes=WINDOW if late else WINDOW - 2)
    found = rules_of(story.sync(package1(cred=device_cred()), answer("2", "212")).findings)
    assert (RULE in found) is late
    story.inspector.tell_time(story.now + timedelta(days=30))
    kept = found_in(story)
    assert (kept is not None) is late
    assert kept is None or (kept.severity, kept.count) == ("error", 1)


def test_only_the_first_session_counts() -> None:
    story = Story("wp8").enrolled()
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    story.now += timedelta(days=2)
    story.sync(package1(session_id="2", cred=device_cred()), answer("2", "212", session_id="2"))
    assert found_in(story) is None


def test_a_refused_message_came_all_the_same() -> None:
    story = Story("wp8").enrolled()
    story.sync(package1(cred=device_cred()), b"", status=404)
    story.inspector.tell_time(story.now + timedelta(days=2))
    assert found_in(story) is None


def test_other_traffic_tells_the_time() -> None:
    story = Story("wp8").enrolled()
    story.now += timedelta(minutes=WINDOW)
    story.tell(Request(method="GET", url=STORE_URL), Response(status=200, body=b"xap"))
    found = found_in(story)
    assert found is not None
    assert found.severity == "error"


def test_the_end_of_a_capture_is_no_silence() -> None:
    assert found_in(Story("wp8").enrolled()) is None


def test_who_enrols_anew_is_not_waited_for() -> None:
    story = waiting(WINDOW * 2)
    story.now += timedelta(minutes=WINDOW * 2)
    story.discover(email=EMAIL)
    assert found_in(story) is None


@pytest.mark.parametrize(
    ("wap", "causes"),
    [
        (document(), ()),
        (with_values(AuxRetryInterval=0), ("omadmretry-first-set-zero",)),
        (
            with_values(AuxRetryInterval=0).replace(b"https://mdm.example.test/omadm", b"http://x"),
            ("w7-addr-not-https", "omadmretry-first-set-zero"),
        ),
    ],
)
def test_what_was_wrong_in_the_document_is_the_cause(wap: bytes, causes: tuple[str, ...]) -> None:
    found = found_in(waiting(WINDOW + 1, wap=wap))
    assert found is not None
    assert sorted(found.caused_by) == sorted(causes)


def test_a_window_beyond_all_times_is_one_that_lasts() -> None:
    wap = with_values(AuxNumRetries=4294967295, AuxRetryInterval=4294967295)
    found = found_in(waiting(10_000, wap=wap))
    assert found is None
