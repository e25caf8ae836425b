"""Commands that are right in themselves and come in the wrong message (session.md 1.4, 7, 8.5)."""

from __future__ import annotations

from mdmcore.http import Response
from mdmcore.server.faults.commands import numbered, with_commands
from mdmcore.server.faults.messages import answer_message, sent_message, with_message, work_of
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.syncml.model import Alert, Command, Item

_REMOTE_LOCK = "./Vendor/MSFT/RemoteLock"
_REQUEST_PENDING = "com.microsoft.mdm.requestpending"


def _one(name: str, uri: str) -> Command:
    return Command(name=name, cmd_id="", items=(Item(target=uri),))


@fault("newpin-separate-message", Step.MANAGE)
def pin_read_later(answered: Answered) -> Response | None:
    """The new PIN is made in one message and read in the next one that has commands."""
    sent, message = sent_message(answered), answer_message(answered)
    if sent is None or message is None or not work_of(message):
        return None
    key = ("new pin", sent.header.source, sent.header.session_id)
    is_made = bool(answered.tools.memory.recall(*key))
    answered.tools.memory.note(sent.header.msg_id.encode(), *key)
    name, node = ("Get", "NewPINValue") if is_made else ("Exec", "LockAndResetPIN")
    return with_commands(answered, _one(name, f"{_REMOTE_LOCK}/{node}"))


@fault("commands-before-previous-answered", Step.MANAGE)
def impatient(answered: Answered) -> Response | None:
    """New commands go out while the device asks to wait for its answers to the earlier ones."""
    sent = sent_message(answered)
    if sent is None or not any(map(_asks_to_wait, sent.alerts)):
        return None
    return with_message(answered, lambda message: numbered(message, _one("Get", "./DevDetail/HwV")))


def _asks_to_wait(alert: Alert) -> bool:
    types = (item.meta.type or "" for item in alert.items if item.meta is not None)
    return any(_REQUEST_PENDING in one for one in types)
