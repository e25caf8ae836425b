"""Putting our commands into messages that the device can take (session.md 1.4, 1.7; DMPRO 6, 7).

A command, an Atomic or a Sequence with all that is in it stands in one message. What has no room
comes with the next one. An object that no message has room for goes in chunks, where the device
takes them, with nothing beside a chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mdmcore.namespaces import ALERT_NEXT_MESSAGE
from mdmcore.server.device_message import size_limit
from mdmcore.server.message import AnswerBuilder
from mdmcore.server.session.limits import SMALLEST_CHUNK
from mdmcore.server.session.size import Sizes, items_of
from mdmcore.server.session.work import Package, SentCommand, WaitingStatus, Work
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Container,
    Meta,
    Status,
    SyncML,
    walk_commands,
)

_CHUNKED = {"Add", "Replace", "Exec"}
"""Commands whose data may go in chunks."""

_ALIGNED = 4
"""Characters of base64 that stand for whole bytes."""

_GROWTH = 8
"""Bytes by which the header of a later message may be longer: MsgIDs count up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLimits:
    """What the device takes: bytes of a message and of an object, ``None`` without a limit;
    ``takes_large_objects`` is asked for only when it matters."""

    message: int | None
    object: int | None
    takes_large_objects: Callable[[], bool]


def with_device_limits(work: Work, message: SyncML) -> Work:
    """MaxMsgSize and MaxObjSize hold until the device names others."""
    meta = message.header.meta
    if meta is None:
        return work
    return replace(
        work,
        max_message=size_limit(meta.max_msg_size) or work.max_message,
        max_object=size_limit(meta.max_obj_size) or work.max_object,
    )


