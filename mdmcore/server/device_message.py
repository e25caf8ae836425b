"""What a device's message tells, without any state: names, values, limits, what it opens and ends.

Sources: session.md 1.2, 2.1, 2.2 and 2.5.
"""

from __future__ import annotations

from datetime import datetime

from mdmcore.errors import MdmError
from mdmcore.namespaces import (
    ALERT_CLIENT_INITIATED,
    ALERT_NEXT_MESSAGE,
    ALERT_SERVER_INITIATED,
    ALERT_SESSION_ABORT,
    AUTH_BASIC,
)
from mdmcore.records import InventoryValue
from mdmcore.syncml.credentials import parse_basic
from mdmcore.syncml.model import Item, Meta, SyncHdr, SyncML

_OPENING = {ALERT_SERVER_INITIATED, ALERT_CLIENT_INITIATED}
_MAX_DIGITS = 10
"""Of a limit in bytes; a device with more has none that matters."""


def claimed_name(header: SyncHdr) -> str | None:
    """The user name the device claims: inside a Basic credential, else the header's LocName."""
    if header.cred is not None and header.cred.type == AUTH_BASIC:
        try:
            return parse_basic(header.cred.data)[0]
        except MdmError:
            return None
    return header.source_name or None


def is_abort(message: SyncML) -> bool:
    """Whether the device breaks the session off (alert 1223)."""
    return any(alert.code == ALERT_SESSION_ABORT for alert in message.alerts)


def asks_next(message: SyncML) -> bool:
    """Whether the device asks for the next message (alert 1222)."""
    return any(alert.code == ALERT_NEXT_MESSAGE for alert in message.alerts)


def opens_session(message: SyncML) -> bool:
    """Whether this is a package 1: it alone has alert 1200 or 1201 (session.md 1.2)."""
    return any(alert.code in _OPENING for alert in message.alerts)


def size_limit(text: str | None) -> int | None:
    """A MaxMsgSize or MaxObjSize in bytes; ``None`` for none, and for what is no number."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > _MAX_DIGITS:
        return None
    return int(text) or None


def inventory_value(item: Item, *, uri: str, now: datetime) -> InventoryValue:
    """A value as the device reported it."""
    meta = item.meta or Meta()
    # What the value is here, and what XML would say.
    chosen = "b64" if item.is_binary else meta.format or "chr"
    return InventoryValue(
        uri=uri, value=item.data or "", format=chosen, type=meta.type or "", read=now
    )
