"""Mistakes in the frame of DM messages: ids, addresses, Statuses, Final, the message's own form.

Sources: session.md 1, 2.1, 8.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mdmcore.http import Response
from mdmcore.namespaces import ALERT_NEXT_MESSAGE, ALERT_SESSION_ABORT
from mdmcore.server.answers import plain_answer
from mdmcore.server.faults.messages import (
    appended,
    is_xml,
    sent_message,
    with_header_fields,
    with_message,
    work_of,
)
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.texts import replaced, with_body
from mdmcore.syncml.model import Alert, AnyCommand, Command, Item, Meta, Status, SyncML

_GET = Command(name="Get", cmd_id="", items=(Item(target="./DevDetail/SwV"),))
_FIRST_UNEXPECTED = 7


@fault("server-msgid-not-increasing", Step.MANAGE)
def same_msg_id(answered: Answered) -> Response | None:
    """Every message of the server has MsgID 1."""
    return with_header_fields(answered, lambda header: replace(header, msg_id="1"))


@fault("server-msgid-first-unexpected", Step.MANAGE)
def high_msg_id(answered: Answered) -> Response | None:
    """The server begins far above 1."""

    def change(message: SyncML) -> SyncML:
        number = int(message.header.msg_id) + _FIRST_UNEXPECTED
        return replace(message, header=replace(message.header, msg_id=str(number)))

    return with_message(answered, change)


@fault("server-msgid-mirrored", Step.MANAGE)
def mirrored_msg_id(answered: Answered) -> Response | None:
    """The server's MsgID is the device's."""
    sent = sent_message(answered)
    if sent is None:
        return None
    return with_header_fields(answered, lambda header: replace(header, msg_id=sent.header.msg_id))


@fault("msgref-mismatch", Step.MANAGE)
def other_msg_ref(answered: Answered) -> Response | None:
    """Every Status refers to message 99."""

    def change(message: SyncML) -> SyncML:
        commands = tuple(
            replace(one, msg_ref="99") if isinstance(one, Status) else one
            for one in message.commands
        )
        return replace(message, commands=commands)

    return with_message(answered, change)


@fault("sessionid-not-echoed", Step.MANAGE)
def padded_session_id(answered: Answered) -> Response | None:
    """SessionID comes back as a number of four digits."""
    return with_header_fields(
        answered, lambda header: replace(header, session_id=header.session_id.zfill(4))
    )


@fault("sessionid-parsed-as-int", Step.MANAGE)
def decimal_sessions_only(answered: Answered) -> Response | None:
    """A SessionID of 0, or one that is no decimal number, makes the server fail."""
    sent = sent_message(answered)
    if sent is None or (sent.header.session_id.isdigit() and sent.header.session_id != "0"):
        return None
    return plain_answer(500, "invalid session id")


@fault("target-source-swapped", Step.MANAGE)
def swapped_addresses(answered: Answered) -> Response | None:
    """Target is the server, Source the device."""
    return with_header_fields(
        answered, lambda header: replace(header, target=header.source, source=header.target)
    )


@fault("missing-synchdr-status", Step.MANAGE)
def no_header_status(answered: Answered) -> Response | None:
    """The Status for SyncHdr is left out."""
    return _without(answered, lambda one: isinstance(one, Status) and one.is_for_header)


@fault("synchdr-status-not-first", Step.MANAGE)
def late_header_status(answered: Answered) -> Response | None:
    """The Status for SyncHdr comes behind another one."""

    def change(message: SyncML) -> SyncML | None:
        if len(message.statuses) < 2:
            return None
        first, second, *rest = message.commands
        return replace(message, commands=(second, first, *rest))

    return with_message(answered, change)


@fault("missing-command-status", Step.MANAGE)
def no_replace_status(answered: Answered) -> Response | None:
    """The device's Replace gets no Status."""
    return _without(answered, lambda one: isinstance(one, Status) and one.cmd == "Replace")


@fault("status-order-mismatch", Step.MANAGE)
def other_order(answered: Answered) -> Response | None:
    """The last two Statuses have changed places."""

    def change(message: SyncML) -> SyncML | None:
        statuses = message.statuses
        if len(statuses) < 3:
            return None
        order = {id(statuses[-1]): statuses[-2], id(statuses[-2]): statuses[-1]}
        commands = tuple(order.get(id(one), one) for one in message.commands)
        return replace(message, commands=commands)

    return with_message(answered, change)


@fault("status-for-results", Step.MANAGE)
def results_answered(answered: Answered) -> Response | None:
    """Each Results of the device gets a Status 200."""
    sent = sent_message(answered)
    if sent is None or not sent.results:
        return None
    more = tuple(
        Status(cmd_id="", msg_ref=sent.header.msg_id, cmd_ref=one.cmd_id, cmd="Results", data="200")
        for one in sent.results
    )

    def change(message: SyncML) -> SyncML:
        return appended(message, *more)

    return with_message(answered, change)


@fault("missing-final", Step.MANAGE)
def no_final(answered: Answered) -> Response | None:
    """Final is left out."""
    return with_message(answered, lambda message: replace(message, is_final=False))


