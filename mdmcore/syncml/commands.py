"""Reading what stands in SyncBody: commands, items, meta information, credentials.

Sources: SyncML RepPro 1.2 DTD, session.md section 2. The message around them is read in ``xml``.
A command is kept even where it is incomplete (no CmdID, no Item): it has to be answered.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from mdmcore.namespaces import MSFT_DM
from mdmcore.syncml.model import (
    COMMAND_NAMES,
    CONTAINER_NAMES,
    Alert,
    AnyCommand,
    Chal,
    Command,
    Container,
    Cred,
    Item,
    Meta,
    Results,
    Status,
    UnknownCommand,
)
from mdmcore.syncml.reading import MAX_DEPTH, Reader, named, numbered
from mdmcore.xml import Element, children, inner_xml, local_name, qname, text_of

_ORIGINAL_ERROR = qname(MSFT_DM, "originalerror")


def read_commands(reader: Reader, body: Element, place: str) -> tuple[AnyCommand, ...]:
    """Every command in SyncBody; Final is not one."""
    commands: list[AnyCommand] = []
    for element, path in numbered(body, place):
        if local_name(element) == "Final":
            continue
        reader.count_command(path)
        commands.append(_command(reader, element, path))
    return tuple(commands)


def _command(reader: Reader, element: Element, place: str) -> AnyCommand:
    name = local_name(element)
    is_ours = reader.is_ours(element, place)
    if name in _ANSWERS and (is_ours or not reader.strict):
        return _ANSWERS[name](reader, element, place)
    return _nestable(reader, element, place, depth=1, is_ours=is_ours)


def _nestable(
    reader: Reader, element: Element, place: str, *, depth: int, is_ours: bool
) -> Alert | Command | Container | UnknownCommand:
    """A command that may stand in a container too."""
    name = local_name(element)
    if is_ours or not reader.strict:
        if name == "Alert":
            return _alert(reader, element, place)
        if name in COMMAND_NAMES:
            return _item_command(reader, element, place)
        if name in CONTAINER_NAMES:
            return _container(reader, element, place, depth)
    cmd_id = "".join(text_of(found) for found in named(element, "CmdID")[:1])
    return UnknownCommand(name=name, cmd_id=cmd_id, place=place)


def _alert(reader: Reader, element: Element, place: str) -> Alert:
    return Alert(
        cmd_id=reader.text(element, "CmdID", place) or "",
        code=reader.text(element, "Data", place) or "",
        no_resp=reader.flag(element, "NoResp", place),
        cred=read_cred(reader, element, place),
        correlator=reader.text(element, "Correlator", place),
        items=_items(reader, element, place),
        place=place,
    )


def _item_command(reader: Reader, element: Element, place: str) -> Command:
    return Command(
        name=local_name(element),
        cmd_id=reader.text(element, "CmdID", place) or "",
        no_resp=reader.flag(element, "NoResp", place),
        cred=read_cred(reader, element, place),
        meta=read_meta(reader, element, place),
        correlator=reader.text(element, "Correlator", place),
        items=_items(reader, element, place),
        place=place,
    )


def _container(reader: Reader, element: Element, place: str, depth: int) -> Container:
    if depth > MAX_DEPTH:
        raise reader.refuse(f"containers nested more than {MAX_DEPTH} deep", place)
    commands: list[Alert | Command | Container | UnknownCommand] = []
    for sub, path in numbered(element, place):
        if local_name(sub) in {"CmdID", "NoResp", "Meta"}:
            continue
        reader.count_command(path)
        is_ours = reader.is_ours(sub, path)
        commands.append(_nestable(reader, sub, path, depth=depth + 1, is_ours=is_ours))
    return Container(
        name=local_name(element),
        cmd_id=reader.text(element, "CmdID", place) or "",
        no_resp=reader.flag(element, "NoResp", place),
        meta=read_meta(reader, element, place),
        commands=tuple(commands),
        place=place,
    )


def _status(reader: Reader, element: Element, place: str) -> Status:
    data = reader.child(element, "Data", place)
    return Status(
        cmd_id=reader.text(element, "CmdID", place) or "",
        msg_ref=reader.text(element, "MsgRef", place) or "",
        cmd_ref=reader.text(element, "CmdRef", place) or "",
        cmd=reader.text(element, "Cmd", place) or "",
        target_refs=_texts(element, "TargetRef"),
        source_refs=_texts(element, "SourceRef"),
        cred=read_cred(reader, element, place),
        chal=_chal(reader, element, place),
        data=reader.required_text(element, "Data", place),
        original_error=None if data is None else data.get(_ORIGINAL_ERROR),
        items=_items(reader, element, place),
        place=place,
    )


def _results(reader: Reader, element: Element, place: str) -> Results:
    return Results(
        cmd_id=reader.text(element, "CmdID", place) or "",
        msg_ref=reader.text(element, "MsgRef", place) or "",
        cmd_ref=reader.text(element, "CmdRef", place) or "",
        cmd=reader.text(element, "Cmd", place) or "",
        meta=read_meta(reader, element, place),
        target_ref=reader.text(element, "TargetRef", place),
        source_ref=reader.text(element, "SourceRef", place),
        items=_items(reader, element, place),
        place=place,
    )


_ANSWERS = MappingProxyType[str, Callable[[Reader, Element, str], Status | Results]](
    {"Status": _status, "Results": _results}
)
"""What answers the peer's commands; it stands in SyncBody only."""


