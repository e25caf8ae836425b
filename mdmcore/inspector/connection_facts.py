"""What the connections of a device to its DM server and hub tell of these."""

from __future__ import annotations

import re
from dataclasses import replace

from mdmcore.http import Exchange
from mdmcore.rules.connection_roles import LATER, roles_of
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Life

CONNECTED_KINDS = frozenset({Kind.SYNCML, Kind.HUB, Kind.TLS})
"""Exchanges that show such a connection, or are one."""


# The words of the system, of mitmproxy and of httpx for nobody listening there.
_NOBODY = re.compile(
    r"(?i)\brefused|connect call failed|timed? ?out|unreachable|no route|all connection attempts"
)


def unreached_host(life: Life, exchange: Exchange) -> str:
    """The host to which this exchange, or one before, got no connection over https."""
    if not exchange.request.url.lower().startswith("https://"):
        return life.unreached_host
    is_nobody = exchange.response is None and _NOBODY.search(exchange.error or "")
    return exchange.request.host if is_nobody else ""


def with_connection(life: Life, exchange: Exchange) -> Life:
    """The life with whether a client certificate was asked for.

    That the proxy asks says nothing of the server, unless it is the server.
    """
    connection = exchange.connection
    if connection is None or not roles_of(life, connection) & LATER:
        return life
    is_asked = connection.is_asked_by_server or (connection.is_asked and connection.is_served)
    return replace(life, asked_for_client_tls=life.asked_for_client_tls or is_asked)
