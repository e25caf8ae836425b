"""What stands under our key in a flow's metadata: the annotation, and records beside it.

The annotation says what was found (design.md section 5), and is made anew whenever somebody judges.
The records were seen live, or are what a flow has no room for, and cannot be found again; each has
its own module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mdmcore.capture.body_record import PASSED_FIELD
from mdmcore.capture.connection_record import CONNECTION_FIELD, METADATA_KEY, UNTIL_FIELD
from mdmcore.capture.facts import with_facts
from mdmcore.capture.forwarded_header import FORWARDED_FIELD
from mdmcore.capture.passing_record import PASSING_FIELD
from mdmcore.errors import ParseError
from mdmcore.http import Exchange

FACTS_FIELD = "facts"
"""What a flow that was made from an exchange does not tell of it."""

_SCHEMA_FIELD = "schema"
SCHEMA = 1

RECORD_FIELDS = (
    CONNECTION_FIELD,
    FORWARDED_FIELD,
    PASSING_FIELD,
    PASSED_FIELD,
    FACTS_FIELD,
    UNTIL_FIELD,
)


def annotation_of(metadata: Mapping[Any, Any]) -> dict[str, Any]:
    """The annotation alone, empty where nobody has judged the flow."""
    ours = metadata.get(METADATA_KEY)
    found = ours if isinstance(ours, dict) else {}
    told = {name: value for name, value in found.items() if name not in RECORD_FIELDS}
    return told if told.keys() - {_SCHEMA_FIELD} else {}


def records_of(metadata: Mapping[Any, Any]) -> dict[str, Any]:
    """The records alone."""
    ours = metadata.get(METADATA_KEY)
    found = ours if isinstance(ours, dict) else {}
    return {name: value for name, value in found.items() if name in RECORD_FIELDS}


def metadata_with(annotation: Mapping[str, Any], records: Mapping[str, Any]) -> dict[str, Any]:
    """What is to stand under our key; empty for nothing."""
    if not annotation and not records:
        return {}
    return {_SCHEMA_FIELD: SCHEMA, **annotation, **records}


def with_facts_of(seen: Exchange, metadata: Mapping[Any, Any]) -> Exchange:
    """The exchange that a flow with these metadata stands for, of what it shows by itself.

    Raises ParseError for facts that are damaged.
    """
    facts = records_of(metadata).get(FACTS_FIELD)
    if facts is None:
        return seen
    if not isinstance(facts, Mapping):
        raise ParseError("the facts are no table")
    return with_facts(seen, facts)
