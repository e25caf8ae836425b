"""Connections that stand in the place of exchanges: nothing was asked over them, or nobody can see
what. They are told as those are that pass a proxy untouched (``mdmcore.connection``).
"""

from __future__ import annotations

from mdmcore.capture.pcap.handshakes import Handshake
from mdmcore.capture.pcap.places import Target
from mdmcore.capture.pcap.streams import Stream
from mdmcore.connection import Connection, HandshakeEnd
from mdmcore.errors import MdmError
from mdmcore.pki.asn1.name import parse_name
from mdmcore.tls_wire import Side
from mdmcore.tls_wire.ending import handshake_end
from mdmcore.tls_wire.names import version_name
from mdmcore.tls_wire.suites import suite_name

_MAX_TEXT = 200
_MAX_NAMES = 100


def tls_connection(
    stream: Stream, client_end: int, target: Target, handshake: Handshake, *, requests: int
) -> Connection:
    """The record of a connection with TLS over which so many requests were read."""
    seen, hello = handshake.seen, handshake.seen.hello
    end, alert, detail = handshake_end(seen, _closed_by(stream, client_end))
    return Connection(
        host=target.host,
        port=target.port or target.server[1],
        sni=handshake.name,
        peer=stream.ends[client_end][0],
        opened=stream.opened,
        closed=stream.closed,
        versions=() if hello is None else tuple(map(version_name, hello.versions)),
        suites=() if hello is None else tuple(map(suite_name, hello.suites)),
        end=end,
        alert=alert,
        detail=detail[:_MAX_TEXT],
        is_asked_by_server=seen.is_asked,
        is_given_to_server=bool(seen.device_certificates),
        requests=requests,
        is_passed_through=True,
        is_captured=True,
        is_decrypted=handshake.is_decrypted,
        server_version="" if seen.version is None else version_name(seen.version),
        server_suite="" if seen.suite is None else suite_name(seen.suite),
        accepted=tuple(_name(one) for one in seen.accepted[:_MAX_NAMES]),
        is_resumed=seen.is_resumed,
        is_renegotiated=seen.is_renegotiated and not handshake.is_decrypted,
        sent=seen.sent,
        received=seen.received,
        closed_by=str(_closed_by(stream, client_end) or ""),
    )


def bare_connection(stream: Stream, host: str) -> Connection:
    """The record of a connection over which nothing came."""
    client_end = stream.client or 0
    is_silent = stream.is_answered
    detail = ""
    if not is_silent:
        is_refused = stream.is_reset and stream.closed_by == 1 - client_end
        detail = "connection refused" if is_refused else "timed out: nobody answers"
    return Connection(
        host=host,
        port=stream.ends[1 - client_end][1],
        peer=stream.ends[client_end][0],
        opened=stream.opened,
        closed=stream.closed,
        end=HandshakeEnd.SILENT if is_silent else HandshakeEnd.NO_SERVER,
        detail=detail,
        is_passed_through=True,
        is_captured=True,
        closed_by=str(_closed_by(stream, client_end) or ""),
    )


def _closed_by(stream: Stream, client_end: int) -> Side | None:
    if stream.closed_by is None:
        return None
    return Side.DEVICE if stream.closed_by == client_end else Side.SERVER


def _name(der: bytes) -> str:
    try:
        return parse_name(der).rfc4514()[:_MAX_TEXT]
    except MdmError:
        return "a name that cannot be read"
