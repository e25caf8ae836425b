"""The JSON document against its schema, read by the standard library."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema

from mdmcore.inspector import Inspector, inspect_artifact
from mdmcore.report import AnalysisWriter, analyze, write_artifacts_json, write_json
from mdmcore.report.rows import broken_artifact_row
from mdmcore.report.schema import SCHEMA_FILE, analysis_schema, schema_text
from tests.report.support import make_analysis, make_capture
from tests.support.certificates import build_authority


def document(text: bytes) -> dict[str, Any]:
    """The document, checked against the committed schema."""
    parsed: dict[str, Any] = json.loads(text)
    jsonschema.validate(parsed, json.loads(SCHEMA_FILE.read_text("utf-8")))
    return parsed


def test_the_committed_schema_is_current() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == schema_text()
    jsonschema.Draft202012Validator.check_schema(analysis_schema())


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
    reports = inspect_artifact(build_authority().certificate, name="ca.cer")
    out = io.BytesIO()
    broken = broken_artifact_row("cut.der", where="offset 7", message="truncated")
    write_artifacts_json(out, reports, broken=[broken])
    good, bad = document(out.getvalue())["captures"]
    assert (good["path"], good["format"], good["exchanges"]) == ("ca.cer", "artifact", 0)
    assert bad["errors"] == [{"where": "offset 7", "message": "truncated"}]


def test_a_file_name_that_is_no_utf8_does_not_stop_the_report(tmp_path: Path) -> None:
    reports = inspect_artifact(build_authority().certificate, name="caf\udce9.cer")
    out = io.BytesIO()
    write_artifacts_json(out, reports)
    assert document(out.getvalue())["captures"][0]["path"].startswith("caf")
