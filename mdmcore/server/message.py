"""Building the server's SyncML message: header mirrored, CmdIDs counted, statuses in order.

Sources: session.md 1.1 to 1.4 and 2.1. Status for SyncHdr is always the first element; each
command of the device gets one Status; Status and Results get none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mdmcore.namespaces import ALERT_NEXT_MESSAGE
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Chal,
    Command,
    Cred,
    Item,
    Meta,
    Results,
    Status,
    SyncHdr,
    SyncML,
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
        self._commands: list[AnyCommand] = []
        self._is_final = True

    def header_status(self, code: str, challenge: Challenge | None) -> None:
        """The Status for SyncHdr; goes first."""
        chal = None
        if challenge is not None:
            chal = Chal(type=challenge.type, format="b64", next_nonce=challenge.nonce)
        header = self._request.header
        self._commands.append(
            Status(
                cmd_id=self._next_id(),
                msg_ref=header.msg_id,
                cmd_ref="0",
                cmd="SyncHdr",
                target_refs=(header.target,) if header.target else (),
                source_refs=(header.source,) if header.source else (),
                chal=chal,
                data=code,
            )
        )

    def command_statuses(self, code_for: Callable[[AnyCommand], str]) -> None:
        """One Status for each command of the request, in its order."""
        for command in self._request.commands:
            if isinstance(command, Status | Results):
                continue
            name = "Alert" if isinstance(command, Alert) else command.name
            self._commands.append(
                Status(
                    cmd_id=self._next_id(),
                    msg_ref=self._request.header.msg_id,
                    cmd_ref=command.cmd_id,
                    cmd=name,
                    data=code_for(command),
                )
            )

    def credential(self, cred: Cred, name: str) -> None:
        """Our own proof toward the device, with the name it belongs to as LocName."""
        self._header = replace(self._header, cred=cred, source_name=name)

    def get(self, uri: str) -> str:
        """Add a Get of one node; returns its CmdID."""
        cmd_id = self._next_id()
        self._commands.append(Command(name="Get", cmd_id=cmd_id, items=(Item(target=uri),)))
        return cmd_id

    def execute(self, uri: str, data: str) -> str:
        """Add an Exec of one node with a text; returns its CmdID."""
        cmd_id = self._next_id()
        item = Item(target=uri, meta=Meta(format="chr"), data=data)
        self._commands.append(Command(name="Exec", cmd_id=cmd_id, items=(item,)))
        return cmd_id

    def next_message(self) -> None:
        """Ask for the rest of an unfinished package: alert 1222, no Final (session.md 1.4)."""
        self._commands.append(Alert(cmd_id=self._next_id(), code=ALERT_NEXT_MESSAGE))
        self._is_final = False

    def build(self) -> SyncML:
        """The message."""
        return SyncML(
            header=self._header,
            commands=tuple(self._commands),
            is_final=self._is_final,
            namespace=self._request.namespace,
        )

    def _next_id(self) -> str:
        return str(len(self._commands) + 1)
