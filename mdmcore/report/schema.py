"""The JSON Schemas of an analysis, of its lines and of a comparison, made from their classes and
committed.

``python -m mdmcore.report.schema`` writes the committed files anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from mdmcore.report.diff.document import DIFF_SCHEMA_NAME, DiffDocument
from mdmcore.report.lines_model import LINES, LINES_SCHEMA_NAME
from mdmcore.report.model import SCHEMA_NAME, AnalysisDocument

SCHEMA_FILE = Path(__file__).with_name("mdmproxy-analysis-1.schema.json")
LINES_SCHEMA_FILE = Path(__file__).with_name("mdmproxy-analysis-lines-1.schema.json")
DIFF_SCHEMA_FILE = Path(__file__).with_name("mdmproxy-diff-1.schema.json")


def analysis_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``mdmproxy-analysis/1``."""
    return _schema(SCHEMA_NAME, AnalysisDocument)


def lines_schema() -> dict[str, Any]:
    """The JSON Schema of each line of ``mdmproxy-analysis-lines/1``."""
    return _schema(LINES_SCHEMA_NAME, LINES)


def diff_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``mdmproxy-diff/1``."""
    return _schema(DIFF_SCHEMA_NAME, DiffDocument)


def _schema(title: str, kind: Any) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **_in_one_line(msgspec.json.schema(kind)),
    }


def _in_one_line(schema: Any) -> Any:
    """The schema with descriptions as they read: versions of Python keep the indentation of
    docstrings, or take it off."""
    if isinstance(schema, list):
        return [_in_one_line(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: " ".join(value.split())
        if name == "description" and isinstance(value, str)
        else _in_one_line(value)
        for name, value in schema.items()
    }


def schema_text(schema: dict[str, Any] | None = None) -> str:
    """A schema as it is committed, that of the analysis unless given."""
    return json.dumps(schema or analysis_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
    LINES_SCHEMA_FILE.write_text(schema_text(lines_schema()), encoding="utf-8")
    DIFF_SCHEMA_FILE.write_text(schema_text(diff_schema()), encoding="utf-8")
