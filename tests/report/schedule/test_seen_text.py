"""Planned and seen beside each other, as people read it: looked at once and kept as it was."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema

from mdmcore.report.schedule import compare, plans_document, write_plans_text
from mdmcore.report.schedule.meetings import Begun, SeenSession
from mdmcore.report.schedule.plan import Plan
from mdmcore.report.schedule.schema import SCHEMA_FILE
from tests.report.schedule.plans import ENROLLED, SAMPLE, plan
from tests.report.schedule.test_meetings import session
from tests.support.requirements import CHECKOUT

_HOURS = 60


def seen(*sessions: SeenSession, hours: int, notes: tuple[str, ...] = ()) -> Plan:
    """The plan of the sample with these sessions."""
    found = plan(SAMPLE)
    assert found.schedule is not None
    until = ENROLLED + timedelta(hours=hours)
    compared = compare(found.schedule, list(sessions), enrolled=ENROLLED, until=until, notes=notes)
    return replace(found, seen=compared)


def days() -> Plan:
    """Three days with something of each kind."""
    return seen(
        session(1, is_good=False),
        session(4),
        session(3 * _HOURS, begun=Begun.CLIENT),
        session(8 * _HOURS + 5),
        session(12 * _HOURS, begun=Begun.SERVER),
        session(18 * _HOURS),
        *(session(hour * _HOURS) for hour in (50, 58, 66)),
        hours=72,
    )


def written(found: Plan, *, width: int = 80) -> str:
    out = io.StringIO()
    write_plans_text(out, [found], width=width)
    return out.getvalue()


PICTURE = """
  seen:       until 2026-11-29 06:00: 6 on time, 1 late, 2 early, 3 missed; next
              planned 2026-11-29 08:00
  note:       a session with alert 1201 beside the schedule comes of a refresh
              by the user, of a push or of another event on the device: the
              messages do not tell which

  planned      set and retry  seen (UTC)   session  how it fits
  11-26 06:00  enrolment      11-26 06:01  none     on time (+1m)
  11-26 06:04  first set 1    11-26 06:04  good     on time
  -            -              11-26 09:00  good     early by 5h4m (client, 1201)
  11-26 14:04  long run 1     11-26 14:05  good     on time (+1m)
  -            -              11-26 18:00  good     early by 4h5m (server, 1200)
  11-26 22:05  long run 2     11-27 00:00  good     late by 1h55m
  11-27 08:00  long run 3-5   -            -        missed, 3 times every 8h
  11-28 08:00  long run 6     11-28 08:00  good     on time
  11-28 16:00  long run 7     11-28 16:00  good     on time
  11-29 00:00  long run 8     11-29 00:00  good     on time

  planned and seen: 3d from enrolment on, one column is 2h
  planned       |   |   |   .|   |   |  .|   |   |  .
  seen          *o  o o  o  .           .o   o   o  .
  how it fits   =<  = <  >  .?   ?   ?  .=   =   =  .
                +-----------+-----------+-----------+
                0           1d          2d          3d

  marks:      | planned, o session, * several of both, ? missed, > late, <
              early, = on time
"""


def test_the_picture() -> None:
    text = written(days())
    begin = text.index("  seen:")
    assert text[begin : text.index("\n\n  GOES ON")] == PICTURE.strip("\n")


def test_it_stands_in_the_documentation() -> None:
    page = (CHECKOUT / "docs" / "schedule.md").read_text(encoding="utf-8")
    assert PICTURE.strip("\n") in page


def test_no_line_is_wider_than_asked_for() -> None:
    for width in (60, 72, 100, 160):
        assert max(map(len, written(days(), width=width).splitlines())) <= width


def test_of_a_device_that_was_to_do_nothing_yet() -> None:
    text = " ".join(written(seen(hours=0)).split())
    assert "seen: until 2026-11-26 06:00: nothing was due; next planned 2026-11-26 06:00" in text
    assert "how it fits" not in text


def test_a_device_that_comes_when_nothing_is_planned() -> None:
    found = seen(session(600, begun=Begun.UNKNOWN), hours=12, notes=("a note",))
    text = " ".join(written(found).split())
    assert "first set 1-5 - - missed, 5 times every 3m" in text
    assert "- - 11-26 16:00 good unplanned" in text
    assert "note: a note" in text
    assert "? missed, u unplanned" in text


def test_without_a_capture_nothing_is_said_of_it() -> None:
    assert "seen:" not in written(plan(SAMPLE))
    assert plans_document([plan(SAMPLE)])["schedules"][0]["seen"] is None


def test_json() -> None:
    document = plans_document([days()])
    jsonschema.validate(document, json.loads(SCHEMA_FILE.read_text("utf-8")))
    told: dict[str, Any] = document["schedules"][0]["seen"]
    assert (told["enrolled"], told["until"]) == ("2026-11-26T06:00:00Z", "2026-11-29T06:00:00Z")
    assert told["totals"] == {"on_time": 6, "late": 1, "early": 2, "missed": 3, "unplanned": 0}
    assert told["meetings"][2] == {
        "punctuality": "early",
        "due": "2026-11-26T14:04:00Z",
        "set": "long run",
        "number": 1,
        "count": 1,
        "interval": 0.0,
        "session": {
            "at": "2026-11-26T09:00:00Z",
            "exchange": "capture:1",
            "begun": "client",
            "is_good": True,
        },
        "off": -18240.0,
    }
    missed = next(each for each in told["meetings"] if each["punctuality"] == "missed")
    assert (missed["session"], missed["off"]) == (None, None)
