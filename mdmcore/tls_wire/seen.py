"""What a passing TLS connection has shown so far, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mdmcore.tls_wire.messages import ClientHello

TLS13 = 0x0304
"""From this version on all that follows the ServerHello is encrypted."""


class Side(StrEnum):
    """The two ends of a connection."""

    DEVICE = "device"
    SERVER = "server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Facts of a handshake; what cannot be seen has its default.

    ``hello`` is what the device offered.
    ``version`` and ``suite`` are the numbers that the server chose. ``server_certificates`` and
    ``device_certificates`` are DER, leaf first, as sent; the latter with ``is_answered``: the
    device answered the ``is_asked`` of the server, with an empty list if it has none. ``accepted``
    are the names (DER) of the CAs that the server asks for. In TLS 1.3 none of these can be seen.
    ``alerts``: the number of the first fatal alert in the clear of each side.

    ``is_accepted``: the device has finished its part, so that it took the server's certificate.
    ``is_established``: both sides have finished. In TLS 1.3 these two as far as lengths tell.
    ``last_was_short``: sides whose last record of TLS 1.3 has the length of an alert.
    ``is_renegotiated``: another handshake followed inside the encryption, as IIS does it to ask for
    a client certificate. ``is_resumed``: an earlier session went on, without certificates.
    ``sent`` and ``received`` count the bytes of the device's and of the server's side. ``problem``
    says why a side could not be read on.
    """

    hello: ClientHello | None = None
    version: int | None = None
    suite: int | None = None
    is_resumed: bool = False
    server_certificates: tuple[bytes, ...] = ()
    is_asked: bool = False
    accepted: tuple[bytes, ...] = ()
    is_answered: bool = False
    device_certificates: tuple[bytes, ...] = ()
    alerts: tuple[tuple[Side, int], ...] = ()
    is_accepted: bool = False
    is_established: bool = False
    last_was_short: frozenset[Side] = frozenset()
    is_renegotiated: bool = False
    sent: int = 0
    received: int = 0
    problem: str = ""

    @property
    def hides_certificates(self) -> bool:
        """Whether certificates and requests for them are encrypted."""
        return self.version is not None and self.version >= TLS13
