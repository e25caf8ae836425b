"""What a handshake shows while it goes on, told by OpenSSL's information callback.

The device's alert by its number, also one that comes after a handshake that ended well, and a
CertificateRequest of the server, of which no other trace is left. A pyOpenSSL that cannot watch one
connection alone (before 25.2) tells neither; then mitmproxy's words for the reason tell the alert.
Sources: RFC 8446 6 and B.2, OpenSSL's SSL_CTX_set_info_callback and SSL_state_string.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from OpenSSL import SSL

from mdmcore.connection import HandshakeEnd
from mdmcore.mitm.client_offer import MISMATCHES, NO_SUITE
from mdmcore.tls_wire.names import ALERTS

_READ_ALERT = 0x4004
_ASKED = b"read server certificate request"
_WORDS = re.compile(r"alert ([a-z ]+)")
_ENDS = (
    ("connection closed early", HandshakeEnd.CLOSED_EARLY),
    ("connection closed", HandshakeEnd.CLOSED),
    # What mitmproxy makes of that, before it tells anybody.
    ("The client disconnected during the handshake", HandshakeEnd.CLOSED),
)
"""Beginning of mitmproxy's reason -> end."""


def watch_alerts(connection: SSL.Connection, seen: Callable[[str], None]) -> None:
    """Call ``seen`` with the name of each fatal alert that the peer sends."""

    def look(_: SSL.Connection, where: int, value: int) -> None:
        if where & _READ_ALERT == _READ_ALERT and value & 0xFF in ALERTS:
            seen(ALERTS[value & 0xFF])

    _watch(connection, look)


def watch_certificate_request(connection: SSL.Connection, seen: Callable[[], None]) -> None:
    """Call ``seen`` when the server of this connection asks for a client certificate."""

    def look(one: SSL.Connection, where: int, value: int) -> None:
        if one.get_state_string().endswith(_ASKED):
            seen()

    _watch(connection, look)


def end_of(reason: str, alert: str) -> tuple[HandshakeEnd, str]:
    """How a handshake failed, and the alert's name: from mitmproxy's reason, and the alert where it
    was seen."""
    mismatch = next((cause for words, cause in MISMATCHES.items() if words in reason), None)
    if alert:
        return HandshakeEnd.ALERT, alert
    if mismatch is not None:
        is_suite = mismatch == NO_SUITE
        return (HandshakeEnd.NO_SUITE if is_suite else HandshakeEnd.NO_VERSION), ""
    words = _WORDS.search(reason)
    name = words[1].strip().replace(" ", "_") if words is not None else reason.replace(" ", "_")
    if name in ALERTS.values():
        return HandshakeEnd.ALERT, name
    ends = (end for begin, end in _ENDS if reason.startswith(begin))
    return next(ends, HandshakeEnd.FAILED), ""


def _watch(connection: SSL.Connection, look: Callable[[SSL.Connection, int, int], None]) -> None:
    if hasattr(connection, "set_info_callback"):
        connection.set_info_callback(look)
