"""Rules on the CmdIDs within one SyncML message, whoever sends it ([MS-MDM] 2.2.3.2).

What the other side's references say of them stands in ``command_statuses``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import AnyCommand, UnknownCommand


@rule("duplicate-cmdid", kinds={Kind.SYNCML})
def duplicate_cmdid(scene: Scene) -> Iterator[Hit]:
    """One CmdID stands twice in a message, so nobody can tell which command an answer is for.
    Number the commands of a message without repetition, those in containers too."""
    for part, commands in _messages(scene):
        first: dict[str, str] = {}
        for command in commands:
            if not command.cmd_id:
                continue
            if command.cmd_id in first:
                yield scene.hit(
                    f"CmdID {command.cmd_id} of this {command.name} is that of "
                    f"{first[command.cmd_id]} too",
                    part=part,
                    xpath=f"{command.place}/CmdID",
                    evidence=command.cmd_id,
                    caused_by=("cmdid-zero",) if command.cmd_id == "0" else (),
                )
            first.setdefault(command.cmd_id, command.place)


@rule("cmdid-zero", kinds={Kind.SYNCML})
def cmdid_zero(scene: Scene) -> Iterator[Hit]:
    """A command has the CmdID 0, which stands for the header in every CmdRef: its answer is taken
    for that of the SyncHdr. Start at 1."""
    for part, commands in _messages(scene):
        for command in commands:
            if command.cmd_id == "0":
                yield scene.hit(
                    f"{command.name} has the CmdID 0, which stands for SyncHdr",
                    part=part,
                    xpath=f"{command.place}/CmdID",
                    evidence="0",
                )


@rule("missing-cmdid", kinds={Kind.SYNCML})
def missing_cmdid(scene: Scene) -> Iterator[Hit]:
    """A command has no CmdID: the device answers 400 with an empty CmdRef, inside Atomic for each
    such child. Give every command a CmdID."""
    for part, commands in _messages(scene):
        for command in commands:
            # What is no command at all is answered as such, with or without a CmdID.
            if not command.cmd_id and not isinstance(command, UnknownCommand):
                yield scene.hit(
                    f"{command.name} has no CmdID",
                    part=part,
                    xpath=command.place,
                    evidence=command.name,
                )


def _messages(scene: Scene) -> Iterator[tuple[str, tuple[AnyCommand, ...]]]:
    """The commands of both messages; none of one that had to be repaired, where a part may be
    lost or stand elsewhere."""
    for side in scene.decoded.sides:
        if side.syncml is not None and not side.problems:
            yield side.part, tuple(side.syncml.walk())
