"""Plans as JSON."""

from __future__ import annotations

import json
from datetime import timedelta

from mdmcore.report.schedule import plans_document
from tests.report.schedule.plans import DAILY, SAMPLE, ZERO, course, plan


def test_every_value_is_plain_json() -> None:
    jump = (timedelta(minutes=4), timedelta(minutes=30))
    way = course(failing=2, jumps=(jump,), length=timedelta(days=1))
    document = plans_document([plan(SAMPLE, way=way), plan(ZERO), plan(DAILY, profile="win10")])
    assert json.loads(json.dumps(document)) == document
    assert document["schema"] == "mdmproxy-schedule/1"
    first, zero, _daily = document["schedules"]
    assert first["course"]["clock_jumps"] == [{"at": "2026-11-26T06:04:00Z", "by": 1800.0}]
    assert [(each["set"], each["count"], each["is_good"]) for each in first["stretches"]] == [
        ("enrolment", 1, False),
        ("first set", 1, False),
        ("first set", 1, True),
        ("long run", 2, True),
    ]
    after = first["stretches"][2]
    assert (after["first"], after["number"], after["clock_ahead"]) == (
        "2026-11-26T06:04:00Z",
        2,
        1800.0,
    )
    assert first["sets"][2] == {
        "set": "long run",
        "count": 0,
        "interval": 28800,
        "is_endless": True,
        "is_off": False,
    }
    assert (zero["sets"], zero["contacts"], zero["end"]["kind"]) == (
        [],
        0,
        "never contacts the server",
    )


def test_the_end_says_what_the_user_must_do() -> None:
    (found,) = plans_document([plan(SAMPLE, way=course(failing=None))])["schedules"]
    end = found["end"]
    assert (end["kind"], end["at"]) == ("gives up", "2026-11-26T08:15:00Z")
    assert end["silence"] == "the first sets are used up without a good session"
    assert end["following"] == "2026-11-26T16:15:00Z"
    assert end["user"].startswith("press refresh")