def _texts(parent: Element, name: str) -> tuple[str, ...]:
    return tuple(text_of(element) for element in named(parent, name))


def read_cred(reader: Reader, parent: Element, place: str) -> Cred | None:
    """The Cred of a header or command; one without Data is refused when strict."""
    element = reader.child(parent, "Cred", place)
    if element is None:
        return None
    place = f"{place}/Cred"
    meta = read_meta(reader, element, place) or Meta()
    data = reader.required_text(element, "Data", place)
    return Cred(type=meta.type or "", format=meta.format or "", data=data)


def _chal(reader: Reader, parent: Element, place: str) -> Chal | None:
    element = reader.child(parent, "Chal", place)
    if element is None:
        return None
    meta = read_meta(reader, element, f"{place}/Chal") or Meta()
    return Chal(
        type=meta.type or "", format=meta.format or "", next_nonce_text=meta.next_nonce_text
    )


def read_meta(reader: Reader, parent: Element, place: str) -> Meta | None:
    """The Meta of a header, command, item, Cred or Chal."""
    element = reader.child(parent, "Meta", place)
    if element is None:
        return None
    texts = reader.meta_children(element, f"{place}/Meta")

    def first(name: str) -> str | None:
        found = texts.get(name)
        return found[0] if found else None

    return Meta(
        format=first("Format"),
        type=first("Type"),
        mark=first("Mark"),
        size=first("Size"),
        next_nonce_text=first("NextNonce"),
        version=first("Version"),
        max_msg_size=first("MaxMsgSize"),
        max_obj_size=first("MaxObjSize"),
        emi=tuple(texts.get("EMI", ())),
    )


def _items(reader: Reader, parent: Element, place: str) -> tuple[Item, ...]:
    items: list[Item] = []
    for element, path in numbered(parent, place, "Item"):
        reader.count_item(path)
        if not reader.is_ours(element, path):
            reader.note("Item is in a foreign namespace", path)
        items.append(_item(reader, element, path))
    return tuple(items)


def _item(reader: Reader, element: Element, place: str) -> Item:
    target, target_name = read_location(reader, element, "Target", place)
    source, source_name = read_location(reader, element, "Source", place)
    data = reader.child(element, "Data", place)
    has_elements = data is not None and next(children(data), None) is not None
    return Item(
        target=target,
        target_name=target_name,
        source=source,
        source_name=source_name,
        meta=read_meta(reader, element, place),
        data=None if data is None or has_elements else "".join(map(str, data.itertext())),
        data_xml=inner_xml(data, reader.namespace) if data is not None and has_elements else None,
        more_data=reader.flag(element, "MoreData", place),
        place=place,
    )


def read_location(
    reader: Reader, parent: Element, name: str, place: str
) -> tuple[str | None, str | None]:
    """LocURI and LocName of a Target or Source; a LocURI that is not there reads as empty."""
    element = reader.child(parent, name, place)
    if element is None:
        return None, None
    place = f"{place}/{name}"
    uri = reader.text(element, "LocURI", place)
    return uri or "", reader.text(element, "LocName", place)
