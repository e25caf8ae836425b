"""What we add to a format that has no room of its own for it, as plain JSON.

A HAR entry keeps it under ``_mdmproxy``, a Fiddler session in a flag: TLS facts with certificates,
the record of a connection without HTTP, the marker and the annotation of a flow. Readers that know
nothing of it pass over it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mdmcore.connection import Connection, connection_fields, parse_connection
from mdmcore.errors import ParseError
from mdmcore.http import Exchange, TlsFacts
from mdmcore.observation import Observation, observation_fields, parse_observation

SCHEMA = 1
_MAX_CERTIFICATES = 20
_MAX_TEXT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """``verbatim``, ``peer``, ``error`` and ``tls`` are those of the exchange; ``data`` is the
    annotation, as in a flow's metadata."""

    connection: Connection | None = None
    observation: Observation | None = None
    is_bare: bool = False
    tls: TlsFacts | None = None
    peer: str | None = None
    error: str | None = None
    ended: datetime | None = None
    verbatim: bool = True
    marker: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


NOTHING = Extension()


def extension_fields(exchange: Exchange) -> dict[str, Any]:
    """What the exchange has beyond requests, answers, times and a comment; empty for nothing."""
    result: dict[str, Any] = {}
    if exchange.connection is not None:
        result["connection"] = connection_fields(exchange.connection)
    if exchange.observation is not None:
        result["observation"] = observation_fields(exchange.observation)
    if exchange.is_bare:
        result["bare"] = True
    if exchange.tls is not None:
        result["tls"] = _tls_fields(exchange.tls)
    if exchange.peer is not None:
        result["peer"] = exchange.peer
    if exchange.error is not None and exchange.connection is None:
        result["error"] = exchange.error
    if exchange.ended is not None:
        result["ended"] = exchange.ended.isoformat()
    if not exchange.verbatim:
        result["verbatim"] = False
    if exchange.notes.marker:
        result["marker"] = exchange.notes.marker
    if exchange.notes.data:
        result["data"] = dict(exchange.notes.data)
    return {"schema": SCHEMA, **result} if result else {}


def read_extension(value: object) -> Extension:
    """What stands in such a table; of another program's table, nothing. Raises ParseError."""
    if not isinstance(value, Mapping) or value.get("schema") != SCHEMA:
        return NOTHING
    connection = value.get("connection")
    data = value.get("data")
    observation = value.get("observation")
    return Extension(
        observation=None if observation is None else parse_observation(observation),
        is_bare=value.get("bare") is True,
        connection=None if connection is None else parse_connection(connection),
        tls=_read_tls(value.get("tls")),
        peer=_text(value.get("peer")) or None,
        error=_text(value.get("error")) or None,
        ended=_time(value.get("ended")),
        verbatim=value.get("verbatim") is not False,
        marker=_text(value.get("marker")),
        data=dict(data) if isinstance(data, Mapping) else {},
    )


def _tls_fields(tls: TlsFacts) -> dict[str, Any]:
    named = {"version": tls.version, "cipher": tls.cipher, "sni": tls.sni}
    listed = {
        "client_certificates": tls.client_certificates,
        "server_certificates": tls.server_certificates,
    }
    result: dict[str, Any] = {name: text for name, text in named.items() if text is not None}
    for name, certificates in listed.items():
        if certificates:
            result[name] = [base64.b64encode(der).decode("ascii") for der in certificates]
    return result


def _read_tls(value: object) -> TlsFacts | None:
    if not isinstance(value, Mapping):
        return None
    return TlsFacts(
        version=_text(value.get("version")) or None,
        cipher=_text(value.get("cipher")) or None,
        sni=_text(value.get("sni")) or None,
        client_certificates=_certificates(value.get("client_certificates")),
        server_certificates=_certificates(value.get("server_certificates")),
    )


def _certificates(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > _MAX_CERTIFICATES:
        return ()
    try:
        return tuple(base64.b64decode(each, validate=True) for each in value)
    except (binascii.Error, ValueError, TypeError):
        raise ParseError("a certificate in the TLS facts is no base64") from None


def _text(value: object) -> str:
    return value[:_MAX_TEXT] if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
