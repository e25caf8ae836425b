"""How a handshake that was only watched came to its end, as far as it shows."""

from __future__ import annotations

from mdmcore.connection import HandshakeEnd
from mdmcore.tls_wire.names import ALERTS
from mdmcore.tls_wire.seen import Seen, Side


def handshake_end(seen: Seen, closed_by: Side | None) -> tuple[HandshakeEnd, str, str]:
    """How it ended, the name of the alert, and what else is to be said; ``closed_by`` is the side
    that closed the connection first."""
    if seen.alerts:
        side, number = seen.alerts[0]
        end = HandshakeEnd.ALERT if side is Side.DEVICE else HandshakeEnd.SERVER_ALERT
        return end, ALERTS.get(number, f"number {number}"), seen.problem
    if seen.is_established:
        return HandshakeEnd.OK, "", seen.problem
    short = "the last record of the {} has the length of an alert"
    if Side.SERVER in seen.last_was_short:
        return HandshakeEnd.SERVER_CLOSED, "", short.format("server")
    if Side.DEVICE in seen.last_was_short and not seen.is_accepted:
        return HandshakeEnd.CLOSED, "", short.format("device")
    if closed_by is Side.SERVER:
        return HandshakeEnd.SERVER_CLOSED, "", seen.problem
    if closed_by is Side.DEVICE and not seen.is_accepted:
        is_early = seen.version is None
        end = HandshakeEnd.CLOSED_EARLY if is_early else HandshakeEnd.CLOSED
        return end, "", seen.problem
    return HandshakeEnd.UNKNOWN, "", seen.problem
