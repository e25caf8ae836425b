"""What a session is in the middle of between two messages, and how it is kept as JSON.

It stands in ``SessionState.work``. Commands that are still to be sent are not copied into it: a job
keeps its own, and a position says how far the session is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from mdmcore.records import SessionState


class Proven(StrEnum):
    """By what the device has proven itself in this session."""

    NOT = ""
    BASIC = "basic"
    MD5 = "md5"
    HMAC = "hmac"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCommand:
    """A command of ours that went out: in which message, under which id, for which nodes.

    ``position`` is that of ``JobResult``. ``is_chunk``: more data follows, 213 is what is hoped
    for. ``answered`` are the items that have their Status; ``inner`` counts the commands that
    stand in a container, at whatever depth: they follow it.
    """

    msg_id: str
    cmd_id: str
    name: str
    position: int
    uris: tuple[str, ...] = ()
    is_chunk: bool = False
    answered: tuple[int, ...] = ()
    inner: int = 0

    @property
    def is_answered(self) -> bool:
        """Whether each item has its Status; a command without items needs one, too."""
        return len(self.answered) >= max(1, len(self.uris))


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The package of ours that is on its way: a job's commands, or the server's own Gets.

    ``next`` is the first top-level command that was not sent yet, of ``total``; ``offset`` is how
    much of its data went out in chunks. ``before`` is the same pair before the last message.
    ``is_postponed``: the next command waited once for a message with more room.
    """

    job: int | None = None
    total: int
    next: int = 0
    offset: int = 0
    before: tuple[int, int] = (0, 0)
    is_postponed: bool = False
    sent: tuple[SentCommand, ...] = ()

    @property
    def has_more(self) -> bool:
        """Whether a part of it was not sent yet."""
        return self.next < self.total

    @property
    def is_waiting(self) -> bool:
        """Whether a command that went out has no Status."""
        return not all(command.is_answered for command in self.sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An object that the device sends in chunks, as far as it came (session.md 1.7).

    ``key`` tells its chunks from other items; ``size`` is the announced one, ``received`` what
    came so far, both in bytes as transported; ``data`` is text, or base64 of bytes that WBXML
    carried. ``format`` and ``type`` are those of the first chunk.
    """

    key: str
    uri: str
    size: int
    received: int
    data: str
    is_binary: bool = False
    format: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingStatus:
    """A Status for a command of the device: for message and command, and what it says."""

    msg_ref: str
    cmd_ref: str
    cmd: str
    code: str
    target: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything a session engine must know at the next message.

    ``unfinished`` counts messages in a row after which the device was asked for the next one.
    ``proven`` and ``nonce``: how the device proved itself, and by which nonce it does so in this
    session. ``challenge`` is the type that the device was asked for. ``max_message`` and
    ``max_object`` are the device's limits in bytes. ``login`` is its last LoginStatus.
    ``is_complete``: the device has closed its package, and ours, which answers it, is still open.
    ``server_scheme`` is what the device asked us for; ``mac_header`` went out with the last answer.
    """

    messages: int = 0
    unfinished: int = 0
    proven: Proven = Proven.NOT
    nonce: bytes | None = None
    challenge: str = ""
    max_message: int | None = None
    max_object: int | None = None
    login: str = ""
    polled: tuple[int, ...] = ()
    has_asked_inventory: bool = False
    is_complete: bool = False
    package: Package | None = None
    upload: Upload | None = None
    statuses: tuple[WaitingStatus, ...] = ()
    server_scheme: str = ""
    mac_header: str = ""


def read_work(session: SessionState) -> Work:
    """The work of a session; that of an older version, or of a session yet to begin, is none."""
    try:
        return msgspec.json.decode(session.work, type=Work)
    except msgspec.MsgspecError:
        return Work()


def work_text(work: Work) -> str:
    """The work as it is kept."""
    return msgspec.json.encode(work).decode()
