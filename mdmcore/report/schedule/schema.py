"""The JSON Schema of schedules, made from ``model`` and committed beside it.

``python -m mdmcore.report.schedule.schema`` writes the committed file anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from mdmcore.report.schedule.model import SCHEMA_NAME, ScheduleDocument

SCHEMA_FILE = Path(__file__).with_name("mdmproxy-schedule-1.schema.json")


def schedule_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``mdmproxy-schedule/1``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA_NAME,
        **msgspec.json.schema(ScheduleDocument),
    }


def schema_text() -> str:
    """The schema as it is committed."""
    return json.dumps(schedule_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
