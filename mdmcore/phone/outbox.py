"""What the device still has to say, cut into messages of at most MaxMsgSize (DMPRO 6, 7).

A command stands whole in one message. Results with several items are taken apart; a value that has
no room in a message of its own goes in chunks, one a message (session.md 1.7).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from mdmcore.base64_text import decode_base64
from mdmcore.phone.conversation import numbered
from mdmcore.phone.refusal import Refusal
from mdmcore.phone.server_message import refusal
from mdmcore.syncml.model import AnyCommand, Item, Meta, Results, Status

type Measure = Callable[[tuple[AnyCommand, ...]], int]
"""The bytes of the session's next message with these commands and Final."""

_TAIL = 160
"""Left free: an alert 1222 or 1223 that comes last, longer CmdIDs, changes of WBXML's pages."""
_SMALLEST_CHUNK = 64
"""Bytes of a value for which a message is worth it."""
_ESCAPED = {"&": 5, "<": 4, ">": 4, "\r": 5}


class Outbox:
    """Commands in their order. ``limit`` is MaxMsgSize, ``None``: all of them in one message.

    ``sends_chunks``: values may be cut; ``is_wbxml``: binary values travel as bytes.
    """

    def __init__(self, limit: int | None, *, sends_chunks: bool, is_wbxml: bool) -> None:
        self._limit = limit
        self._sends_chunks = sends_chunks
        self._is_wbxml = is_wbxml
        self._pending: deque[AnyCommand] = deque()
        self._is_continued = False
        self.chunk: Results | None = None
        """What went out last, when it was a chunk that another one follows."""

    @property
    def is_empty(self) -> bool:
        """Whether everything has been said."""
        return not self._pending

    def put(self, commands: Iterable[AnyCommand]) -> None:
        """Say these later, behind the others."""
        self._pending.extend(commands)

    def clear(self) -> None:
        """Say nothing of it."""
        self._pending.clear()
        self._forget_object()

    def keep_statuses(self) -> None:
        """Say no more than the Statuses."""
        self._pending = deque(one for one in self._pending if isinstance(one, Status))
        self._forget_object()

    def drop_object(self) -> None:
        """The peer does not want the rest of the value that goes in chunks."""
        if self.chunk is not None:
            self._pending.popleft()
            self._forget_object()

    def _forget_object(self) -> None:
        self._is_continued, self.chunk = False, None

    def take(self, lead: tuple[AnyCommand, ...], measure: Measure) -> tuple[AnyCommand, ...]:
        """The numbered commands of the next message: ``lead``, and behind it what has room.

        Refusal for a command that has no room in any message and cannot be cut.
        """
        self.chunk = None
        if self._limit is None:
            chosen = [*lead, *self._pending]
            self._pending.clear()
            return numbered(chosen)
        empty = measure(())
        room = own_room = self._limit - _TAIL - measure(numbered(lead))
        chosen = list(lead)
        while self._pending:
            command = self._pending[0]
            cost = measure(numbered((command,))) - empty
            if cost <= room:
                chosen.append(self._pending.popleft())
                self._is_continued = False
                room -= cost
                continue
            if cost <= own_room and not self._is_continued:
                break
            if not isinstance(command, Results):
                if len(chosen) > len(lead):
                    break  # the next message may have less in its header
                raise _too_large(f"{command.name} of {cost} bytes")
            if len(command.items) > 1:
                self._take_apart(command)
                continue
            chunk = self._cut(command, room, lambda part: measure(numbered((part,))) - empty)
            if chunk is not None:
                chosen.append(chunk)
            elif len(chosen) == len(lead):
                raise _too_large(f"address of {command.items[0].source}")
            break
        return numbered(chosen)

    def _take_apart(self, command: Results) -> None:
        self._pending.popleft()
        self._pending.extendleft(replace(command, items=(item,)) for item in command.items[::-1])

    def _cut(
        self,
        command: Results,
        room: int,
        cost_of: Callable[[AnyCommand], int],
    ) -> Results | None:
        """As much of the value as has room, ``None`` when that is too little; the rest stays."""
        item = command.items[0]
        if not self._sends_chunks or not item.data:
            raise _too_large(f"value of {item.source}")
        first = replace(item, more_data=True)
        if not self._is_continued:
            size = str(self._transported(item))
            first = replace(first, meta=replace(item.meta or Meta(), size=size))
        left = room - cost_of(replace(command, items=(replace(first, data=""),)))
        if left < _SMALLEST_CHUNK:
            return None
        end = _end(item.data, left, is_base64=item.is_binary)
        self.chunk = replace(command, items=(replace(first, data=item.data[:end]),))
        self._is_continued = True
        self._pending[0] = replace(command, items=(replace(item, data=item.data[end:]),))
        return self.chunk

    def _transported(self, item: Item) -> int:
        data = item.data or ""
        if item.is_binary and self._is_wbxml:
            return len(decode_base64(data) or b"")
        return len(data.encode())


def _too_large(what: str) -> Refusal:
    return refusal(f"the {what} has no room in a message of the device", "MaxMsgSize")


def _end(data: str, room: int, *, is_base64: bool) -> int:
    """How many characters have room; base64 is cut where bytes end."""
    if is_base64:
        return max(room, 0) // 4 * 4
    for position, character in enumerate(data):
        room -= _ESCAPED.get(character) or len(character.encode())
        if room < 0:
            return position
    return len(data)
