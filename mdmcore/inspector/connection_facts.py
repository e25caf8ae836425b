"""What the connections of a device to its DM server and hub tell of these."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.http import Exchange
from mdmcore.rules.connection_roles import LATER, roles_of
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Life
from mdmcore.rules.revocation import crl_urls

CONNECTED_KINDS = frozenset({Kind.SYNCML, Kind.HUB, Kind.TLS})
"""Exchanges that show such a connection, or are one."""

_MAX_LISTS = 8


def with_connection(life: Life, exchange: Exchange) -> Life:
    """The life with the revocation lists that the server's certificate names, and with whether a
    client certificate was asked for.

    That the proxy asks says nothing of the server, unless it is the server.
    """
    named = crl_urls(exchange.tls)
    if named:
        known = dict.fromkeys((*life.crl_urls, *named))
        life = replace(life, crl_urls=tuple(known)[:_MAX_LISTS])
    connection = exchange.connection
    if connection is None or not roles_of(life, connection) & LATER:
        return life
    is_asked = connection.is_asked_by_server or (connection.is_asked and connection.is_served)
    return replace(life, asked_for_client_tls=life.asked_for_client_tls or is_asked)
