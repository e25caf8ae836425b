"""The committed JSON Schema."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest

from mdmcore.report.schema import (
    DIFF_SCHEMA_FILE,
    SCHEMA_FILE,
    analysis_schema,
    diff_schema,
    schema_text,
)

VALID: dict[str, Any] = {
    "schema": "mdmproxy-analysis/1",
    "tool": {"name": "mdmproxy", "version": "1"},
    "captures": [{"path": "c", "format": "flows", "exchanges": 0, "errors": [], "decoded": {}}],
    "exchanges": [],
    "lives": [],
    "findings": [
        {
            "rule": "x",
            "severity": "error",
            "message": "",
            "effect": "",
            "fix": "",
            "sources": [],
            "life": None,
            "caused_by": [],
            "count": 1,
            "places": [{"exchange": "c:1", "where": {"part": "request"}, "evidence": ""}],
        }
    ],
}


def test_the_committed_schema_is_the_one_the_code_makes():
    command = "python -m mdmcore.report.schema"
    assert SCHEMA_FILE.read_text("utf-8") == schema_text(), f"run `{command}`"
    assert DIFF_SCHEMA_FILE.read_text("utf-8") == schema_text(diff_schema()), f"run `{command}`"


def test_it_is_a_schema_and_accepts_a_document():
    jsonschema.Draft202012Validator.check_schema(analysis_schema())
    jsonschema.Draft202012Validator.check_schema(diff_schema())
    jsonschema.validate(VALID, analysis_schema())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "mdmproxy-analysis/2"),
        (("captures", 0, "format"), "zip"),
        (("captures", 0, "more"), 1),
        (("captures", 0, "exchanges"), -1),
        (("findings", 0, "severity"), "none"),
        (("findings", 0, "count"), 0),
        (("findings", 0, "places", 0, "where"), {"xpath": "/a"}),
        (("findings", 0, "places", 0, "where"), {"part": "request", "offset": 3}),
        (("findings", 0, "places"), [VALID["findings"][0]["places"][0]] * 101),
    ],
)
def test_it_refuses_what_the_contract_does_not_know(path, value):
    document = copy.deepcopy(VALID)
    *parents, last = path
    target: Any = document
    for key in parents:
        target = target[key]
    target[last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(SCHEMA_FILE.read_text("utf-8")))
