"""Which command of one server is which of the other, and what the device once said to it.

Commands are told by what they are about, verb and LocURI, never by their numbers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Item,
    Results,
    Status,
    SyncML,
    walk_commands,
)

type Reference = tuple[str, str]
"""MsgID and CmdID."""
type Naming = Callable[[str], str]
"""Takes what is one device's own out of a text."""

_URL = re.compile(r"https?://[^\s\"'<>]+")
_ACCEPTED, _NOT_FOUND, _NOT_SUPPORTED = "200", "404", "406"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCommand:
    """A command of the server that wants a Status. ``key`` is what it is about."""

    key: str
    reference: Reference
    command: AnyCommand

    @property
    def words(self) -> str:
        """What it is called in a report."""
        return self.key.replace("\n", " ").strip()


def sent_commands(message: SyncML | None, naming: Naming) -> list[SentCommand]:
    """Those of a message, in its order; a container stands before what it holds."""
    if message is None:
        return []
    msg_id = message.header.msg_id
    return [
        SentCommand(key=_key(one, naming), reference=(msg_id, one.cmd_id), command=one)
        for one in walk_commands(message.commands)
        if not isinstance(one, Status | Results)
    ]


def _key(command: AnyCommand, naming: Naming) -> str:
    if isinstance(command, Alert):
        return f"Alert\n{command.code}"
    targets = (
        [item.target or item.source or "" for item in command.items]
        if isinstance(command, Command)
        else []
    )
    return "\n".join((command.name, *map(naming, targets)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """``pairs`` are commands that both servers sent, ``only_new`` what the new one sent alone."""

    pairs: tuple[tuple[SentCommand, SentCommand], ...]
    only_new: tuple[SentCommand, ...]


def matched(captured: Iterable[SentCommand], new: Iterable[SentCommand]) -> Matched:
    """The commands of two messages beside each other, equal ones in their order."""
    waiting: dict[str, list[SentCommand]] = defaultdict(list)
    for one in captured:
        waiting[one.key].append(one)
    pairs, left = [], []
    for one in new:
        if waiting[one.key]:
            pairs.append((waiting[one.key].pop(0), one))
        else:
            left.append(one)
    return Matched(pairs=tuple(pairs), only_new=tuple(left))


def urls_in(command: AnyCommand) -> list[str]:
    """The web addresses in a command's data, such as that of a package to fetch."""
    items = command.items if isinstance(command, Command | Alert) else ()
    return [url for item in items for url in _URL.findall(item.data or item.data_xml or "")]


@dataclass(slots=True)
class Reply:
    """What the device said to one command: its Status, and Results where there were some."""

    statuses: list[Status] = field(default_factory=list)
    results: list[Results] = field(default_factory=list)


class Book:
    """Everything that the captured device said to its server's commands, by what they are about."""

    def __init__(self, scenes: Iterable[Scene], naming: Naming) -> None:
        self._replies: dict[str, list[Reply]] = defaultdict(list)
        self._told: dict[str, Item] = {}
        sent: dict[tuple[str, Reference], SentCommand] = {}
        replies: dict[tuple[str, Reference], Reply] = {}
        for scene in scenes:
            asked = scene.decoded.request_syncml
            session = asked.header.session_id if asked is not None else ""
            self._told |= _told(asked, naming)
            for said in _said(asked):
                place = session, (said.msg_ref, said.cmd_ref)
                if place not in sent:
                    continue
                if place not in replies:
                    replies[place] = Reply()
                    self._replies[sent[place].key].append(replies[place])
                if isinstance(said, Status):
                    replies[place].statuses.append(said)
                else:
                    replies[place].results.append(said)
            for one in sent_commands(scene.decoded.response_syncml, naming):
                place = session, one.reference
                sent[place] = one
                replies.pop(place, None)

    def reply(self, sent: SentCommand) -> Reply | None:
        """The next answer that is known for such a command, the last one again and again."""
        known = self._replies.get(sent.key)
        if not known:
            return self._told_unasked(sent)
        return known.pop(0) if len(known) > 1 else known[0]

    def _told_unasked(self, sent: SentCommand) -> Reply | None:
        """What the device told of the node by itself, such as its DevInfo."""
        item = self._told.get(sent.key.removeprefix("Get\n"))
        if item is None or sent.command.name != "Get":
            return None
        status = Status(cmd_id="", msg_ref="", cmd_ref="", cmd="Get", data=_ACCEPTED)
        results = Results(cmd_id="", msg_ref="1", cmd_ref="1", items=(item,))
        return Reply(statuses=[status], results=[results])


def _told(message: SyncML | None, naming: Naming) -> dict[str, Item]:
    return {
        naming(item.source): item
        for one in (message.commands if message is not None else ())
        if isinstance(one, Command)
        for item in one.items
        if item.source is not None
    }


def _said(message: SyncML | None) -> Iterator[Status | Results]:
    for one in message.commands if message is not None else ():
        if isinstance(one, Results) or (isinstance(one, Status) and not one.is_for_header):
            yield one


def unknown_answer(sent: SentCommand) -> str:
    """The Status of a device that never had such a command: 404 for a Get, 406 for another one; an
    Alert is taken note of."""
    if sent.command.name == "Get":
        return _NOT_FOUND
    return _ACCEPTED if isinstance(sent.command, Alert) else _NOT_SUPPORTED
