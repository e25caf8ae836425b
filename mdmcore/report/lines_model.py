"""The lines of ``--format jsonl``: each an object of its own, told apart by ``type``.

They are the rows of ``mdmproxy-analysis/1``. The first line is the tool's; a capture comes behind
its exchanges, lives and findings behind the captures that they are of. The JSON Schema is made from
these classes (``schema``).
"""

from __future__ import annotations

from typing import Literal

from mdmcore.report.model import CaptureRow, ExchangeRow, FindingRow, LifeRow, Tool

LINES_SCHEMA_NAME = "mdmproxy-analysis-lines/1"


class ToolLine(
    Tool, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="tool", tag_field="type"
):
    """What wrote the lines; always the first one."""

    schema: Literal["mdmproxy-analysis-lines/1"]


class ExchangeLine(
    ExchangeRow,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag="exchange",
    tag_field="type",
):
    """An exchange; life is the id it had then: parts of a life tells which life that became."""


class CaptureLine(
    CaptureRow,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag="capture",
    tag_field="type",
):
    """A capture that was read, behind its exchanges."""


class LifeLine(
    LifeRow, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="life", tag_field="type"
):
    """Everything known of one device."""


class FindingLine(
    FindingRow,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag="finding",
    tag_field="type",
):
    """One rule in one life."""


LINES = ToolLine | ExchangeLine | CaptureLine | LifeLine | FindingLine
