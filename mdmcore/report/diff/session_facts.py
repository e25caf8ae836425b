"""Facts of DM messages: header, credentials, and what each command says, without its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mdmcore.inspector.item_data import item_data
from mdmcore.inspector.masking import Mask
from mdmcore.report.diff.facts import Fact, Names, order, relation
from mdmcore.report.diff.xml_facts import form_facts
from mdmcore.rules.decoded import BodySide
from mdmcore.rules.life import CredCheck, SentCommand
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Container,
    Item,
    Results,
    Status,
    SyncML,
)

_MAX_DATA = 120


def dm_facts(
    side: BodySide,
    names: Names,
    mask: Mask,
    *,
    check: CredCheck | None,
    sent: tuple[SentCommand, ...] = (),
) -> Iterator[Fact]:
    """One message. ``check`` is the verdict on its Cred, ``sent`` the commands that it answers."""
    who = "device" if side.part == "request" else "server"
    for fact in form_facts(side):
        yield Fact(what=f"{who}: {fact.what}", value=fact.value, key=fact.key)
    message = side.syncml
    if message is None:
        return
    yield from _header(who, message, names, check)
    answers = {one.cmd_id: " ".join((one.name, *one.targets[:1])) for one in sent}
    told = list(_told(message.commands, answers, mask))
    for what, value in told:
        yield names.fact(f"{who}: {what}", value)
    yield order(f"{who}: order of commands", (names.key(what) for what, _ in told))


def _header(who: str, message: SyncML, names: Names, check: CredCheck | None) -> Iterator[Fact]:
    header = message.header
    values = {
        "VerDTD": header.ver_dtd,
        "VerProto": header.ver_proto,
        "namespace": message.namespace,
        "MsgID": header.msg_id,
        "Final": "yes" if message.is_final else "no",
        "RespURI": header.resp_uri or "",
    }
    for name, value in values.items():
        if value:
            yield names.fact(f"{who}: {name}", value)
    limits = header.meta
    if limits is not None:
        for name, limit in (
            ("MaxMsgSize", limits.max_msg_size),
            ("MaxObjSize", limits.max_obj_size),
        ):
            if limit:
                yield Fact(what=f"{who}: {name}", value=limit, key=limit)
    if header.cred is not None:
        kind = (
            f"{header.cred.type.strip() or 'no Type'}, {header.cred.format.strip() or 'no Format'}"
        )
        yield Fact(what=f"{who}: Cred", value=kind, key=kind)
        if check is not None:
            why = check.mistake or (check.age if check.verdict == "wrong" else "")
            value = f"{check.verdict} ({why})" if why else check.verdict.value
            yield Fact(what=f"{who}: Cred proves", value=value, key=value)
    ids = [command.cmd_id for command in message.walk()]
    yield relation(f"{who}: CmdIDs are there and each once", len(set(ids)) == len(ids) and all(ids))


def _told(
    commands: tuple[AnyCommand, ...], answers: Mapping[str, str], mask: Mask, inside: str = ""
) -> Iterator[tuple[str, str]]:
    """What each command is about, and what it says."""
    for one in commands:
        if isinstance(one, Status):
            what, value = _status(one, answers)
            yield inside + what, value
        elif isinstance(one, Alert):
            yield f"{inside}Alert", ", ".join((one.code, *map(_joined, _items(one.items, mask))))
        elif isinstance(one, Container):
            yield f"{inside}{one.name}", ""
            yield from _told(one.commands, answers, mask, f"{inside}{one.name}: ")
        elif isinstance(one, Results | Command):
            for uri, value in _items(one.items, mask):
                yield f"{inside}{one.name} {uri}".rstrip(), value
        else:
            yield f"{inside}{one.name} (unknown)", ""


def _joined(pair: tuple[str, str]) -> str:
    return " ".join(part for part in pair if part)


def _status(status: Status, answers: Mapping[str, str]) -> tuple[str, str]:
    what = status.cmd or "command"
    if not status.is_for_header:
        what = answers.get(status.cmd_ref) or " ".join((what, *status.target_refs[:1]))
    chal = status.chal
    if chal is None:
        return f"Status for {what}", status.data
    size = "no nonce" if chal.next_nonce is None else f"a nonce of {len(chal.next_nonce)} bytes"
    if chal.next_nonce is None and chal.next_nonce_text:
        size = "a nonce that is no base64"
    return f"Status for {what}", f"{status.data}, Chal {chal.type} {chal.format} with {size}"


def _items(items: tuple[Item, ...], mask: Mask) -> Iterator[tuple[str, str]]:
    """LocURI, and format, type and data of each item."""
    for item in items:
        uri, meta = item.target or item.source or "", item.meta
        words = [word for word in (meta.format, meta.type) if word] if meta is not None else []
        data = item_data(item, mask)
        if data is not None:
            shown = data or "(empty)"
            words.append(shown if len(shown) <= _MAX_DATA else f"{shown[:_MAX_DATA]}...")
        if item.more_data:
            words.append("MoreData")
        yield uri, " ".join(words)
