"""Mistakes about the end of an enrolment, each of them made in the sessions after it began.

Sources: enrollment.md 13, session.md 2.5. What a device was told, or what it has said, is kept in
the memory of the mistakes; the server behind keeps its own, right books.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mdmcore.http import Response
from mdmcore.namespaces import ALERT_GENERIC
from mdmcore.server.answers import plain_answer
from mdmcore.server.faults.messages import answer_message, appended, sent_message, with_message
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.unenrollment import is_unenroll_uri
from mdmcore.syncml.model import AnyCommand, Command, Item, Meta, Status, SyncML
from mdmcore.syncml.unenrollment import is_unenrollment

_ACCEPTED = frozenset({"200", "212"})


def _orders(message: SyncML | None) -> Iterator[Item]:
    """The items by which a message of ours lets the device leave."""
    for command in message.walk() if message is not None else ():
        if isinstance(command, Command) and command.name == "Exec":
            yield from (item for item in command.items if is_unenroll_uri(item.target or ""))


def _earlier_order(answered: Answered, name: str) -> Item | None:
    """The Unenroll that an earlier session brought; the first one is noted for later sessions."""
    sent = sent_message(answered)
    if sent is None:
        return None
    memory, device = answered.tools.memory, sent.header.source
    sessions = memory.recall(name, device, "session")
    if not sessions:
        order = next(_orders(answer_message(answered)), None)
        if order is not None:
            memory.note(sent.header.session_id.encode(), name, device, "session")
            memory.note((order.target or "").encode(), name, device, "target")
            memory.note((order.data or "").encode(), name, device, "data")
        return None
    if sessions[-1] == sent.header.session_id.encode():
        return None
    (target,), (data,) = (memory.recall(name, device, one) for one in ("target", "data"))
    return Item(target=target.decode(), meta=Meta(format="chr"), data=data.decode())


@fault("unenroll-waits-for-status", Step.MANAGE)
def until_the_status(answered: Answered) -> Response | None:
    """Unenroll goes out again, once in each later session, since its Status did not come."""
    name = "unenroll-waits-for-status"
    order, sent = _earlier_order(answered, name), sent_message(answered)
    if order is None or sent is None:
        return None
    answer = answer_message(answered)
    status = None if answer is None else answer.header_status
    if answer is None or status is None or status.data not in _ACCEPTED:
        return None
    session = sent.header.session_id.encode()
    answered.tools.memory.note(session, name, sent.header.source, "session")
    if next(_orders(answer), None) is not None:  # the server behind tries once more, too
        return None
    again = Command(name="Exec", cmd_id="", items=(order,))
    return with_message(answered, lambda message: appended(message, again))


@fault("unenroll-endpoint-closed", Step.MANAGE)
def closed_door(answered: Answered) -> Response | None:
    """A device that was told to leave finds nothing at the DM address from then on."""
    if _earlier_order(answered, "unenroll-endpoint-closed") is None:
        return None
    return plain_answer(410, "this device is not managed any more")


@fault("unenroll-by-code-only", Step.MANAGE)
def any_alert(answered: Answered) -> Response | None:
    """A generic alert of whatever type counts as leaving: no work any more, then a stranger."""
    sent = sent_message(answered)
    if sent is None:
        return None
    memory, key = answered.tools.memory, ("unenroll-by-code-only", sent.header.source)
    session = sent.header.session_id.encode()
    left = memory.recall(*key)
    if left and left[-1] != session:
        return plain_answer(404, "no such device")
    if not left and not any(
        alert.code == ALERT_GENERIC and not is_unenrollment(alert) for alert in sent.alerts
    ):
        return None
    memory.note(session, *key)
    return with_message(answered, _last_words)


def _last_words(message: SyncML) -> SyncML:
    statuses: tuple[AnyCommand, ...] = tuple(
        one for one in message.commands if isinstance(one, Status)
    )
    return replace(message, commands=statuses, is_final=True)
