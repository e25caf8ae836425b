"""Remembering what the server tried on a device, and what became of it, over all sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from mdmcore.rules.life import (
    MAX_READINGS,
    MAX_TARGET,
    MAX_TRIED,
    MAX_VALUE,
    DmSession,
    Reading,
    Tried,
)
from mdmcore.syncml.model import AnyCommand, Command, Container, Results, Status, SyncML


def with_statuses(
    tried: tuple[Tried, ...], session: DmSession, statuses: Iterable[Status]
) -> tuple[Tried, ...]:
    """The history with the device's Statuses for the server's last message.

    A Status with TargetRefs is for those targets, one without for all of its command.
    """
    codes: dict[tuple[str, str], str] = {}
    for status in statuses:
        if not status.is_for_header and status.msg_ref == session.server_msg_id:
            for target in status.target_refs or ("",):
                codes[status.cmd_ref, target] = status.data.strip()
    if not codes:
        return tried

    def told(one: Tried) -> Tried:
        if (one.session, one.msg_id) != (session.number, session.server_msg_id):
            return one
        code = codes.get((one.cmd_id, one.target)) or codes.get((one.cmd_id, ""))
        return one if code is None else replace(one, code=code)

    return tuple(map(told, tried))


def with_results(
    readings: tuple[Reading, ...], session: DmSession, results: Iterable[Results]
) -> tuple[Reading, ...]:
    """The values that the device gave back, with those of a message."""
    new = tuple(
        Reading(session=session.number, uri=item.source.strip()[:MAX_TARGET], value=item.data)
        for one in results
        for item in one.items
        if item.source and item.data is not None and len(item.data) < MAX_VALUE
    )
    return (*readings, *new)[-MAX_READINGS:] if new else readings


def with_commands(
    tried: tuple[Tried, ...], session: DmSession, message: SyncML, at: datetime | None
) -> tuple[Tried, ...]:
    """The history with the commands of a server's message."""
    new = tuple(
        Tried(
            session=session.number,
            msg_id=message.header.msg_id,
            cmd_id=command.cmd_id,
            name=command.name,
            target=target[:MAX_TARGET],
            value=value[:MAX_VALUE],
            at=at,
        )
        for command, target, value in _targets(message.commands)
    )
    return (*tried, *new)[-MAX_TRIED:] if new else tried


def _targets(commands: Iterable[AnyCommand]) -> Iterator[tuple[Command, str, str]]:
    for command in commands:
        if isinstance(command, Container):
            yield from _targets(command.commands)
        elif isinstance(command, Command):
            for item in command.items:
                target = (item.target or "").strip()
                if target:
                    yield command, target, item.data or item.data_xml or ""
