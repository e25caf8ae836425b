"""Building the server's SyncML message: header mirrored, CmdIDs counted, statuses in order.

Sources: session.md 1.1 to 1.4 and 2.1. Status for SyncHdr is always the first element. What is
said, and how much of it has room, is decided in ``session``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mdmcore.namespaces import ALERT_NEXT_MESSAGE, ALERT_NO_END_OF_DATA, ALERT_SESSION_ABORT
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Chal,
    Container,
    Cred,
    Item,
    Status,
    SyncHdr,
    SyncML,
    walk_commands,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What the next credential shall be: SyncML type, and raw nonce bytes for a digest."""

    type: str
    nonce: bytes | None = None


class AnswerBuilder:
    """Collects the answer to one message; ``build`` gives it in the order things were added."""

    def __init__(self, request: SyncML, *, msg_id: int, source: str) -> None:
        self._request = request
        header = request.header
        self._header = SyncHdr(
            ver_dtd=header.ver_dtd or "1.2",
            ver_proto=header.ver_proto or "DM/1.2",
            session_id=header.session_id,
            msg_id=str(msg_id),
            target=header.source,
            source=source,
        )
        self._namespace = request.namespace
        self._commands: list[AnyCommand] = []
        self._last_id = 0
        self._is_final = True

    @property
    def msg_id(self) -> str:
        """The MsgID of the answer."""
        return self._header.msg_id

    @property
    def is_final(self) -> bool:
        """Whether Final will stand in it."""
        return self._is_final

    def speak(self, *, version: str, namespace: str) -> None:
        """Use that version (``1.2``) instead of the device's, which is none of ours."""
        self._header = replace(self._header, ver_dtd=version, ver_proto=f"DM/{version}")
        self._namespace = namespace

    def header_status(self, code: str, challenge: Challenge | None) -> None:
        """The Status for SyncHdr; goes first."""
        chal = None
        if challenge is not None:
            chal = Chal(type=challenge.type, format="b64", next_nonce=challenge.nonce)
        header = self._request.header
        self.add(
            Status(
                cmd_id="",
                msg_ref=header.msg_id,
                cmd_ref="0",
                cmd="SyncHdr",
                target_refs=(header.target,) if header.target else (),
                source_refs=(header.source,) if header.source else (),
                chal=chal,
                data=code,
            )
        )

    def credential(self, cred: Cred | None, name: str) -> None:
        """Our own proof toward the device, with the name it belongs to as LocName; an HMAC
        stands elsewhere and has no Cred."""
        self._header = replace(self._header, cred=cred, source_name=name)

    def numbered[AnyCommandT: AnyCommand](self, command: AnyCommandT) -> AnyCommandT:
        """The command with the CmdIDs it would get if it were added now."""
        return _numbered(command, self._last_id + 1)

    def add(self, command: AnyCommand) -> AnyCommand:
        """Add a command under the next CmdIDs, and return it as it goes out."""
        added = self.numbered(command)
        self._last_id += sum(1 for _ in walk_commands((added,)))
        self._commands.append(added)
        return added

    def next_message(self) -> None:
        """Ask for the rest of an unfinished package: alert 1222, no Final (session.md 1.4)."""
        self.add(Alert(cmd_id="", code=ALERT_NEXT_MESSAGE))
        self.leave_open()

    def leave_open(self) -> None:
        """No Final: more of this package comes with the next message."""
        self._is_final = False

    def abort(self) -> None:
        """Break the session off: alert 1223, with Final (session.md 1.6)."""
        self.add(Alert(cmd_id="", code=ALERT_SESSION_ABORT))
        self._is_final = True

    def build(self) -> SyncML:
        """The message."""
        return SyncML(
            header=self._header,
            commands=tuple(self._commands),
            is_final=self._is_final,
            namespace=self._namespace,
        )


def no_end_of_data(uri: str) -> Alert:
    """An object was not sent to its end (session.md 1.7)."""
    items = (Item(source=uri),) if uri else ()
    return Alert(cmd_id="", code=ALERT_NO_END_OF_DATA, items=items)


def _numbered[AnyCommandT: AnyCommand](command: AnyCommandT, first: int) -> AnyCommandT:
    if not isinstance(command, Container):
        return replace(command, cmd_id=str(first))
    inner = []
    following = first + 1
    for child in command.commands:
        inner.append(_numbered(child, following))
        following += sum(1 for _ in walk_commands((child,)))
    return replace(command, cmd_id=str(first), commands=tuple(inner))
