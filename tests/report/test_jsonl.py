"""JSON lines, judged by their schema."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mdmcore.inspector import Inspector
from mdmcore.report import analyze, write_json
from mdmcore.report.jsonl import LineReport
from mdmcore.report.schema import LINES_SCHEMA_FILE, lines_schema, schema_text
from tests.report.material import capture_of, dm_flow, exchange_flow
from tests.report.outcomes import hostile_capture, outcome


def lines_of(data: bytes) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in data.decode("utf-8").splitlines()]
    schema = json.loads(LINES_SCHEMA_FILE.read_text("utf-8"))
    for line in lines:
        jsonschema.validate(line, schema)
    return lines


def test_the_committed_schema_is_the_one_the_code_makes() -> None:
    assert LINES_SCHEMA_FILE.read_text("utf-8") == schema_text(lines_schema())
    jsonschema.Draft202012Validator.check_schema(lines_schema())


@pytest.mark.parametrize(
    "line",
    [
        {"type": "tool", "name": "mdmproxy", "version": "1"},
        {"type": "nothing"},
        {"schema": "mdmproxy-analysis-lines/1", "name": "mdmproxy", "version": "1"},
        {"type": "capture", "path": "c", "format": "zip", "exchanges": 0},
    ],
)
def test_the_schema_refuses_what_is_no_line(line: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(line, lines_schema())


def test_the_lines_are_the_rows_of_the_document(tmp_path: Path) -> None:
    captures = [
        capture_of(tmp_path / "one", dm_flow(), exchange_flow("/a")),
        hostile_capture(tmp_path),
    ]
    out, whole = io.BytesIO(), io.BytesIO()
    LineReport(out).write(analyze(captures, inspector=Inspector()))
    write_json(whole, analyze(captures, inspector=Inspector()))
    document = json.loads(whole.getvalue())
    lines = lines_of(out.getvalue())
    assert lines[0] == {
        "type": "tool",
        "schema": "mdmproxy-analysis-lines/1",
        **document["tool"],
    }
    for kind, rows in (
        ("exchange", "exchanges"),
        ("capture", "captures"),
        ("life", "lives"),
        ("finding", "findings"),
    ):
        found = [line for line in lines if line["type"] == kind]
        assert [{**line, "type": None} for line in found] == [
            {**row, "type": None} for row in document[rows]
        ], kind
    kinds = [line.get("type", "") for line in lines_of(out.getvalue())]
    assert kinds[:4] == ["tool", "exchange", "exchange", "capture"]


def test_captures_that_are_judged_apart_are_told_one_after_the_other(tmp_path: Path) -> None:
    out = io.BytesIO()
    report = LineReport(out)
    for name in ("one", "two"):
        with outcome(capture_of(tmp_path / name, dm_flow())) as (found, lines):
            report.add(found, lines)
    kinds = [line["type"] for line in lines_of(out.getvalue())]
    first = kinds.index("finding")
    assert kinds[:4] == ["tool", "exchange", "capture", "life"]
    assert kinds[first:].index("exchange") > 0
