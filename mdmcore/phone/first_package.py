"""Package 1, and the other alerts that a device raises of itself (session.md 1.2, 2.5).

CAP1 has them in this order: session alert, who is logged on, generic alerts, DevInfo.
"""

from __future__ import annotations

from collections.abc import Iterable

from mdmcore.namespaces import (
    ALERT_CLIENT_EVENT,
    ALERT_CLIENT_INITIATED,
    ALERT_GENERIC,
    ALERT_SESSION_ABORT,
)
from mdmcore.phone.settings import PhoneSettings
from mdmcore.phone.tree import DeviceTree
from mdmcore.syncml.model import Alert, AnyCommand, Command, Item, Meta

_DEVICE_INFO = ("DevId", "Man", "Mod", "DmV", "Lang")
_LOGIN_STATUS = "com.microsoft/MDM/LoginStatus"
_REQUEST_PENDING = "Reversed-Domain-Name:com.microsoft.mdm.requestpending"
"""As MS-MDE2 prints it (EnableOmaDmKeepAliveMessage)."""

ABORT = Alert(cmd_id="", code=ALERT_SESSION_ABORT)
"""The device breaks the session off."""


def package_1(
    tree: DeviceTree, settings: PhoneSettings, alerts: Iterable[Alert] = ()
) -> tuple[AnyCommand, ...]:
    """Session alert, login status where the device tells it, those alerts, and DevInfo."""
    items = tuple(
        Item(source=f"./DevInfo/{name}", data=tree.value(f"./DevInfo/{name}"))
        for name in _DEVICE_INFO
    )
    login = (_login_status(settings),) if settings.device.sends_login_status else ()
    return (
        Alert(cmd_id="", code=ALERT_CLIENT_INITIATED),
        *login,
        *alerts,
        Command(name="Replace", cmd_id="", items=items),
    )


def generic_alert(*items: Item) -> Alert:
    """An alert 1226 of these items; each has Type and Format in its Meta (DMPRO 8.7). Windows knows
    no Correlator (MDM 2.2.7.2)."""
    return Alert(cmd_id="", code=ALERT_GENERIC, items=items)


def request_pending() -> Alert:
    """The device needs more time for the answer (DMClient, EnableOmaDmKeepAliveMessage)."""
    return _event(_REQUEST_PENDING, "1")


def _login_status(settings: PhoneSettings) -> Alert:
    return _event(_LOGIN_STATUS, "user" if settings.is_user_logged_in else "none")


def _event(type: str, data: str) -> Alert:
    item = Item(meta=Meta(type=type), data=data)
    return Alert(cmd_id="", code=ALERT_CLIENT_EVENT, items=(item,))