@fault("final-in-next-message", Step.MANAGE)
def final_beside_1222(answered: Answered) -> Response | None:
    """Alert 1222 and Final in one message."""

    def change(message: SyncML) -> SyncML | None:
        if not work_of(message):
            return None
        alert = Alert(cmd_id="", code=ALERT_NEXT_MESSAGE)
        return replace(appended(message, alert), is_final=True)

    return with_message(answered, change)


@fault("client-unfinished-not-continued", Step.MANAGE)
def unfinished_is_finished(answered: Answered) -> Response | None:
    """A message without Final is answered as if it had one."""
    sent = sent_message(answered)
    if sent is None or sent.is_final:
        return None

    def change(message: SyncML) -> SyncML:
        commands = tuple(
            one
            for one in message.commands
            if not (isinstance(one, Alert) and one.code == ALERT_NEXT_MESSAGE)
        )
        return replace(appended(replace(message, commands=commands), _GET), is_final=True)

    return with_message(answered, change)


@fault("duplicate-cmdid", Step.MANAGE)
def same_cmd_ids(answered: Answered) -> Response | None:
    """The last command has the CmdID of the first."""

    def change(message: SyncML) -> SyncML | None:
        if len(message.commands) < 2:
            return None
        first, last = message.commands[0], message.commands[-1]
        last = replace(last, cmd_id=first.cmd_id)
        return replace(message, commands=(*message.commands[:-1], last))

    return with_message(answered, change)


@fault("cmdid-zero", Step.MANAGE)
def cmd_id_zero(answered: Answered) -> Response | None:
    """A command has the CmdID 0."""
    return _last_with_cmd_id(answered, "0")


@fault("missing-cmdid", Step.MANAGE)
def no_cmd_id(answered: Answered) -> Response | None:
    """A command has no CmdID."""
    return _last_with_cmd_id(answered, "")


def _last_with_cmd_id(answered: Answered, cmd_id: str) -> Response | None:
    def change(message: SyncML) -> SyncML | None:
        work = work_of(message)
        if not work:
            return None
        commands = tuple(
            replace(one, cmd_id=cmd_id) if one is work[-1] else one for one in message.commands
        )
        return replace(message, commands=commands)

    return with_message(answered, change)


def _without(answered: Answered, is_dropped: Callable[[AnyCommand], bool]) -> Response | None:
    def change(message: SyncML) -> SyncML:
        commands = tuple(one for one in message.commands if not is_dropped(one))
        return replace(message, commands=commands)

    return with_message(answered, change)


# --- the message's own form ---


@fault("element-order", Step.MANAGE)
def data_before_cmd(answered: Answered) -> Response | None:
    """In the first Status Data stands before Cmd."""
    if not is_xml(answered):
        return None
    body = answered.body
    start = body.find(b"<Status>")
    end = body.find(b"</Status>", start)
    data = body.rfind(b"<Data>", start, end)
    cmd = body.find(b"<Cmd>", start, end)
    if min(start, end, data, cmd) < 0:
        return None
    moved = body[data:end]
    changed = body[:cmd] + moved + body[cmd:data] + body[end:]
    return with_body(answered.response, changed)


@fault("wrong-namespace", Step.MANAGE)
def misspelt_metinf(answered: Answered) -> Response | None:
    """The namespace of Meta's children is misspelt, as one printed page has it."""
    if not is_xml(answered):
        return None
    body = replaced(answered.body, b'"syncml:metinf"', b'"syncml:metinfo"')
    return with_body(answered.response, body)


@fault("xml-not-wellformed", Step.DISCOVER, Step.POLICY, Step.ENROLL, Step.MANAGE)
def bare_ampersand(answered: Answered) -> Response | None:
    """An ampersand that is not escaped."""
    end = answered.body.rfind(b"</")
    if end < 0:
        return None
    return with_body(answered.response, answered.body[:end] + b" & " + answered.body[end:])


@fault("version-mismatch", Step.MANAGE)
def old_version(answered: Answered) -> Response | None:
    """SyncML 1.1 in answer to 1.2."""

    def change(message: SyncML) -> SyncML:
        header = replace(message.header, ver_dtd="1.1", ver_proto="DM/1.1")
        return replace(message, header=header)

    return with_message(answered, change)


@fault("session-abort-with-commands", Step.MANAGE)
def goes_on_after_abort(answered: Answered) -> Response | None:
    """A session that the device broke off gets more commands."""
    sent = sent_message(answered)
    if sent is None or not any(alert.code == ALERT_SESSION_ABORT for alert in sent.alerts):
        return None
    return with_message(answered, lambda message: appended(message, _GET))


@fault("synchdr-meta-ignored", Step.MANAGE)
def own_limits(answered: Answered) -> Response | None:
    """The server names limits in its own SyncHdr, which Windows does not read."""
    limits = Meta(max_msg_size="10000", max_obj_size="50000")
    return with_header_fields(answered, lambda header: replace(header, meta=limits))
