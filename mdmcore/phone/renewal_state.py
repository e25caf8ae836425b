"""What a device knows of the renewal of its certificate: what it was told, and how it went.

Read from the document by ``renew_branch``, used by ``renewal``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalSettings:
    """When and how to renew; periods in days (CertificateStore CSP, My/WSTEP/Renew).

    ``server_url`` names a discovery service to begin with, where one was given.
    """

    period_days: int = 42
    retry_days: int = 7
    supports_robo: bool = False
    server_url: str | None = None


class RenewalStatus(IntEnum):
    """My/WSTEP/Renew/Status."""

    IDLE = 0
    RUNNING = 1
    RENEWED = 2
    FAILED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalState:
    """How the last attempt went; ``error_code`` is an HRESULT, 0 for none."""

    status: RenewalStatus = RenewalStatus.IDLE
    error_code: int = 0
    last_attempt: datetime | None = None
