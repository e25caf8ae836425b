"""The analysis document ``mdmproxy-analysis/1``: its values, in the order of its keys.

Source: design.md section 5. The JSON Schema is made from these classes (``schema``); making rows
from exchanges, lives and findings is the concern of ``rows``, writing them that of ``json``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

SCHEMA_NAME = "mdmproxy-analysis/1"

Format = Literal["flows", "saz", "har", "pcap", "log", "folder", "diagnostics", "artifact"]
KindName = Literal[
    "probe",
    "discover",
    "wab",
    "getpolicies",
    "rst",
    "renew",
    "syncml",
    "hub",
    "tls",
    "mark",
    "other",
]
OutcomeName = Literal["complete", "running", "refused", "stopped"]
ProfileName = Literal["wp8", "wp81", "win81", "win10"]
SeverityName = Literal["error", "warning", "info"]
Count = Annotated[int, Meta(ge=0)]
Where = Annotated[
    dict[str, str],
    Meta(
        description="part: request, response, document, certificate or csr; and what finds the "
        "place in it.",
        extra_json_schema={
            "required": ["part"],
            "properties": {
                name: {"type": "string"}
                for name in ("part", "xpath", "offset", "header", "field", "line", "column")
            },
        },
    ),
]


class Tool(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What wrote the document."""

    name: str
    version: str


class ReadError(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a capture that could not be read."""

    where: str
    message: str


class CaptureRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A capture, or a loose file (format artifact, no exchanges, its facts in decoded)."""

    path: str
    format: Format
    exchanges: Count
    errors: tuple[ReadError, ...] = ()
    decoded: dict[str, Any] = field(default_factory=dict)


class ExchangeRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exchange; life is the id it had then: lives[].parts tells which life that became."""

    id: str
    capture: str
    index: int
    started: datetime | None
    method: str
    url: str
    status: int | None
    kind: KindName
    summary: str
    life: str | None
    decoded: dict[str, Any]


class LifeRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything known of one device; parts holds all ids that turned out to be this life."""

    id: str
    device: dict[str, str]
    profile: ProfileName
    first: datetime | None
    last: datetime | None
    exchanges: Count
    outcome: OutcomeName
    parts: tuple[str, ...]


class PlaceRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a mistake was seen, and what stands there."""

    exchange: str
    where: Where
    evidence: str


class FindingRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule in one life: count counts all places, places holds the first 100."""

    rule: str
    severity: SeverityName
    message: str
    effect: str
    fix: str
    sources: tuple[str, ...]
    life: str | None
    caused_by: tuple[str, ...]
    count: Annotated[int, Meta(ge=1)]
    places: Annotated[tuple[PlaceRow, ...], Meta(max_length=100)]


class AnalysisDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole document, as a reader of it may load it."""

    schema: Literal["mdmproxy-analysis/1"]
    tool: Tool
    captures: tuple[CaptureRow, ...]
    exchanges: tuple[ExchangeRow, ...]
    lives: tuple[LifeRow, ...]
    findings: tuple[FindingRow, ...]
