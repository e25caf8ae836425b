"""The RSTRC around a provisioning document, for a first certificate and a renewed one alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from mdmcore.enrollment.provisioning import ProvisioningDocument, serialize_provisioning
from mdmcore.enrollment.token import serialize_rstrc

_LIFETIME = timedelta(minutes=5)


def token_answer(document: ProvisioningDocument, *, relates_to: str | None, now: datetime) -> bytes:
    """The answer, its Timestamp from ``now`` for five minutes (enrollment.md 3.3)."""
    return serialize_rstrc(
        serialize_provisioning(document),
        relates_to=relates_to,
        created=now,
        expires=now + _LIFETIME,
    )
