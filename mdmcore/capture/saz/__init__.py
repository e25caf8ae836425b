"""Fiddler's session archives (.saz), also locked, cut, or written by other programs.

Source: formats.md section 1. Sessions come in the order of their numbers. A session that cannot be
read is a problem that names its file, and the next one is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from mdmcore.capture.http1 import StoredMessage, parse_message
from mdmcore.capture.limits import USUAL_LIMITS, Limits
from mdmcore.capture.saz.archive import StoredSession, is_saz, open_sessions
from mdmcore.capture.saz.metadata import SessionMetadata, parse_metadata
from mdmcore.capture.saz.session import StoredExchange, exchange_of, notes_of
from mdmcore.capture.saz.tunnels import Tunnel, tunnel_of
from mdmcore.capture.source import Reading
from mdmcore.errors import CaptureError, ParseError
from mdmcore.http import Exchange, TlsFacts, connection_exchange

__all__ = ["is_saz", "read_saz"]


def read_saz(
    file: BinaryIO, reading: Reading, *, limits: Limits = USUAL_LIMITS, password: str | None = None
) -> Iterator[Exchange]:
    """The exchanges of an archive. Raises CaptureError where a password is missing or wrong."""
    sessions = open_sessions(file, reading, limits=limits, password=password)
    ports = _requests_by_port(sessions)
    tls: dict[str, TlsFacts] = {}
    for session in sessions:
        try:
            exchange = _exchange(session, reading, ports, tls)
        except (ParseError, CaptureError) as error:
            reading.problem(_name(session), f"this session cannot be read: {error}")
            continue
        if exchange is not None:
            yield exchange


def _requests_by_port(sessions: list[StoredSession]) -> Counter[str]:
    """How many sessions there are by the port of the device's connection; tunnels count, too."""
    found: Counter[str] = Counter()
    for session in sessions:
        try:
            found[_metadata(session, None).flags.get("x-clientport", "")] += 1
        except CaptureError:
            continue
    return found


def _exchange(
    session: StoredSession, reading: Reading, ports: Counter[str], tls: dict[str, TlsFacts]
) -> Exchange | None:
    """The exchange; ``None`` for a tunnel whose requests come behind it."""
    metadata = _metadata(session, reading)
    data = session.read("c")
    if not data:
        raise ParseError("there is no request")
    request = parse_message(data)
    answer = _answer(session, reading)
    method, target = request.request_line()
    port = metadata.flags.get("x-clientport", "")
    is_ours = metadata.extension.is_ours and metadata.extension.connection is None
    if method.upper() != "CONNECT" or is_ours:
        told = StoredExchange(
            name=_name(session), request=request, answer=answer, metadata=metadata
        )
        return exchange_of(told, reading, tls.get(port) if port else None)
    tunnel = tunnel_of(target, request, answer, metadata)
    if metadata.extension.connection is None and not tunnel.is_blind and port and ports[port] > 1:
        if tunnel.tls is not None:
            tls[port] = tunnel.tls
        reading.passed_over["tunnel"] += 1
        return None
    return _tunnel_exchange(tunnel, metadata, reading)


def _answer(session: StoredSession, reading: Reading) -> StoredMessage | None:
    """The answer; ``None`` where there is none, or it cannot be read, which is a problem."""
    try:
        data = session.read("s")
        if not data.strip():
            return None
        message = parse_message(data)
        message.status()
    except (ParseError, CaptureError) as error:
        reading.problem(f"raw/{session.number}_s.txt", f"this answer cannot be read: {error}")
        return None
    return message


def _tunnel_exchange(tunnel: Tunnel, metadata: SessionMetadata, reading: Reading) -> Exchange:
    extension = metadata.extension
    connection = extension.connection or tunnel.connection(metadata)
    index = reading.exchanges + 1
    seen = connection_exchange(
        connection,
        id=reading.exchange_id(index),
        index=index,
        capture=reading.name,
        tls=tunnel.tls,
        notes=notes_of(metadata),
    )
    exchange = extension.apply(seen)
    reading.next_index()
    return exchange


def _metadata(session: StoredSession, reading: Reading | None) -> SessionMetadata:
    """The metadata, empty where they are missing or damaged; that is a problem."""
    data = session.read("m")
    if not data.strip():
        return SessionMetadata()
    try:
        return parse_metadata(data)
    except ParseError as error:
        if reading is not None:
            reading.problem(f"raw/{session.number}_m.xml", f"these metadata are damaged: {error}")
        return SessionMetadata()


def _name(session: StoredSession) -> str:
    return f"raw/{session.number}_c.txt"
