"""The document ``mdmproxy-diff/1``: its values, in the order of its keys."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from mdmcore.report.model import OutcomeName, ProfileName, Tool

DIFF_SCHEMA_NAME: Literal["mdmproxy-diff/1"] = "mdmproxy-diff/1"

Kind = Annotated[
    Literal["only-in-a", "only-in-b", "different", "order"],
    Meta(description="order: both have the same parts, in another order."),
]


class Side(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the two lives; life is its id in its capture."""

    capture: str
    life: str
    device: dict[str, str]
    profile: ProfileName
    outcome: OutcomeName
    steps: tuple[str, ...]


class Difference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One difference. what is a place inside the step: a path of the message or document, or
    words; a and b are what stands there, null where nothing does. a_exchange and b_exchange are
    the ids of the exchanges. also: later steps with the same difference."""

    step: str
    what: str
    kind: Kind
    a: str | None
    b: str | None
    a_exchange: str = ""
    b_exchange: str = ""
    also: tuple[str, ...] = ()


class DiffDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole document."""

    schema: Literal["mdmproxy-diff/1"]
    tool: Tool
    a: Side
    b: Side
    differences: tuple[Difference, ...]
