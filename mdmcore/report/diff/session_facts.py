"""Facts of DM messages: header, credentials, and what each command says, without its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mdmcore.inspector.masking import Mask
from mdmcore.report.diff.facts import Fact, Names, relation
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
    answers = {one.cmd_id: ", ".join((one.name, *one.targets[:1])) for one in sent}
    for text in _told(message.commands, answers, mask):
        yield names.fact(f"{who}: {text}", "")


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
) -> Iterator[str]:
    for one in commands:
        if isinstance(one, Status):
            yield inside + _status(one, answers)
        elif isinstance(one, Alert):
            yield inside + ", ".join((f"Alert {one.code}", *_items(one.items, mask)))
        elif isinstance(one, Container):
            yield f"{inside}{one.name}"
            yield from _told(one.commands, answers, mask, f"{inside}{one.name}: ")
        elif isinstance(one, Results):
            yield from (f"{inside}Results {text}" for text in _items(one.items, mask))
        elif isinstance(one, Command):
            yield from (f"{inside}{one.name} {text}" for text in _items(one.items, mask))
        else:
            yield f"{inside}{one.name} (unknown)"


def _status(status: Status, answers: Mapping[str, str]) -> str:
    what = status.cmd or "command"
    if not status.is_for_header:
        what = answers.get(status.cmd_ref) or ", ".join((what, *status.target_refs[:1]))
    chal = status.chal
    if chal is None:
        return f"Status {status.data} for {what}"
    size = "no nonce" if chal.next_nonce is None else f"a nonce of {len(chal.next_nonce)} bytes"
    if chal.next_nonce is None and chal.next_nonce_text:
        size = "a nonce that is no base64"
    return f"Status {status.data} for {what}, Chal {chal.type} {chal.format} with {size}"


def _items(items: tuple[Item, ...], mask: Mask) -> Iterator[str]:
    for item in items:
        uri = item.target or item.source or ""
        meta = item.meta
        words = [uri] if uri else []
        if meta is not None:
            words += [word for word in (meta.format, meta.type) if word]
        data = item.data if item.data is not None else item.data_xml
        if data is not None:
            shown = mask.node(uri, data) or "(empty)"
            words.append(shown if len(shown) <= _MAX_DATA else f"{shown[:_MAX_DATA]}...")
        if item.more_data:
            words.append("MoreData")
        yield " ".join(words) or "(nothing)"
