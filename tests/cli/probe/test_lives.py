"""Several lives, their exit code, and where what they came to is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mdmcore.capture.reader import open_capture
from mdmcore.cli.probe.choices import ProbeFormat
from mdmcore.cli.probe.lives import live_all
from mdmcore.cli.probe.plan import Plan, Way, new_device_id
from mdmcore.cli.probe.run import Audience
from mdmcore.errors import ConfigError
from mdmcore.phone import PhoneSettings
from mdmcore.report import analyze
from mdmcore.report.probe import ProbeRun
from mdmcore.report.schema import analysis_schema
from tests.support.probes import probe_in_memory

SETTINGS = PhoneSettings(
    email="demo@acme.test", username="demo", password="secret", device_id=new_device_id()
)
PLAN = Plan(name="probe", settings=SETTINGS, way=Way(), note="wp8")


def lives(*faults: str) -> Callable[..., ProbeRun]:
    """Lives whose servers have these mistakes, one after another."""
    left = list(faults)

    def live(plan: Plan, audience: Audience, **_options: Any) -> ProbeRun:
        fault = left.pop(0)
        run = probe_in_memory("wp8", *([fault] if fault else []), audience=audience)
        return replace(run, name=plan.name)

    return live


def code(*faults: str, **options: Any) -> int:
    usual: dict[str, Any] = {
        "format": ProbeFormat.TEXT,
        "output": None,
        "record": None,
        "is_table": False,
        "fail_on": "error",
        "show_secrets": False,
    }
    return live_all([PLAN] * len(faults), **(usual | options), live=lives(*faults))


def test_all_went_well() -> None:
    assert code("") == 0


def test_one_phone_gave_up() -> None:
    assert code("", "msgref-mismatch", fail_on="never") == 1


def test_a_finding_without_a_refusal() -> None:
    assert code("w7-flag-has-value", fail_on="error") == 0
    assert code("w7-flag-has-value", fail_on="info") == 1


def test_a_sweep_fails_when_nothing_gets_through() -> None:
    assert code("", "msgref-mismatch", is_table=True) == 0
    assert code("msgref-mismatch", is_table=True) == 1


def test_a_table_shows_each_reason_once(capsys: pytest.CaptureFixture[str]) -> None:
    code("", "msgref-mismatch", "msgref-mismatch", is_table=True)
    out, err = capsys.readouterr()
    head, *rows = out.splitlines()[:4]
    assert head == "input  result"
    steps = "enroll, session, session-2, forms, stranger, hub, unenroll"
    assert rows[0] == f"wp8    ok: OnPremise; {steps}"
    assert rows[1].startswith("wp8    refused at session: msgref-mismatch: ")
    assert rows[1] == rows[2]
    assert out.count("REFUSED First session: msgref-mismatch") == 1
    assert "1 of 3 inputs get through." in out
    assert err.splitlines() == [f"mdmproxy: {number}/3 wp8" for number in (1, 2, 3)]


def test_the_analysis_of_all_lives(tmp_path: Path) -> None:
    out = tmp_path / "probe.json"
    assert code("", "msgref-mismatch", format=ProbeFormat.JSON, output=out) == 1
    document = json.loads(out.read_bytes())
    jsonschema.validate(document, analysis_schema())
    assert len(document["captures"]) == 2
    refused = document["captures"][1]["decoded"]["probe"]
    assert refused["refused"] is True
    told = refused["steps"][1]["refusal"]
    assert (told["rule"], told["certainty"]) == ("msgref-mismatch", "found")
    assert told["expected"] == "MsgRef is the MsgID of the device's message."
    assert told["found_at"][0]["where"]["part"] == "response"
    assert told["fix"]


def test_a_recording_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--record .*: is a directory"):
        code("", record=tmp_path)


@pytest.mark.parametrize("fault", ["query-gate", "user-agent-gate", "challenge-differs-by-device"])
def test_what_was_asked_on_purpose_is_found_in_the_recording_too(
    fault: str, tmp_path: Path
) -> None:
    code(fault, record=tmp_path / "probe.flows")
    again = analyze([open_capture(tmp_path / "probe.flows")]).run()
    assert fault in {one.rule for one in again.findings}


def test_a_line_on_stderr_for_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    code("", format=ProbeFormat.JUNIT)
    out, err = capsys.readouterr()
    assert out.startswith('<?xml version="1.0" encoding="UTF-8"?><testsuites>')
    assert err.splitlines()[:2] == ["mdmproxy: probe: Enrolment", "mdmproxy: probe: First session"]
