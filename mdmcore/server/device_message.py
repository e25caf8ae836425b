"""What a device's message tells and asks, without any state: names, values, verdicts, codes.

Sources: session.md 1.2, 2.1, 2.2 and 2.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mdmcore.codes import alert_name
from mdmcore.errors import MdmError
from mdmcore.namespaces import ALERT_SESSION_ABORT, AUTH_BASIC
from mdmcore.records import CommandStatus, InventoryValue, SessionState
from mdmcore.syncml.credentials import parse_basic
from mdmcore.syncml.model import Alert, AnyCommand, Command, Results, SyncHdr, SyncML


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


def status_for(command: AnyCommand) -> str:
    """The code for a device's command; a device may send Alert and Replace of DevInfo only."""
    if isinstance(command, Alert):
        return "200" if alert_name(command.code) else "406"
    if isinstance(command, Command):
        if not command.cmd_id:
            return "400"
        is_replace = command.name == "Replace"
        own = all((item.source or "").startswith("./DevInfo/") for item in command.items)
        return "200" if is_replace and own else "405"
    return "406"


def reported_values(message: SyncML, *, now: datetime) -> Iterator[InventoryValue]:
    """Values from the DevInfo Replace of package 1 and from Results."""
    for command in message.commands:
        if isinstance(command, Command) and command.name != "Replace":
            continue
        for item in command.items if isinstance(command, Command | Results) else ():
            if item.source and item.data is not None:
                chosen = (item.meta.format if item.meta else "") or "chr"
                if item.is_binary:
                    chosen = "b64"  # what the value is here, and what XML would say
                yield InventoryValue(uri=item.source, value=item.data, format=chosen, read=now)


def command_results(
    message: SyncML, session: SessionState, *, now: datetime
) -> Iterator[CommandStatus]:
    """The device's Statuses for commands that this session waits for."""
    uris = dict(session.pending)
    for status in message.statuses:
        if status.cmd_ref in uris:
            yield CommandStatus(
                device_id=session.device_id,
                session_id=session.session_id,
                uri=uris[status.cmd_ref],
                command=status.cmd,
                code=status.data,
                at=now,
            )
