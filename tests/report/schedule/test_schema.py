"""The committed JSON Schema of schedules, and real output against it."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from mdmcore.cli.main import run
from mdmcore.report.schedule import plans_document
from mdmcore.report.schedule.schema import SCHEMA_FILE, schedule_schema, schema_text
from tests.report.schedule.plans import DAILY, SAMPLE, ZERO, course, plan

JUMP = (timedelta(minutes=4), timedelta(minutes=30))
PLANS = {
    "goes on": plan(SAMPLE),
    "gives up": plan(SAMPLE, way=course(failing=None)),
    "clock jumps": plan(SAMPLE, way=course(failing=2, jumps=(JUMP,))),
    "cannot be configured": plan(ZERO),
    "the client's own set": plan(DAILY, profile="win10"),
}


def committed() -> Any:
    return json.loads(SCHEMA_FILE.read_text("utf-8"))


def test_the_committed_schema_is_the_one_the_code_makes() -> None:
    command = "python -m mdmcore.report.schedule.schema"
    assert SCHEMA_FILE.read_text("utf-8") == schema_text(), f"run `{command}`"
    jsonschema.Draft202012Validator.check_schema(schedule_schema())


@pytest.mark.parametrize("name", PLANS)
def test_plans_are_what_the_schema_says(name: str) -> None:
    jsonschema.validate(plans_document([PLANS[name]]), committed())


@pytest.mark.parametrize(
    "words",
    [
        ("AuxNumRetries=0",),
        ("NumberOfFirstRetries=8", "--profile", "win10", "--fail", "3"),
        ("AuxNumRetries=5", "AuxRetryInterval=3", "--first-session", "never", "--for", "1y"),
        ("AuxNumRetries=5", "AuxRetryInterval=3", "--fail", "9", "--clock-jump", "+3d@7m"),
    ],
)
def test_what_the_command_prints_is_what_the_schema_says(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    run(["schedule", *words, "--format", "json", "--from", "2026-11-26T06:00"])
    document = json.loads(capsys.readouterr().out)
    assert len(document["schedules"]) == 1
    jsonschema.validate(document, committed())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "mdmproxy-schedule/2"),
        (("more",), 1),
        (("schedules", 0, "profile"), "wp7"),
        (("schedules", 0, "stretches", 0, "set"), "third set"),
        (("schedules", 0, "stretches", 0, "count"), 0),
        (("schedules", 0, "stretches", 0, "first"), 5),
        (("schedules", 0, "course", "failing"), "some"),
        (("schedules", 0, "end", "kind"), "stops"),
        (("schedules", 0, "end", "user"), None),
    ],
)
def test_it_refuses_what_the_contract_does_not_know(
    path: tuple[str | int, ...], value: object
) -> None:
    document = copy.deepcopy(plans_document([PLANS["goes on"]]))
    *parents, last = path
    target: Any = document
    for key in parents:
        target = target[key]
    target[last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, committed())
