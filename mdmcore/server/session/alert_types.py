"""The Types of alerts that the server knows, and the Status for each alert of a device.

Sources: session.md 2.5; the 1226 of asynchronous work from the CSP pages that raise it [U].
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from mdmcore.namespaces import (
    ALERT_CLIENT_EVENT,
    ALERT_CLIENT_INITIATED,
    ALERT_GENERIC,
    ALERT_NEXT_MESSAGE,
    ALERT_NO_END_OF_DATA,
    ALERT_SERVER_INITIATED,
    ALERT_SESSION_ABORT,
    UNENROLL_ALERT_TYPE,
)
from mdmcore.syncml.model import Item

LOGIN_STATUS = "com.microsoft/MDM/LoginStatus"
"""Its Data says who is logged on: ``user``, ``others`` or ``none``."""

_PREFIX = "Reversed-Domain-Name:"
"""Stands before the Type in some alerts and not in others."""

_EVENTS = frozenset(
    {
        LOGIN_STATUS,
        "com.microsoft/MDM/AADUserToken",
        "com.microsoft.mdm.synctype",
        "com.microsoft/MDM/DevicePrepSync",
        "com.microsoft/MDM/BootstrapSync",
        "com.microsoft/MDM/OdjSync",
        "com.microsoft.mdm.requestpending",
    }
)
_GENERIC = frozenset(
    {
        UNENROLL_ALERT_TYPE,
        "com.microsoft.mdm.win32csp_install",
        "com.microsoft.mdm.EnterpriseHostedAppInstall.result",
        "com.microsoft.mdm.EnterpriseStoreAppInstall.result",
        "com.microsoft.mdm.SCEPcertinstall.result",
    }
)

_TYPES: Mapping[str, tuple[frozenset[str], str]] = MappingProxyType(
    {ALERT_CLIENT_EVENT: (_EVENTS, "406"), ALERT_GENERIC: (_GENERIC, "415")}
)
"""Alerts that are told apart by Type, and the Status for a Type that is not known."""

_PLAIN = frozenset(
    {
        ALERT_SERVER_INITIATED,
        ALERT_CLIENT_INITIATED,
        ALERT_NEXT_MESSAGE,
        ALERT_SESSION_ABORT,
        ALERT_NO_END_OF_DATA,
    }
)
"""Alerts that say all by their code."""


def is_typed(code: str) -> bool:
    """Whether the items of such an alert are told apart by their Type."""
    return code in _TYPES


def alert_type(item: Item) -> str:
    """The Type of an alert's item without its prefix, empty where there is none."""
    found = (item.meta.type if item.meta is not None else None) or ""
    return found.removeprefix(_PREFIX)


def alert_status(code: str) -> str:
    """The Status for an alert without regard to items: 406 for one that is none of DM's."""
    return "200" if code in _PLAIN or code in _TYPES else "406"


def item_status(code: str, item: Item) -> str:
    """The Status for one item of an alert with a Type; 412 where the Type is missing."""
    known, unknown = _TYPES[code]
    found = alert_type(item)
    if not found:
        return "412"
    return "200" if found in known else unknown


def login_status(items: Iterable[tuple[str, Item]]) -> Iterator[str]:
    """What the alerts (code, item) say of who is logged on."""
    for code, item in items:
        if code == ALERT_CLIENT_EVENT and alert_type(item) == LOGIN_STATUS:
            yield (item.data or "").strip().lower()
