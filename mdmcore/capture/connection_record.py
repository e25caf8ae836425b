"""Where a flow keeps the record of a connection: what leaves no HTTP is recorded as a flow, too.

Such a flow is a CONNECT without an answer, so that mitmproxy can read and show it; our metadata
(design.md section 5) hold the record. What stands in it is known to ``mdmcore.connection``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mdmcore.connection import Connection, parse_connection

METADATA_KEY = "mdmproxy"
CONNECTION_FIELD = "connection"


def connection_of(metadata: Mapping[Any, Any]) -> Connection | None:
    """The connection that a flow with these metadata stands for, ``None`` for an exchange.

    Raises ParseError for a record that is damaged.
    """
    ours = metadata.get(METADATA_KEY)
    if not isinstance(ours, Mapping) or CONNECTION_FIELD not in ours:
        return None
    return parse_connection(ours[CONNECTION_FIELD])
