"""``mdmproxy schedule``: options, exit codes, streams."""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mitmproxy.io import FlowWriter

from mdmcore.cli.main import run
from mdmcore.mitm.flow_file import flow_from
from mdmcore.report.schedule.schema import SCHEMA_FILE
from tests.report.schedule.captured import Days
from tests.support.requirements import CHECKOUT
from tests.support.story import document

SAMPLE = (
    "AuxNumRetries=5",
    "AuxRetryInterval=3",
    "NumRetries=8",
    "RetryInterval=15",
    "Aux2NumRetries=0",
    "Aux2RetryInterval=480",
)
FROM = ("--from", "2026-11-26T06:00")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (SAMPLE, 0),
        ((*SAMPLE, "--fail", "13"), 0),
        ((*SAMPLE, "--fail", "14"), 1),  # at enrolment, 5 and 8 times
        ((*SAMPLE, "--first-session", "never"), 1),
        ((*SAMPLE, "--first-session", "never", "--fail-on", "never"), 0),
        ((*SAMPLE, "--fail", "9", "--clock-jump", "+3d@7m"), 1),
        ((*SAMPLE, "--fail", "9", "--clock-jump", "-3d@7m", "--for", "1d"), 0),
        (("AuxNumRetries=0",), 1),
        (("AuxNumRetries=10", "--fail-on", "never"), 0),
        (("AuxNumRetries=10",), 1),  # no long run
        ((*SAMPLE[:5], "Aux2RetryInterval=10"), 0),
        ((*SAMPLE[:5], "Aux2RetryInterval=10", "--fail-on", "warning"), 1),
        (("NumberOfFirstRetries=8", "--profile", "win10"), 0),
        (("NumberOfFirstRetries=8",), 0),
        (("NumberOfFirstRetries=8", "--profile", "wp8"), 1),
    ],
)
def test_exit_codes(words: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schedule", *(word for word in words if word), *FROM]) == code
    said = capsys.readouterr()
    assert "profile:" in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to look at"),
        (("-", "-"), "stdin, which can be read only once"),
        ((*SAMPLE, "--for", "3"), "--for '3': no length of time"),
        ((*SAMPLE, "--from", "soon"), "--from 'soon': no time"),
        ((*SAMPLE, "--clock-jump", "3d"), "say by how much and when"),
        ((*SAMPLE, "--clock-jump", "3@2h"), "--clock-jump '3': no length of time"),
        ((*SAMPLE, "--clock-jump", "3d@2001-01-01"), "before the enrolment"),
        ((*SAMPLE, *("--clock-jump", "1d@1d") * 9), "at most 8 of them"),
        ((*SAMPLE, "--fail", "2", "--first-session", "never"), "give one"),
        (("Aux=5",), "Aux is no value of a schedule"),
        (("none.xml",), "none.xml: no such file or directory"),
        (("--in", "none.mitm"), "none.mitm"),
    ],
)
def test_mistakes_are_one_line(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["schedule", *words]) == 2
    heard = capsys.readouterr()
    assert heard.out == ""
    assert heard.err.startswith("mdmproxy: error: ")
    assert said in heard.err
    assert heard.err.count("\n") == 1


def as_json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    run(["schedule", *words, "--format", "json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    jumps = ("--clock-jump", "+1h@2026-11-26T06:04", "--clock-jump=-1h@5m")
    document = as_json(capsys, *SAMPLE, *FROM, "--for", "9h", "--fail", "2", *jumps)
    (found,) = document["schedules"]
    assert found["course"] == {
        "enrolled": "2026-11-26T06:00:00Z",
        "until": "2026-11-26T15:00:00Z",
        "failing": 2,
        "busy": 112.0,
        "clock_jumps": [
            {"at": "2026-11-26T06:04:00Z", "by": 3600.0},
            {"at": "2026-11-26T06:05:00Z", "by": -3600.0},
        ],
    }
    assert found["contacts"] == 3
    never = as_json(capsys, *SAMPLE, "--first-session", "never")["schedules"][0]
    assert never["course"]["failing"] == "all"


def test_what_the_rules_say_stands_below(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schedule", *(f"{word.partition('=')[0]}=0" for word in SAMPLE)]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "CANNOT BE CONFIGURED" in said
    assert "ERROR poll-all-zero" in said
    assert "fix: Give at least the first and the last set values" in said


def test_stdin_and_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stdin:
        buffer = io.BytesIO(document())

    monkeypatch.setattr(sys, "stdin", Stdin)
    target = tmp_path / "out.txt"
    assert run(["schedule", "-", *FROM, "-o", str(target)]) == 0
    assert capsys.readouterr().out == ""
    assert target.read_text(encoding="utf-8").startswith("stdin\n")


def test_what_can_be_read_is_told_beside_what_cannot(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schedule", *SAMPLE, "none.xml", *FROM, "--fail-on", "never"]) == 2
    heard = capsys.readouterr()
    assert "GOES ON" in heard.out
    assert "none.xml" in heard.err


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Two days of a device, of which some hours were not recorded."""
    days = Days(tmp_path, "wp8")
    days.until(days.enrolled + timedelta(days=2))
    days.stage.close()
    path = tmp_path / "days.mitm"
    with path.open("wb") as file:
        writer = FlowWriter(file)
        for each in days.exchanges:
            after = (each.started or days.enrolled) - days.enrolled
            if not timedelta(hours=12) < after < timedelta(hours=20):
                writer.add(flow_from(each))
    return path


@pytest.mark.parametrize("way", [(), ("--in",)])
def test_a_recording_is_put_beside_the_plan(
    recording: Path, way: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["schedule", *way, str(recording)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "5 on time, 1 missed; next planned" in said
    assert "planned and seen: " in said
    (found,) = as_json(capsys, *way, str(recording), "--fail", "3")["schedules"]
    assert found["seen"]["totals"] == {
        "on_time": 5,
        "late": 0,
        "early": 0,
        "missed": 1,
        "unplanned": 0,
    }
    assert found["course"]["failing"] == 3
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))
    jsonschema.validate({"schema": "mdmproxy-schedule/1", "schedules": [found]}, schema)


def test_a_century_is_no_work(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("NumberOfFirstRetries=0", "IntervalForFirstSetOfRetries=1", "--for", "100y")
    assert run(["schedule", *words, "--profile", "win10", *FROM, "--fail-on", "never"]) == 0
    assert "1-52560000" in capsys.readouterr().out


def test_the_example_of_the_documentation_is_what_it_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (CHECKOUT / "docs" / "schedule.md").read_text(encoding="utf-8")
    found = re.search(r"^\$ mdmproxy (schedule [^\n]*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    monkeypatch.setattr("mdmcore.cli.schedule.width_of", lambda _out: 80)
    assert run(found[1].split()) == 1
    assert capsys.readouterr().out.strip() == found[2].strip()
