"""Changing a SyncML answer as values: header, Statuses, commands; written in the form it had."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from mdmcore.errors import MdmError
from mdmcore.http import Headers, Request, Response
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.server.faults.mac import signed_again
from mdmcore.server.faults.model import Answered
from mdmcore.server.faults.texts import with_body
from mdmcore.syncml.model import AnyCommand, Chal, Results, Status, SyncHdr, SyncML
from mdmcore.syncml.wire import decode_body, encode_body

type MessageChange = Callable[[SyncML], SyncML | None]


def sent_message(answered: Answered) -> SyncML | None:
    """The device's message; ``None`` where none can be read."""
    return message_of(answered.request)


def message_of(request: Request) -> SyncML | None:
    """The message of a request; ``None`` where none can be read."""
    return _decoded(request.body, request.headers)


def answer_message(answered: Answered) -> SyncML | None:
    """Our own message; ``None`` where the answer is none."""
    return _decoded(answered.response.body, answered.response.headers)


def _decoded(body: bytes | None, headers: Headers) -> SyncML | None:
    try:
        return decode_body(body or b"", headers, strict=False)[0]
    except MdmError:
        return None


def with_message(answered: Answered, change: MessageChange) -> Response | None:
    """The answer with a changed message, and with its HMAC if it has one; ``None`` where it is no
    message, or nothing is to be changed."""
    response = answered.response
    try:
        message, form = decode_body(response.body or b"", response.headers)
        changed = change(message)
        body = None if changed is None else encode_body(changed, form)
    except MdmError:
        return None
    spoilt = with_body(response, body)
    return None if spoilt is None else signed_again(answered, sent_message(answered), spoilt)


def with_header_fields(answered: Answered, change: Callable[[SyncHdr], SyncHdr]) -> Response | None:
    """The answer with another SyncHdr."""
    return with_message(answered, lambda one: replace(one, header=change(one.header)))


def with_header_status(answered: Answered, change: Callable[[Status], Status]) -> Response | None:
    """The answer with the Status for SyncHdr changed."""

    def changed(message: SyncML) -> SyncML:
        return replace(
            message,
            commands=tuple(
                change(one) if isinstance(one, Status) and one.is_for_header else one
                for one in message.commands
            ),
        )

    return with_message(answered, changed)


def work_of(message: SyncML) -> tuple[AnyCommand, ...]:
    """The commands of a message that are neither Status nor Results."""
    return tuple(one for one in message.commands if not isinstance(one, Status | Results))


def next_cmd_id(commands: Iterable[AnyCommand]) -> str:
    """A CmdID that none of them has."""
    numbers = [int(one.cmd_id) for one in commands if one.cmd_id.isascii() and one.cmd_id.isdigit()]
    return str(max(numbers, default=0) + 1)


def appended(message: SyncML, *more: AnyCommand) -> SyncML:
    """The message with commands behind the others, numbered on."""
    commands = list(message.commands)
    for one in more:
        commands.append(replace(one, cmd_id=next_cmd_id(commands)))
    return replace(message, commands=tuple(commands))


def is_xml(answered: Answered) -> bool:
    """Whether the answer is SyncML in XML, in which every mistake of writing can be made."""
    return answered.response.media_type == SYNCML_XML_MEDIA_TYPE


def without_credentials(request: Request) -> Request:
    """The device's message without Cred, or as it is where it has none."""
    return _without_credentials(request, is_for=lambda _message: True)


def first_without_credentials(request: Request) -> Request:
    """The same for the first message of a session only."""
    return _without_credentials(request, is_for=lambda message: message.header.msg_id == "1")


def _without_credentials(request: Request, *, is_for: Callable[[SyncML], bool]) -> Request:
    try:
        message, form = decode_body(request.body or b"", request.headers)
        if message.header.cred is None or not is_for(message):
            return request
        body = encode_body(replace(message, header=replace(message.header, cred=None)), form)
    except MdmError:
        return request
    headers = request.headers
    if "Content-Length" in headers:
        headers = headers.replaced("Content-Length", str(len(body)))
    return replace(request, headers=headers, body=body)


def with_nonce(chal: Chal, nonce: bytes) -> Chal:
    """The challenge with another NextNonce."""
    return replace(chal, next_nonce=nonce, next_nonce_text=None)
