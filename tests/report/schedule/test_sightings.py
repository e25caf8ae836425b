"""Sessions of lives in memory: when they came, who began them, what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.http import Exchange, Request
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.phone.timetable import Course
from mdmcore.report.schedule import compare, plan_of
from mdmcore.report.schedule.meetings import Begun, Comparison, Punctuality
from mdmcore.syncml.model import Command, Item, Meta
from tests.report.schedule.captured import Days, sighted, sightings_of

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ON_TIME, LATE, EARLY, MISSED, UNPLANNED = Punctuality


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    found = Days(tmp_path, "wp8")
    yield found
    found.stage.close()


def comparison(exchanges: list[Exchange], profile: str) -> Comparison:
    sightings, inspector = sightings_of(exchanges, profile)
    (life,) = inspector.lives()
    found = sightings.of(life)
    assert life.provisioning is not None
    assert found.enrolled is not None
    assert found.until is not None
    plan = plan_of(
        life.provisioning,
        source="memory",
        profile=profile,
        profile_reason="as asked for",
        course=Course(enrolled=found.enrolled, until=found.until),
    )
    assert plan.schedule is not None
    return compare(
        plan.schedule,
        found.sessions,
        enrolled=found.enrolled,
        until=found.until,
        notes=found.notes,
    )


def kinds(found: Comparison) -> list[Punctuality]:
    return [each.punctuality for each in found.meetings for _ in range(each.count)]


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_a_device_that_lives_by_its_schedule_is_on_time(tmp_path: Path, profile: str) -> None:
    days = Days(tmp_path, profile)
    days.until(days.enrolled + 5 * DAY)
    found = comparison(days.exchanges, profile)
    assert len(found.meetings) > 4
    assert set(kinds(found)) == {ON_TIME}
    assert all(each.session is not None and each.session.is_good for each in found.meetings)
    days.stage.close()


def test_a_refresh_is_early_and_client_initiated(days: Days) -> None:
    days.until(days.enrolled + HOUR)
    days.refresh(days.enrolled + 2 * HOUR)
    days.until(days.enrolled + DAY)
    found = comparison(days.exchanges, "wp8")
    assert kinds(found)[:3] == [ON_TIME, EARLY, ON_TIME]
    early = found.meetings[1].session
    assert early is not None
    assert (early.begun, early.at) == (Begun.CLIENT, days.enrolled + 2 * HOUR)


def test_a_session_that_the_server_asked_for(days: Days) -> None:
    days.until(days.enrolled + HOUR)
    days.refresh(days.enrolled + 2 * HOUR)
    alert = b"<Data>1201</Data>"
    pushed = [
        replace(each, request=replace(each.request, body=body.replace(alert, b"<Data>1200</Data>")))
        if (body := each.request.body or b"")
        and (each.started or days.enrolled) > days.enrolled + HOUR
        else each
        for each in days.exchanges
    ]
    assert [each.begun for each in sighted(pushed, "wp8").sessions] == [Begun.CLIENT, Begun.SERVER]


def _asked(exchange: Exchange, old: bytes, new: bytes) -> Exchange:
    body = (exchange.request.body or b"").replace(old, new)
    return replace(exchange, request=replace(exchange.request, body=body))


def test_what_was_not_recorded_is_missed(days: Days) -> None:
    days.until(days.enrolled + 3 * DAY)
    gap = (days.enrolled + DAY, days.enrolled + 2 * DAY)
    kept = [each for each in days.exchanges if not gap[0] < (each.started or gap[0]) < gap[1]]
    assert len(kept) < len(days.exchanges)
    found = comparison(kept, "wp8")
    assert found.count(MISSED) == 3
    assert [
        gap[0] <= each.due <= gap[1]
        for each in found.meetings
        if each.punctuality is MISSED and each.due
    ]
    assert kinds(found)[-1] is ON_TIME


def test_sessions_that_come_to_nothing(tmp_path: Path) -> None:
    days = Days(tmp_path, "wp8", "msgref-mismatch")
    days.until(days.enrolled + HOUR)
    found = comparison(days.exchanges, "wp8")
    assert {each.session.is_good for each in found.meetings if each.session is not None} == {False}
    assert set(kinds(found)) == {ON_TIME}
    days.stage.close()


def test_attempts_without_answer_are_one_contact(days: Days) -> None:
    days.until(days.enrolled + MINUTE)
    first = next(
        each for each in days.exchanges if each.request.media_type == SYNCML_XML_MEDIA_TYPE
    )
    began = first.started
    assert began is not None
    lost = [
        replace(first, id=f"lost:{number}", response=None, error="no answer", started=began + wait)
        for number, wait in enumerate(timedelta(seconds=s) for s in (-112, -96, -64))
    ]
    others = [each for each in days.exchanges if each is not first]
    place = days.exchanges.index(first)
    told = [*others[:place], *lost, first, *others[place:]]
    (only,) = sighted(told, "wp8").sessions
    assert (only.at, only.exchange, only.is_good) == (lost[0].started, "lost:0", True)


def test_behind_a_farewell_nothing_is_missed(tmp_path: Path) -> None:
    days = Days(tmp_path, "win10")
    days.until(days.enrolled + DAY)
    days.leave()
    later = replace(
        days.exchanges[0],
        id="later:1",
        request=Request(method="GET", url="https://other.test/"),
        peer="192.0.2.99",
        started=days.enrolled + 9 * DAY,
    )
    found = comparison([*days.exchanges, later], "win10")
    assert timedelta(0) <= found.until - days.clock.now < MINUTE
    assert found.count(MISSED) == 0
    assert found.notes == ("the device has left then, and nothing more is planned",)
    days.stage.close()


def test_a_schedule_written_over_dm_ends_the_comparison(tmp_path: Path) -> None:
    days = Days(tmp_path, "win10")
    days.until(days.enrolled + HOUR)
    provider = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/Poll"
    item = Item(
        target=f"{provider}/IntervalForRemainingScheduledRetries",
        meta=Meta(format="int"),
        data="60",
    )
    days.stage.queue(Command(name="Replace", cmd_id="5", items=(item,)))
    days.until(days.enrolled + 3 * DAY)
    found = comparison(days.exchanges, "win10")
    assert found.notes[0].startswith("the server has written to Poll then")
    assert found.until < days.enrolled + 2 * DAY
    days.stage.close()
