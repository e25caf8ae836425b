"""A captured DM message of the device, made anew for a session with another server.

session.md sections 1 and 4. The device's own commands stay; Statuses and Results go to the commands
that the new server sent, credentials and nonces are the new account's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.phone.settings import Random
from mdmcore.replay.commands import Book, Reference, SentCommand, unknown_answer
from mdmcore.replay.values import Values
from mdmcore.rules.decoded import BodySide
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Cred,
    Item,
    Results,
    Status,
    SyncML,
)
from mdmcore.syncml.wire import WireForm, encode_body

_XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'


@dataclass(slots=True)
class Links:
    """How numbers of the captured session map to those of the new one.

    ``references`` are the server's commands, ``messages`` its MsgIDs. ``extra`` are commands of the
    new server's last message that the captured one had not sent, still to be answered.
    """

    references: dict[Reference, Reference] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    extra: tuple[SentCommand, ...] = ()

    @property
    def is_begun(self) -> bool:
        """Whether the server has said anything."""
        return bool(self.messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What a message has that is not the captured one's."""

    session_id: str
    msg_id: str
    target: str
    cred: Cred | None = field(repr=False)
    values: Values
    links: Links
    random: Random


def renewed(captured: SyncML, new: Renewal) -> SyncML:
    """The message for the new server, without answers to what the captured one never sent."""
    header = replace(
        captured.header,
        session_id=new.session_id,
        msg_id=new.msg_id,
        target=new.target,
        source=new.values.text(captured.header.source),
        source_name=_optional(captured.header.source_name, new.values.text),
        cred=new.cred,
    )
    said = (_renewed(one, new) for one in captured.commands)
    return replace(captured, header=header, commands=tuple(one for one in said if one), raw=b"")


def _renewed(one: AnyCommand, new: Renewal) -> AnyCommand | None:
    if isinstance(one, Status):
        return _status(one, new)
    if isinstance(one, Results):
        reference = _reference(one, new.links)
        if reference is None:
            return None
        items = _items(one.items, new.values)
        return replace(
            one,
            msg_ref=reference[0] if one.msg_ref else "",
            cmd_ref=reference[1] if one.cmd_ref else "",
            items=items,
            target_ref=_optional(one.target_ref, new.values.text),
            source_ref=_optional(one.source_ref, new.values.text),
        )
    if isinstance(one, Alert | Command):
        return replace(one, items=_items(one.items, new.values))
    return one


def _status(one: Status, new: Renewal) -> Status | None:
    links, values = new.links, new.values
    one = replace(
        one,
        target_refs=tuple(map(values.text, one.target_refs)),
        source_refs=tuple(map(values.text, one.source_refs)),
    )
    if one.is_for_header:
        return replace(
            one,
            msg_ref=links.messages.get(one.msg_ref, one.msg_ref),
            chal=one.chal and _fresh(one, new.random).chal,
        )
    reference = _reference(one, links)
    return None if reference is None else replace(one, msg_ref=reference[0], cmd_ref=reference[1])


def _fresh(one: Status, random: Random) -> Status:
    """The Status with a nonce that nobody has seen before, as long as the captured one."""
    if one.chal is None or not one.chal.next_nonce:
        return one
    nonce = random(len(one.chal.next_nonce))
    return replace(one, chal=replace(one.chal, next_nonce=nonce, next_nonce_text=None))


def _reference(one: Status | Results, links: Links) -> Reference | None:
    """The command that is answered now; ``None`` where the new server did not send it. What
    answers a message that is not in the capture stays as it is."""
    asked = (one.msg_ref or "1", one.cmd_ref or "1")
    if links.is_begun and asked[0] in links.messages:
        return links.references.get(asked)
    return asked if not links.is_begun else links.references.get(asked)


def _items(items: tuple[Item, ...], values: Values) -> tuple[Item, ...]:
    return tuple(
        replace(
            item,
            target=_optional(item.target, values.text),
            source=_optional(item.source, values.text),
            data=_optional(item.data, values.text),
        )
        for item in items
    )


def _optional(text: str | None, change: Callable[[str], str]) -> str | None:
    return None if text is None else change(text)


def with_answers(message: SyncML, sent: tuple[SentCommand, ...], book: Book) -> SyncML:
    """The message with an answer to each of those commands, too: what the device said to such a
    command elsewhere in the capture, else that it does not know it."""
    if not sent:
        return message
    statuses: list[Status | Results] = []
    results: list[Status | Results] = []
    for one in sent:
        reply = book.reply(one)
        msg_id, cmd_id = one.reference
        if reply is None:
            plain = Status(
                cmd_id="",
                msg_ref=msg_id,
                cmd_ref=cmd_id,
                cmd=one.command.name,
                data=unknown_answer(one),
            )
            statuses.append(plain)
            continue
        for said in reply.statuses:
            statuses.append(replace(said, cmd_id="", msg_ref=msg_id, cmd_ref=cmd_id))
        for given in reply.results:
            results.append(replace(given, cmd_id="", msg_ref=msg_id, cmd_ref=cmd_id))
    own = list(message.commands)
    last = max((place for place, one in enumerate(own) if isinstance(one, Status)), default=-1)
    whole = [*own[: last + 1], *statuses, *own[last + 1 :], *results]
    return replace(message, commands=_numbered(whole))


def _numbered(commands: list[AnyCommand]) -> tuple[AnyCommand, ...]:
    """Each command with a CmdID; those that have one keep it."""
    taken = {one.cmd_id for one in commands if one.cmd_id}
    numbers = (str(number) for number in range(1, len(commands) + len(taken) + 2))
    free = (number for number in numbers if number not in taken)
    return tuple(one if one.cmd_id else replace(one, cmd_id=next(free)) for one in commands)


def answers_only(message: SyncML) -> SyncML:
    """A message that only answers: what a device sends where the capture has no more."""
    header = message.header_status
    first = () if header is None else (replace(header, cmd_id="1"),)
    return replace(message, commands=first, is_final=True)


def answering(message: SyncML, msg_id: str) -> SyncML:
    """The message whose Status for the header is for the server's message of that MsgID."""
    return replace(
        message,
        commands=tuple(
            replace(one, msg_ref=msg_id) if isinstance(one, Status) and one.is_for_header else one
            for one in message.commands
        ),
    )


def body_of(message: SyncML, side: BodySide) -> bytes:
    """The message in the form of the captured body. Raises XmlError or WbxmlError."""
    if side.encoding == "wbxml":
        header = side.wbxml.header if side.wbxml is not None else None
        return encode_body(message, WireForm(media_type=SYNCML_WBXML_MEDIA_TYPE, header=header))
    body = encode_body(message, WireForm(media_type=SYNCML_XML_MEDIA_TYPE))
    return _XML_DECLARATION + body if side.body.lstrip()[:5] == b"<?xml" else body


def fresh_session_id(captured: str, random: Random) -> str:
    """A SessionID of the captured one's form: decimal of four digits, or hexadecimal."""
    number = int.from_bytes(random(2))
    if re.fullmatch(r"[0-9]{3,}", captured):
        return str(1000 + number % 9000)
    return f"{number or 1:X}"
