"""SARIF of an analysis, judged by the published schema of 2.1.0."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mdmcore.capture import Capture, open_capture
from mdmcore.report.analysis_sarif import automation_id, uri_of, write_sarif
from mdmcore.report.model import CaptureRow
from tests.report.material import capture_of, dm_flow, exchange_flow
from tests.report.outcomes import hostile_capture, outcome
from tests.support.requirements import shared_file


def run_of(*captures: Capture, is_separate: bool = False) -> dict[str, Any]:
    out = io.BytesIO()
    with outcome(*captures, is_separate=is_separate) as (found, lines):
        write_sarif(out, found, lines)
    document = json.loads(out.getvalue())
    schema = json.loads(
        shared_file("schemas", "json", "sarif-schema-2.1.0.json").read_text("utf-8")
    )
    jsonschema.Draft7Validator(schema).validate(document)
    (run,) = document["runs"]
    return dict(run)


def test_a_real_enrolment() -> None:
    run = run_of(open_capture(shared_file("captures", "win10-enrollment-log.md"), name="win10.md"))
    result = next(one for one in run["results"] if one["ruleId"] == "xml-not-wellformed")
    assert result["level"] == "error"
    assert result["message"]["text"].startswith("the answer is not well-formed XML")
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "win10.md", "index": 0},
        "region": {"startLine": 1},
    }
    (logical,) = location["logicalLocations"]
    assert logical["fullyQualifiedName"].startswith("exchange/3/response/offset ")
    request = run["webRequests"][result["webRequest"]["index"]]
    answer = run["webResponses"][result["webResponse"]["index"]]
    assert request["method"] == "POST"
    assert request["target"].endswith("/EnrollmentServer/Policy.svc")
    assert answer["statusCode"] == 200
    assert '"password": "***"' in json.dumps(request)
    assert run["automationDetails"] == {"id": "mdmproxy/win10.md/"}
    assert run["invocations"][0]["executionSuccessful"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (rule["id"], rule["name"]) == ("xml-not-wellformed", "XmlNotWellformed")
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["help"]["markdown"].startswith("**Effect:** ")


def test_a_capture_that_broke_is_a_notification(tmp_path: Path) -> None:
    run = run_of(
        capture_of(tmp_path / "one", exchange_flow("/a"), tail=b"4096:9:web"),
        capture_of(tmp_path / "two", dm_flow()),
    )
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    (told,) = invocation["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("offset ")
    assert told["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "one",
        "index": 0,
    }


def fingerprints(run: dict[str, Any]) -> set[str]:
    return {one["partialFingerprints"]["mdmproxyFinding/v1"] for one in run["results"]}


def test_a_finding_is_known_again_in_another_capture(tmp_path: Path) -> None:
    first = run_of(capture_of(tmp_path / "one", dm_flow()))
    second = run_of(capture_of(tmp_path / "two", exchange_flow("/a"), dm_flow()))
    other = run_of(capture_of(tmp_path / "two", dm_flow(device=b"urn:uuid:2")))
    assert fingerprints(first) == fingerprints(second)
    assert not fingerprints(first) & fingerprints(other)
    assert len(fingerprints(first)) == len(first["results"])


def test_hostile_text_is_valid_and_steers_nothing(tmp_path: Path) -> None:
    run = run_of(hostile_capture(tmp_path), capture_of(tmp_path / "two", dm_flow()))
    assert run["artifacts"][0]["location"]["uri"] == "a%60%7C%40b%20%231%20%3Ci%3E.mitm"
    assert "\\u001b" not in json.dumps(run)
    assert "\\u0000" not in json.dumps(run)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/c.mitm", "a%20b/c.mitm"),
        ("/var/a#1.saz", "file:///var/a%231.saz"),
        ("C:\\x y\\a.saz", "file:///C:/x%20y/a.saz"),
        ("a\\b.har", "a/b.har"),
    ],
)
def test_paths_are_uris(path: str, uri: str) -> None:
    assert uri_of(path) == uri


@pytest.mark.parametrize(
    ("paths", "id"),
    [
        (("x/a.mitm",), "mdmproxy/a.mitm/"),
        (("x/run/a", "x/run/b/c"), "mdmproxy/run/"),
        (("a", "b"), "mdmproxy/"),
    ],
)
def test_uploads_are_kept_apart(paths: tuple[str, ...], id: str) -> None:
    rows = [CaptureRow(path=path, format="flows", exchanges=0) for path in paths]
    assert automation_id(rows) == id
