"""Which Statuses a device sent to which commands of the server, over a life."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from mdmcore.errors import MdmError
from mdmcore.http import Exchange
from mdmcore.syncml.model import AnyCommand, Container, Results, Status, SyncML
from mdmcore.syncml.wire import decode_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A code and the command that it answers, without its CmdID; ``None`` where no message of the
    server that can be read has that command."""

    code: str
    command: AnyCommand | None


def answered(exchanges: Iterable[Exchange]) -> Iterator[Answered]:
    """All Statuses of a device but those for SyncHdr."""
    sent: dict[tuple[str, str, str], AnyCommand] = {}
    for exchange in exchanges:
        request, response = exchange.request, exchange.response
        message = _message(request.body, request.headers)
        for status in message.statuses if message is not None else ():
            assert message is not None
            if not status.is_for_header:
                key = (message.header.session_id, status.msg_ref, status.cmd_ref)
                yield Answered(code=status.data, command=sent.get(key))
        answer = _message(response.body, response.headers) if response is not None else None
        if answer is not None:
            header = answer.header
            for one in _flat(answer.commands):
                sent[header.session_id, header.msg_id, one.cmd_id] = _unnumbered(one)


def codes_of(exchanges: Iterable[Exchange]) -> set[str]:
    """Every code that the device sent to a command."""
    return {one.code for one in answered(exchanges)}


def _message(body: bytes | None, headers: Any) -> SyncML | None:
    with suppress(MdmError):
        return decode_body(body or b"", headers, strict=False)[0]
    return None


def _flat(commands: Iterable[AnyCommand]) -> Iterator[AnyCommand]:
    for one in commands:
        if not isinstance(one, Status | Results):
            yield one
        if isinstance(one, Container):
            yield from _flat(one.commands)


def _unnumbered(command: AnyCommand) -> AnyCommand:
    if isinstance(command, Container):
        inside: Any = tuple(_unnumbered(one) for one in command.commands)
        return replace(command, cmd_id="", commands=inside)
    return replace(command, cmd_id="")
