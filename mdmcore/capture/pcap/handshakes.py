"""TLS on one connection: what its handshake showed, in the clear and where a key opened it.

The bytes are watched as those that pass a proxy untouched are; what is encrypted in TLS 1.3 comes
from tshark's own look at the frames.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

from mdmcore.capture.pcap.follow import Piece
from mdmcore.capture.pcap.streams import Stream
from mdmcore.http import TlsFacts
from mdmcore.tls_wire import Seen, Side, TlsObserver
from mdmcore.tls_wire.suites import suite_name

# As mitmproxy writes them in flows.
_VERSIONS = MappingProxyType(
    {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """``seen`` is all that is known of it; ``is_decrypted``: a key opened what followed."""

    seen: Seen
    is_decrypted: bool

    @property
    def name(self) -> str:
        """The server's name that the device asked for."""
        return self.seen.hello.name if self.seen.hello is not None else ""

    @property
    def facts(self) -> TlsFacts:
        """What belongs to each exchange over it."""
        seen = self.seen
        return TlsFacts(
            version=_VERSIONS.get(seen.version or 0),
            cipher=None if seen.suite is None else suite_name(seen.suite),
            sni=self.name or None,
            client_certificates=seen.device_certificates,
            server_certificates=seen.server_certificates,
        )

    @property
    def needs_key(self) -> bool:
        """Whether something passed that only a key would show."""
        seen = self.seen
        if self.is_decrypted or seen.alerts:
            return False
        return seen.is_established or seen.is_accepted or seen.hello is None


def is_tls(pieces: Iterable[Piece]) -> bool:
    """Whether what was sent begins with a record of TLS, on either side."""
    first: dict[int, Piece] = {}
    for piece in pieces:
        first.setdefault(piece.peer, piece)
        if len(first) > 1:
            break
    return any(one.data[:2] in _RECORDS for one in first.values())


_RECORDS = frozenset(bytes([kind, 3]) for kind in (20, 21, 22, 23))


def watched(
    pieces: Iterable[Piece],
    stream: Stream,
    client_end: int,
    *,
    skip: tuple[int, int] = (0, 0),
    has_data: bool,
) -> Handshake:
    """The handshake in these bytes, whose peers are ends of the stream; ``skip`` bytes of each end
    come before TLS. ``has_data``: a key opened what followed."""
    observer = TlsObserver()
    left, beyond = list(skip), [0, 0]
    is_decrypted = has_data or bool(stream.finished)
    for piece in pieces:
        data = piece.data
        if left[piece.peer]:
            dropped = min(left[piece.peer], len(data) or piece.missing)
            left[piece.peer] -= dropped
            data = data[dropped:]
        if _is_all_seen(observer.seen, is_decrypted=is_decrypted):
            beyond[piece.peer] += len(data)
        elif data:
            observer.observe(Side.DEVICE if piece.peer == client_end else Side.SERVER, data)
    seen = replace(
        observer.seen,
        sent=observer.seen.sent + beyond[client_end],
        received=observer.seen.received + beyond[1 - client_end],
    )
    if is_decrypted:
        seen = _with_inside(seen, stream, client_end)
    return Handshake(seen=seen, is_decrypted=is_decrypted)


def _is_all_seen(seen: Seen, *, is_decrypted: bool) -> bool:
    """Whether what follows tells nothing more of the handshake: only its bytes are counted."""
    return seen.is_established and (is_decrypted or seen.hides_certificates)


def _with_inside(seen: Seen, stream: Stream, client_end: int) -> Seen:
    """With what tshark saw inside the encryption."""
    sides = {client_end: Side.DEVICE, 1 - client_end: Side.SERVER}
    alerts = tuple((sides[end], number) for end, number in stream.alerts)
    certificates = stream.certificates
    return replace(
        seen,
        server_certificates=seen.server_certificates or certificates.get(1 - client_end, ()),
        device_certificates=seen.device_certificates or certificates.get(client_end, ()),
        is_asked=seen.is_asked or stream.is_asked,
        alerts=seen.alerts or alerts[:1],
        is_accepted=seen.is_accepted or client_end in stream.finished,
        is_established=len(stream.finished) > 1 or (seen.is_established and not alerts),
        last_was_short=frozenset(),
    )
