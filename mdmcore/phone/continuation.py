"""What a server must answer to a message of an unfinished package (session.md 1.4, 1.7).

Statuses and a request for the next message, nothing else; 213 for a chunk.
"""

from __future__ import annotations

from mdmcore.namespaces import ALERT_NEXT_MESSAGE, ALERT_NO_END_OF_DATA
from mdmcore.phone.conversation import Session
from mdmcore.phone.server_message import refusal
from mdmcore.syncml.model import Alert, AnyCommand, Results, Status, SyncML

_BODY = "/SyncML/SyncBody"
_BUFFERED = "213"


def is_next_message(command: AnyCommand) -> bool:
    """Whether it is the request for the next message."""
    return isinstance(command, Alert) and command.code == ALERT_NEXT_MESSAGE


def check_continuation(message: SyncML, *, may_command: bool = False) -> None:
    """Refusal unless the server asks for the rest of our package, and for nothing else but what
    ``may_command`` lets it."""
    work = [one for one in message.commands if not isinstance(one, Status | Results)]
    if message.is_final:
        raise refusal(
            "the server closes its package while the device's is not finished", f"{_BODY}/Final"
        )
    for command in work:
        if not may_command and not is_next_message(command) and not _is_no_end_of_data(command):
            raise refusal(
                f"{command.name} comes before the device's package is finished",
                command.place,
                command.cmd_id,
            )
    if not any(is_next_message(command) for command in work):
        raise refusal("the server does not ask for the rest of the package", f"{_BODY}/Alert")


def is_chunk_taken(message: SyncML, session: Session) -> bool:
    """Whether the server keeps the chunk of the last message (213); False when it does not want
    the object. Refusal for a chunk without Status."""
    if any(_is_no_end_of_data(command) for command in message.commands):
        return False
    cmd_id = next(one.cmd_id for one in reversed(session.last) if isinstance(one, Results))
    for status in message.statuses:
        if status.msg_ref == str(session.msg_id) and status.cmd_ref == cmd_id:
            return status.data == _BUFFERED
    raise refusal(f"no Status 213 for the chunk in Results {cmd_id}", f"{_BODY}/Status")


def _is_no_end_of_data(command: AnyCommand) -> bool:
    return isinstance(command, Alert) and command.code == ALERT_NO_END_OF_DATA
