"""What opens a capture beside its path: a password, keys, and how much may be unpacked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mdmcore.capture.limits import USUAL_LIMITS, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureOptions:
    """``password`` opens locked archives; ``limits`` are those of what is packed; ``key_log`` (in
    NSS's format) and ``rsa_keys`` (of servers, PEM) decrypt the TLS of packet captures."""

    password: str | None = field(default=None, repr=False)
    limits: Limits = USUAL_LIMITS
    key_log: Path | None = None
    rsa_keys: tuple[Path, ...] = ()


USUAL_OPTIONS = CaptureOptions()
