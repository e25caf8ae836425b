"""The SyncML message as values: header, commands, items; the smaller values stand in ``meta``.

Sources: SyncML RepPro 1.2 and MetInf 1.2 DTDs, DMREP, session.md sections 1 and 2. Names are the
elements' own. All ids (SessionID, MsgID, CmdID, MsgRef, CmdRef) are opaque text and never numbers.
``None`` means that an optional element is absent, an empty text that it is empty; where a field
has no ``None`` both are the same. Reading, writing and judging messages do not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from mdmcore.namespaces import SYNCML_12
from mdmcore.syncml.meta import Chal as Chal
from mdmcore.syncml.meta import Cred as Cred
from mdmcore.syncml.meta import Meta as Meta
from mdmcore.syncml.meta import OtherElement as OtherElement

COMMAND_NAMES = ("Add", "Replace", "Delete", "Get", "Exec", "Copy")
"""Commands that carry items only; ``Command.name`` is one of them."""
CONTAINER_NAMES = ("Atomic", "Sequence")
"""Commands that hold commands; ``Container.name`` is one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One target or source with its data; ``target``, ``source`` and their parents are LocURIs.

    ``data`` is the exact text, blanks included, whether it was escaped or CDATA. ``data_xml`` is
    set instead when Data holds elements: its content as XML in the message's namespace, with
    prefixes resolved. ``is_binary``: WBXML carried bytes, of which ``data`` is the base64.
    ``place`` is the element's path in the message it was read from.
    """

    target: str | None = None
    target_name: str | None = None
    target_others: tuple[OtherElement, ...] = ()
    source: str | None = None
    source_name: str | None = None
    source_others: tuple[OtherElement, ...] = ()
    source_parent: str | None = None
    target_parent: str | None = None
    meta: Meta | None = None
    data: str | None = None
    data_xml: str | None = None
    is_binary: bool = False
    more_data: bool = False
    others: tuple[OtherElement, ...] = ()
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Alert; ``code`` is the text of Data (session.md 2.5), empty when there is none."""

    name: ClassVar[str] = "Alert"
    cmd_id: str
    code: str = ""
    no_resp: bool = False
    cred: Cred | None = None
    correlator: str | None = None
    items: tuple[Item, ...] = ()
    others: tuple[OtherElement, ...] = ()
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Add, Replace, Delete, Get, Exec or Copy. A ``cred`` here is against DMREP 4.1.1.6.

    ``others`` are Archive, SftDel and Lang, which DM does not use, and unknown ones.
    """

    name: str
    cmd_id: str
    no_resp: bool = False
    cred: Cred | None = None
    meta: Meta | None = None
    correlator: str | None = None
    items: tuple[Item, ...] = ()
    others: tuple[OtherElement, ...] = ()
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The answer to one command of the message ``msg_ref``; ``data`` is the status code as text.

    ``cmd_ref`` 0 with ``cmd`` SyncHdr answers the header. ``original_error`` is the HRESULT that
    Windows adds from 10 1809 on (MS-MDM 2.2.5.1).
    """

    name: ClassVar[str] = "Status"
    cmd_id: str
    msg_ref: str
    cmd_ref: str
    cmd: str
    target_refs: tuple[str, ...] = ()
    source_refs: tuple[str, ...] = ()
    cred: Cred | None = None
    chal: Chal | None = None
    data: str
    original_error: str | None = None
    items: tuple[Item, ...] = ()
    others: tuple[OtherElement, ...] = ()
    place: str = field(default="", compare=False)

    @property
    def is_for_header(self) -> bool:
        """Whether it answers the SyncHdr; CmdRef decides only where Cmd is missing."""
        return self.cmd == "SyncHdr" or (not self.cmd and self.cmd_ref == "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What a Get returned. An absent ``msg_ref`` or ``cmd_ref`` (empty) means 1 (MDM 2.2.7.8)."""

    name: ClassVar[str] = "Results"
    cmd_id: str
    msg_ref: str = ""
    cmd_ref: str = ""
    cmd: str = ""
    meta: Meta | None = None
    target_ref: str | None = None
    source_ref: str | None = None
    items: tuple[Item, ...] = ()
    others: tuple[OtherElement, ...] = ()
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownCommand:
    """An element that is no DM command where it stands: to be answered 406 or 400.

    ``others`` is everything in it but its CmdID; ``namespace`` is its own where that is not the
    message's.
    """

    name: str
    cmd_id: str
    namespace: str | None = None
    others: tuple[OtherElement, ...] = ()
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """Atomic or Sequence with its commands in order."""

    name: str
    cmd_id: str
    no_resp: bool = False
    meta: Meta | None = None
    commands: tuple[Alert | Command | Container | UnknownCommand, ...] = ()
    place: str = field(default="", compare=False)


type AnyCommand = Alert | Command | Status | Results | Container | UnknownCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncHdr:
    """The header. ``target`` and ``source`` are LocURIs; MD5 puts its user into ``source_name``."""

    ver_dtd: str = "1.2"
    ver_proto: str = "DM/1.2"
    session_id: str
    msg_id: str
    target: str
    target_name: str | None = None
    target_others: tuple[OtherElement, ...] = ()
    source: str
    source_name: str | None = None
    source_others: tuple[OtherElement, ...] = ()
    resp_uri: str | None = None
    no_resp: bool = False
    cred: Cred | None = None
    meta: Meta | None = None
    others: tuple[OtherElement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignName:
    """An element that was read although its namespace is not the one it must have."""

    name: str
    namespace: str
    expected: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something a strict reading refuses and a lenient one passes over."""

    message: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncML:
    """One message. ``is_final`` tells whether Final is there.

    ``namespace`` is the root's, as found; ``foreign`` and ``problems`` tell what reading noticed
    (at most a hundred each), ``raw`` holds the bytes read, empty for a message that was built.
    """

    header: SyncHdr
    commands: tuple[AnyCommand, ...] = ()
    is_final: bool = True
    namespace: str = SYNCML_12
    foreign: tuple[ForeignName, ...] = field(default=(), compare=False)
    problems: tuple[Problem, ...] = field(default=(), compare=False)
    raw: bytes = field(default=b"", compare=False, repr=False)

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Every Status, in order."""
        return tuple(command for command in self.commands if isinstance(command, Status))

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every Alert outside containers, in order."""
        return tuple(command for command in self.commands if isinstance(command, Alert))

    @property
    def results(self) -> tuple[Results, ...]:
        """Every Results, in order."""
        return tuple(command for command in self.commands if isinstance(command, Results))

    @property
    def header_status(self) -> Status | None:
        """The first Status that answers the peer's SyncHdr."""
        return next((status for status in self.statuses if status.is_for_header), None)

    def walk(self) -> Iterator[AnyCommand]:
        """Every command in document order, a container before what it holds."""
        yield from walk_commands(self.commands)


def walk_commands(commands: Iterable[AnyCommand]) -> Iterator[AnyCommand]:
    """Those commands in document order, a container before what it holds."""
    left = list(reversed(tuple(commands)))
    while left:
        command = left.pop()
        yield command
        if isinstance(command, Container):
            left += reversed(command.commands)
