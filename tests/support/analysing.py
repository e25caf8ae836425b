"""``mdmproxy analyze`` of a recording, run in this process: starting another takes seconds, and
most tests ask what it says, not how it starts (``e2e/test_demo.py`` does)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mdmcore.cli.main import run


def analysis_of(record: Path) -> dict[str, Any]:
    """The document of a recording that is read to its end."""
    target = record.with_name(f"{record.name}.analysis.json")
    told = ["--format", "json", "--fail-on", "never", "-o", str(target)]
    assert run(["analyze", str(record), *told]) == 0
    document: dict[str, Any] = json.loads(target.read_bytes())
    return document
