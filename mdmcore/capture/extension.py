"""What we add to a format that has no room of its own for it, as plain JSON.

A HAR entry keeps it under ``_mdmproxy``, a Fiddler session in a flag: the record of a connection
without HTTP, marker and annotation, and the facts that the format would lose (``facts``). An
archive says in the same way until when it has seen everything. Readers that know nothing of it pass
over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mdmcore.capture.facts import facts_of, with_facts
from mdmcore.capture.plain_json import plain_table
from mdmcore.connection import Connection, connection_fields, parse_connection
from mdmcore.errors import ParseError
from mdmcore.http import Exchange

SCHEMA = 1
_MAX_TEXT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """``facts`` are what the format does not tell of the exchange; ``data`` is the annotation, as
    in a flow's metadata. ``is_ours``: our writer has written what this stands in."""

    connection: Connection | None = None
    facts: Mapping[Any, Any] = field(default_factory=dict)
    marker: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    is_ours: bool = False

    def apply(self, seen: Exchange) -> Exchange:
        """The exchange as it was, of what the format tells of it. Raises ParseError."""
        return with_facts(seen, self.facts) if self.facts else seen


NOTHING = Extension()


def extension_fields(exchange: Exchange, seen: Exchange) -> dict[str, Any]:
    """What the exchange has beyond what a reader of the format finds (``seen``) and a comment;
    empty for nothing."""
    result: dict[str, Any] = {}
    if exchange.connection is not None:
        result["connection"] = connection_fields(exchange.connection)
    facts = facts_of(exchange, seen)
    if facts:
        result["facts"] = facts
    if exchange.notes.marker:
        result["marker"] = exchange.notes.marker
    if exchange.notes.data:
        result["data"] = plain_table(exchange.notes.data)
    return {"schema": SCHEMA, **result} if result else {}


def read_extension(value: object) -> Extension:
    """What stands in such a table; of another program's table, nothing. Raises ParseError."""
    if not isinstance(value, Mapping) or value.get("schema") != SCHEMA:
        return NOTHING
    connection = value.get("connection")
    data, facts, marker = (value.get(name) for name in ("data", "facts", "marker"))
    if facts is not None and not isinstance(facts, Mapping):
        raise ParseError("the facts are no table")
    return Extension(
        connection=None if connection is None else parse_connection(connection),
        facts=facts or {},
        marker=marker[:_MAX_TEXT] if isinstance(marker, str) else "",
        data=dict(data) if isinstance(data, Mapping) else {},
        is_ours=True,
    )


def end_fields(until: datetime) -> dict[str, Any]:
    """What an archive as a whole says: until when everything is in it."""
    return {"schema": SCHEMA, "until": until.isoformat()}


def read_end(value: object) -> datetime | None:
    """Until when an archive has seen everything; ``None`` where it does not say so."""
    if not isinstance(value, Mapping) or value.get("schema") != SCHEMA:
        return None
    told = value.get("until")
    try:
        until = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return until if until is not None and until.tzinfo is not None else None