class Sending:
    """Fills one answer, in order: statuses, then commands. Made when the header is complete."""

    def __init__(self, answer: AnswerBuilder, sizes: Sizes, limits: DeviceLimits) -> None:
        self._answer = answer
        self._sizes = sizes
        self._limits = limits
        self._bare: int | None = None
        self._room: int | None = None
        if limits.message is not None:
            next_message = sizes.command(answer.numbered(_NEXT))
            self._room = limits.message - sizes.message(answer.build()) - next_message
            self._bare = self._room - sizes.command(answer.numbered(_NEXT_STATUS)) - _GROWTH

    def put_statuses(self, statuses: Sequence[WaitingStatus]) -> tuple[WaitingStatus, ...]:
        """Say as many as have room; returns those that must wait."""
        for number, status in enumerate(statuses):
            if not self.put(_status(status)):
                return tuple(statuses[number:])
        return ()

    def put(self, command: AnyCommand) -> bool:
        """Add a command that waits for no answer, where it has room."""
        size = self._size(command)
        if not self._has_room(size):
            return False
        self._put_command(command, 0, size)
        return True

    def problem(self, commands: Sequence[AnyCommand]) -> str | None:
        """Why these commands can never reach the device; ``None``: they can."""
        for command in commands:
            found = self._object_problem(command) or self._size_problem(command)
            if found is not None:
                return found
        return None

    def put_package(
        self, package: Package, commands: Sequence[AnyCommand], first_position: int
    ) -> Package:
        """Send as much of the package as has room; without Final while there is more."""
        before = (package.next, package.offset)
        positions = _positions(commands, first_position)
        sent: list[SentCommand] = []
        index, offset, is_postponed = package.next, package.offset, False
        while index < len(commands):
            command = commands[index]
            size = self._size(command)
            if offset == 0 and self._has_room(size):
                sent += self._put_command(command, positions[index], size)
                index += 1
                continue
            if sent:
                break
            if offset == 0 and not package.is_postponed and self._would_have_room(size):
                is_postponed = True
                break
            chunk, length = self._chunk(command, offset)
            sent += self._put_command(chunk, positions[index], self._size(chunk))
            offset += length
            if not chunk.items[0].more_data:
                index, offset = index + 1, 0
            break
        if index < len(commands):
            self._answer.leave_open()
        return replace(
            package,
            before=before,
            next=index,
            offset=offset,
            is_postponed=is_postponed,
            sent=(*package.sent, *sent),
        )

    # --- room -------------------------------------------------------------------------------

    def _size(self, command: AnyCommand) -> int:
        """Bytes that it would add now; not measured where there is no limit."""
        return 0 if self._room is None else self._sizes.command(self._answer.numbered(command))

    def _has_room(self, size: int) -> bool:
        return self._room is None or size <= self._room

    def _would_have_room(self, size: int) -> bool:
        return self._bare is None or size <= self._bare

    def _put_command(self, command: AnyCommand, position: int, size: int) -> list[SentCommand]:
        added = self._answer.add(command)
        if self._room is not None:
            self._room -= size
        return [
            SentCommand(
                msg_id=self._answer.msg_id,
                cmd_id=part.cmd_id,
                name=part.name,
                position=position + number,
                uris=tuple(item.target or "" for item in items_of(part)),
                is_chunk=any(item.more_data for item in items_of(part)),
                inner=sum(1 for _ in walk_commands((part,))) - 1,
            )
            for number, part in enumerate(walk_commands((added,)))
        ]

    def _object_problem(self, command: AnyCommand) -> str | None:
        limit = self._limits.object
        if limit is None:
            return None
        for part in walk_commands((command,)):
            for item in items_of(part):
                size = self._sizes.data(item)
                if size > limit:
                    return (
                        f"{part.name} {item.target}: {size} bytes of data, the device's "
                        f"MaxObjSize is {limit}"
                    )
        return None

    def _size_problem(self, command: AnyCommand) -> str | None:
        if self._room is None and self._sizes.is_too_large(command):
            return f"{_title(command)} is more than a message can hold"
        size = self._size(command)
        if self._would_have_room(size):
            return None
        words = f"{_title(command)} takes {size} bytes, a message has room for {self._bare}"
        if isinstance(command, Container):
            return f"{words} and holds the whole of it"
        if not _is_divisible(command):
            return words
        if not self._limits.takes_large_objects():
            return f"{words}, and the device takes no large objects"
        empty = self._sizes.command(_part_of(command, "", self._size_text(command)))
        if self._bare is not None and self._bare - empty < SMALLEST_CHUNK:
            return f"{words}, too little even for a part of it"
        return None

    # --- chunks -----------------------------------------------------------------------------

    def _size_text(self, command: AnyCommand) -> str:
        return str(sum(self._sizes.data(item) for item in items_of(command)))

    def _chunk(self, command: AnyCommand, offset: int) -> tuple[Command, int]:
        """The next part of the command's data that has room, and its characters."""
        assert isinstance(command, Command)
        text = command.items[0].data or ""
        size = self._size_text(command) if offset == 0 else None
        empty = self._sizes.command(self._answer.numbered(_part_of(command, "", size)))
        room = max((self._room or 0) - empty, _ALIGNED)
        length = min(room, len(text) - offset)
        while True:
            is_last = offset + length == len(text)
            if not is_last:
                length = max(length - length % _ALIGNED, _ALIGNED)
            part = _part_of(command, text[offset : offset + length], size, more=not is_last)
            taken = self._sizes.command(self._answer.numbered(part)) - empty
            if taken <= room or length <= _ALIGNED:
                return part, length
            length = max(min(length * room // taken, length - _ALIGNED), _ALIGNED)


_NEXT = Alert(cmd_id="", code=ALERT_NEXT_MESSAGE)
_NEXT_STATUS = Status(cmd_id="", msg_ref="10000", cmd_ref="10000", cmd="Alert", data="200")
"""The least that an answer to the device's own 1222 has beside the Status for SyncHdr."""


def _status(status: WaitingStatus) -> Status:
    return Status(
        cmd_id="",
        msg_ref=status.msg_ref,
        cmd_ref=status.cmd_ref,
        cmd=status.cmd,
        target_refs=(status.target,) if status.target else (),
        source_refs=(status.source,) if status.source else (),
        data=status.code,
    )


def _title(command: AnyCommand) -> str:
    target = next((item.target for item in items_of(command) if item.target), "")
    return f"{command.name} {target}".rstrip()


def _is_divisible(command: AnyCommand) -> bool:
    return (
        isinstance(command, Command)
        and command.name in _CHUNKED
        and len(command.items) == 1
        and command.items[0].data is not None
    )


def _part_of(command: AnyCommand, data: str, size: str | None, *, more: bool = True) -> Command:
    """The command with a part of its data; Size stands in the first part only."""
    assert isinstance(command, Command)
    item = command.items[0]
    meta = item.meta if size is None else replace(item.meta or Meta(), size=size)
    return replace(command, items=(replace(item, meta=meta, data=data, more_data=more),))


def _positions(commands: Sequence[AnyCommand], first: int) -> list[int]:
    """The position of each top-level command among all, those in containers counted."""
    positions: list[int] = []
    for command in commands:
        positions.append(first)
        first += sum(1 for _ in walk_commands((command,)))
    return positions
