"""TCP connections in a capture, as the first pass over it lists them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

type Endpoint = tuple[str, int]
"""Address and port."""


@dataclass(slots=True, kw_only=True)
class Stream:
    """One connection. Its two ends are told by their index in ``ends``: 0 sent the first frame.

    ``client`` is the end that opened it, ``None`` where its beginning is not in the capture.
    ``closed_by`` is the end that closed it first, at ``closed``, with a reset where ``is_reset``.
    ``has_tls`` and ``has_http`` are what tshark found in it, ``has_other`` that it found another
    protocol. ``cut`` counts frames of which only the beginning was kept, ``lost`` those before
    which something is missing; ``hurt_at`` is the first of these.

    What tshark saw of TLS, also inside the encryption where a key opened it: ``certificates`` (DER)
    and fatal ``alerts`` by end, ``finished`` ends, and whether one was asked for a certificate.
    """

    number: int
    ends: tuple[Endpoint, Endpoint]
    first_frame: int
    opened: datetime
    last_frame: int = 0
    last: datetime = _EPOCH
    sizes: list[int] = field(default_factory=lambda: [0, 0])
    client: int | None = None
    is_answered: bool = False
    closed_by: int | None = None
    closed: datetime | None = None
    is_reset: bool = False
    has_tls: bool = False
    has_http: bool = False
    has_other: bool = False
    cut: int = 0
    lost: int = 0
    hurt_at: int = 0
    certificates: dict[int, tuple[bytes, ...]] = field(default_factory=dict)
    alerts: list[tuple[int, int]] = field(default_factory=list)
    finished: set[int] = field(default_factory=set)
    is_asked: bool = False

    @property
    def size(self) -> int:
        """Bytes of both sides."""
        return sum(self.sizes)

    @property
    def place(self) -> str:
        """Where it begins."""
        return f"frame {self.first_frame}"

    @property
    def words(self) -> str:
        """Its two ends, as people write them."""
        client = self.client or 0
        return f"{shown(self.ends[client])} to {shown(self.ends[1 - client])}"


def shown(endpoint: Endpoint) -> str:
    """Address and port as people write them."""
    host, port = endpoint
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def time_of(text: str) -> datetime | None:
    """A time of tshark's: seconds since 1970 with up to nine decimals, to the next microsecond.
    ``None`` for what is none, or that Python does not know."""
    seconds, _, rest = text.partition(".")
    try:
        nanoseconds = int((rest + "0" * 9)[:9])
        return _EPOCH + timedelta(seconds=int(seconds), microseconds=round(nanoseconds / 1000))
    except (ValueError, OverflowError):
        return None
