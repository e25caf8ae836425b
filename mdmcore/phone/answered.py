"""What became of the server's commands, one value for each Status (session.md 2.1)."""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.syncml.model import Alert, Command, Container, Item, UnknownCommand

type Nested = Alert | Command | Container | UnknownCommand

SUCCESS = range(200, 214)
"""Codes of what was done, and can be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of one command, or of one of its targets.

    ``target`` is set when targets of one command fared differently; ``results`` are the items of
    a Get, to be sent behind all Statuses; ``items`` is what the user answered, for the Status.
    ``is_silent``: the server wants no Status (NoResp).
    """

    cmd_id: str
    name: str
    code: int
    target: str | None = None
    uris: tuple[str, ...] = ()
    results: tuple[Item, ...] = ()
    items: tuple[Item, ...] = ()
    is_silent: bool = False


def answer_of(command: Nested, code: int) -> Answered:
    """That code for a command as a whole, not for what it holds."""
    uris: tuple[str, ...] = ()
    if isinstance(command, Command):
        uris = tuple(item.target for item in command.items if item.target)
    is_silent = not isinstance(command, UnknownCommand) and command.no_resp
    return Answered(
        cmd_id=command.cmd_id, name=command.name, code=code, uris=uris, is_silent=is_silent
    )


def answers_of(command: Nested, code: int) -> list[Answered]:
    """One code for a command and everything in it."""
    answered = [answer_of(command, code)]
    if isinstance(command, Container):
        for child in command.commands:
            answered += answers_of(child, code)
    return answered


def skipped(command: Nested) -> list[Answered]:
    """215 for a command that is not executed and everything in it; 400 for what has no CmdID, which
    devices report of each command (OMAsup, F#15277)."""
    answered = [answer_of(command, 215 if command.cmd_id else 400)]
    if isinstance(command, Container):
        for child in command.commands:
            answered += skipped(child)
    return answered
