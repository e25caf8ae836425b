"""The JSON document against its schema, read by the standard library."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec

from mdmcore import __version__
from mdmcore.capture import Capture, open_capture
from mdmcore.inspector import ArtifactSettings, Inspector, inspect_artifact
from mdmcore.report import AnalysisWriter, analyze, write_artifacts_json, write_json
from mdmcore.report.model import AnalysisDocument
from mdmcore.report.schema import SCHEMA_FILE
from tests.report.material import capture_of, dm_flow, exchange_flow
from tests.report.support import make_analysis, make_capture
from tests.support.artifacts import all_artifacts
from tests.support.certificates import build_authority
from tests.support.requirements import shared_file


def document(text: bytes) -> dict[str, Any]:
    """The document, checked against the committed schema."""
    parsed: dict[str, Any] = json.loads(text)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(parsed)
    msgspec.json.decode(text, type=AnalysisDocument)
    return parsed


def test_the_keys_stand_in_the_order_of_the_contract(tmp_path: Path) -> None:
    out = io.BytesIO()
    write_json(out, make_analysis(make_capture(tmp_path, good=2, bad=1)))
    parsed = document(out.getvalue())
    assert list(parsed) == ["schema", "tool", "captures", "exchanges", "lives", "findings"]
    assert parsed["schema"] == "mdmproxy-analysis/1"
    assert [one["id"] for one in parsed["exchanges"]] == ["one:1", "one:2", "one:3"]
    (finding,) = parsed["findings"]
    assert finding["rule"] == "hub-206-no-content-range"
    assert finding["count"] == 1
    assert finding["places"][0]["exchange"] == "one:3"


def test_places_end_at_a_hundred_the_count_does_not(tmp_path: Path) -> None:
    out = io.BytesIO()
    write_json(out, make_analysis(make_capture(tmp_path, bad=130)))
    (finding,) = document(out.getvalue())["findings"]
    assert finding["count"] == 130
    assert len(finding["places"]) == 100


def test_where_a_capture_broke_is_said_and_the_rest_is_there(tmp_path: Path) -> None:
    analysis = make_analysis(make_capture(tmp_path, good=1, broken=True))
    out = io.BytesIO()
    write_json(out, analysis)
    parsed = document(out.getvalue())
    (capture,) = parsed["captures"]
    assert capture["errors"] == [{"where": "offset 41", "message": "cut off"}]
    assert capture["exchanges"] == len(parsed["exchanges"]) == 1
    assert analysis.has_errors


def test_many_exchanges_go_through_a_file_not_memory(tmp_path: Path) -> None:
    analysis = make_analysis(make_capture(tmp_path, good=50))
    out = io.BytesIO()
    with AnalysisWriter(spool_in_memory=100) as writer:
        for row in analysis.rows():
            writer.add(row)
        writer.finish(out, analysis)
    assert len(document(out.getvalue())["exchanges"]) == 50


def test_no_capture_at_all_is_a_document_too() -> None:
    out = io.BytesIO()
    write_json(out, analyze([], inspector=Inspector()))
    assert document(out.getvalue())["captures"] == []


def test_loose_files_are_captures_without_exchanges() -> None:
    ca = build_authority().certificate
    reports = [
        *inspect_artifact(ca, name="ca.cer"),
        *inspect_artifact(ca[:70], name="cut.der"),
    ]
    out = io.BytesIO()
    write_artifacts_json(out, reports)
    good, bad = document(out.getvalue())["captures"]
    assert (good["path"], good["format"], good["exchanges"]) == ("ca.cer", "artifact", 0)
    assert good["decoded"]["layers"] == ["DER certificate"]
    (error,) = bad["errors"]
    assert error["where"] == "offset 70"
    assert error["message"].startswith("truncated")


def test_each_kind_of_loose_file_is_written_as_the_schema_says() -> None:
    settings = ArtifactSettings(is_shown=True)
    for name, (kind, data) in all_artifacts().items():
        out = io.BytesIO()
        write_artifacts_json(out, inspect_artifact(data, name=name, settings=settings))
        parsed = document(out.getvalue())
        (capture,) = parsed["captures"]
        assert (capture["path"], capture["decoded"]["kind"]) == (name, kind)
        assert parsed["exchanges"] == parsed["lives"] == []


def test_a_file_name_that_is_no_utf8_does_not_stop_the_report(tmp_path: Path) -> None:
    reports = inspect_artifact(build_authority().certificate, name="caf\udce9.cer")
    out = io.BytesIO()
    write_artifacts_json(out, reports)
    assert document(out.getvalue())["captures"][0]["path"].startswith("caf")


def written(*captures: Capture) -> dict[str, Any]:
    out = io.BytesIO()
    write_json(out, analyze(captures))
    return document(out.getvalue())


def test_the_real_log_is_written_as_the_schema_says() -> None:
    parsed = written(open_capture(shared_file("captures", "win10-enrollment-log.md")))
    assert [row["index"] for row in parsed["exchanges"]] == [1, 2, 3, 4, 5, 6]
    assert parsed["exchanges"][0]["started"] is None
    assert [row["kind"] for row in parsed["exchanges"]] == [
        "probe",
        "discover",
        "getpolicies",
        "rst",
        "syncml",
        "syncml",
    ]
    assert parsed["captures"][0]["format"] == "log"
    assert parsed["lives"][0]["outcome"] == "complete"
    ids = {row["id"] for row in parsed["exchanges"]}
    assert {place["exchange"] for each in parsed["findings"] for place in each["places"]} <= ids


def test_the_keys_of_rows_stand_in_the_order_of_the_contract(tmp_path: Path) -> None:
    parsed = written(capture_of(tmp_path / "c", dm_flow()))
    assert list(parsed) == ["schema", "tool", "captures", "exchanges", "lives", "findings"]
    assert parsed["schema"] == "mdmproxy-analysis/1"
    assert parsed["tool"] == {"name": "mdmproxy", "version": __version__}
    orders = {
        "captures": "path format exchanges errors decoded",
        "exchanges": "id capture index started method url status kind summary life decoded",
        "lives": "id device profile first last exchanges outcome parts",
        "findings": "rule severity message effect fix sources life caused_by count places",
    }
    for name, keys in orders.items():
        assert list(parsed[name][0]) == keys.split(), name
    place = parsed["findings"][0]["places"][0]
    assert list(place) == ["exchange", "where", "evidence"]
    assert "part" in place["where"]


def test_an_exchange_is_told_as_it_was(tmp_path: Path) -> None:
    row, unanswered = written(
        capture_of(tmp_path / "c", exchange_flow("/a?b=c", status=404), exchange_flow(answer=None))
    )["exchanges"]
    assert (row["id"], row["capture"], row["index"]) == ("c:1", "c", 1)
    assert row["started"] == "2000-01-01T00:00:00Z"
    assert (row["method"], row["status"], row["kind"]) == ("POST", 404, "other")
    assert row["url"] == "https://mdm.example.test/a?b=c"
    assert row["life"] is None
    assert unanswered["status"] is None


def test_nothing_read_is_a_valid_document(tmp_path: Path) -> None:
    parsed = written(capture_of(tmp_path / "c"))
    assert [parsed[name] for name in ("exchanges", "lives", "findings")] == [[], [], []]
    assert written()["captures"] == []


def test_a_status_that_http_does_not_have_is_left_out(tmp_path: Path) -> None:
    (row,) = written(capture_of(tmp_path / "c", exchange_flow(status=123456)))["exchanges"]
    assert row["status"] is None


def test_lives_carry_all_their_ids(tmp_path: Path) -> None:
    parsed = written(capture_of(tmp_path / "c", dm_flow()))
    (life,) = parsed["lives"]
    assert parsed["exchanges"][0]["life"] in life["parts"]
    assert parsed["findings"][0]["life"] == life["id"]
