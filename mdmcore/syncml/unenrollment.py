"""How a device tells in a DM message that it leaves (enrollment.md 13)."""

from __future__ import annotations

from mdmcore.namespaces import ALERT_GENERIC, UNENROLL_ALERT_TYPE
from mdmcore.syncml.model import Alert, SyncML


def tells_unenrollment(message: SyncML) -> bool:
    """Whether the device tells that it leaves."""
    return any(map(is_unenrollment, message.alerts))


def is_unenrollment(alert: Alert) -> bool:
    """Whether the alert tells that: 1226 of that type.

    Other sources raise 1226, too: the code alone says nothing. Which namespace the Type stands in
    does not matter; the vendor's sample misspells it (enrollment.md 13).
    """
    return alert.code == ALERT_GENERIC and any(
        item.meta is not None and (item.meta.type or "") == UNENROLL_ALERT_TYPE
        for item in alert.items
    )
