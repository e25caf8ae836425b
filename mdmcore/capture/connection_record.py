"""Where flows of our own keep what they record: what leaves no HTTP is recorded as a flow, too.

A connection is a CONNECT without an answer, so that mitmproxy can read and show it; our metadata
(design.md section 5) hold the record. What stands in it is known to ``mdmcore.connection``. The end
of a recording is a flow as well, which has its time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mdmcore.connection import Connection, parse_connection
from mdmcore.errors import ParseError

METADATA_KEY = "mdmproxy"
CONNECTION_FIELD = "connection"
UNTIL_FIELD = "until"


def connection_of(metadata: Mapping[Any, Any]) -> Connection | None:
    """The connection that a flow with these metadata stands for, ``None`` for an exchange.

    Raises ParseError for a record that is damaged.
    """
    ours = metadata.get(METADATA_KEY)
    if not isinstance(ours, Mapping) or CONNECTION_FIELD not in ours:
        return None
    return parse_connection(ours[CONNECTION_FIELD])


def until_of(metadata: Mapping[Any, Any]) -> datetime | None:
    """Until when a recording has seen everything, where a flow with these metadata says so.

    Raises ParseError for a time that is none.
    """
    ours = metadata.get(METADATA_KEY)
    if not isinstance(ours, Mapping) or UNTIL_FIELD not in ours:
        return None
    try:
        until = datetime.fromisoformat(ours[UNTIL_FIELD])
    except (TypeError, ValueError):
        raise ParseError("the end of a recording has no time") from None
    if until.tzinfo is None:
        raise ParseError("the end of a recording has a time without zone")
    return until
