"""Reading what stands in SyncBody: commands and items.

Sources: SyncML RepPro 1.2 DTD, session.md section 2. The message around them is read in ``xml``,
the smaller values in them in ``parts``.
A command is kept even where it is incomplete (no CmdID, no Item): it has to be answered.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from mdmcore.namespaces import MSFT_DM, WBXML_NOTE
from mdmcore.syncml.element_order import CHILD_ORDER
from mdmcore.syncml.model import (
    COMMAND_NAMES,
    CONTAINER_NAMES,
    Alert,
    AnyCommand,
    Command,
    Container,
    Item,
    Results,
    Status,
    UnknownCommand,
)
from mdmcore.syncml.parts import (
    read_chal,
    read_cred,
    read_location,
    read_meta,
    read_others,
    read_parent,
)
from mdmcore.syncml.reading import MAX_DEPTH, Reader, named, numbered
from mdmcore.xml import Element, children, inner_xml, local_name, namespace_of, qname, text_of

_ORIGINAL_ERROR = qname(MSFT_DM, "originalerror")
_OPAQUE = qname(WBXML_NOTE, "opaque")

_COMMAND_PARTS = ("CmdID", "NoResp", "Cred", "Meta", "Correlator", "Item")


def read_commands(reader: Reader, body: Element, place: str) -> tuple[AnyCommand, ...]:
    """Every command in SyncBody; Final is not one."""
    commands: list[AnyCommand] = []
    for element, path in numbered(body, place):
        if local_name(element) == "Final":
            continue
        commands.append(read_command(reader, element, path))
    return tuple(commands)


def read_command(reader: Reader, element: Element, place: str) -> AnyCommand:
    """One command of a SyncBody, whatever stands around it."""
    reader.count_command(place)
    return _command(reader, element, place)


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
    namespace = namespace_of(element)
    return UnknownCommand(
        name=name,
        cmd_id=cmd_id,
        namespace=None if namespace == reader.namespace else namespace,
        others=read_others(element, {"CmdID"}),
        place=place,
    )


def _alert(reader: Reader, element: Element, place: str) -> Alert:
    return Alert(
        cmd_id=reader.text(element, "CmdID", place) or "",
        code=reader.text(element, "Data", place) or "",
        no_resp=reader.flag(element, "NoResp", place),
        cred=read_cred(reader, element, place),
        correlator=reader.text(element, "Correlator", place),
        items=_items(reader, element, place),
        others=read_others(element, CHILD_ORDER["Alert"]),
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
        others=read_others(element, _COMMAND_PARTS),
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
        chal=read_chal(reader, element, place),
        data=reader.required_text(element, "Data", place),
        original_error=None if data is None else data.get(_ORIGINAL_ERROR),
        items=_items(reader, element, place),
        others=read_others(element, CHILD_ORDER["Status"]),
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
        others=read_others(element, CHILD_ORDER["Results"]),
        place=place,
    )


_ANSWERS = MappingProxyType[str, Callable[[Reader, Element, str], Status | Results]](
    {"Status": _status, "Results": _results}
)
"""What answers the peer's commands; it stands in SyncBody only."""


def _texts(parent: Element, name: str) -> tuple[str, ...]:
    return tuple(text_of(element) for element in named(parent, name))


def _items(reader: Reader, parent: Element, place: str) -> tuple[Item, ...]:
    items: list[Item] = []
    for element, path in numbered(parent, place, "Item"):
        reader.count_item(path)
        if not reader.is_ours(element, path):
            reader.note("Item is in a foreign namespace", path)
        items.append(_item(reader, element, path))
    return tuple(items)


def _item(reader: Reader, element: Element, place: str) -> Item:
    target = read_location(reader, element, "Target", place)
    source = read_location(reader, element, "Source", place)
    data = reader.child(element, "Data", place)
    has_elements = data is not None and next(children(data), None) is not None
    return Item(
        target=target.uri,
        target_name=target.name,
        target_others=target.others,
        source=source.uri,
        source_name=source.name,
        source_others=source.others,
        source_parent=read_parent(reader, element, "SourceParent", place),
        target_parent=read_parent(reader, element, "TargetParent", place),
        meta=read_meta(reader, element, place),
        data=None if data is None or has_elements else "".join(map(str, data.itertext())),
        data_xml=inner_xml(data, reader.namespace) if data is not None and has_elements else None,
        is_binary=data is not None and data.get(_OPAQUE) == "base64",
        more_data=reader.flag(element, "MoreData", place),
        others=read_others(element, CHILD_ORDER["Item"]),
        place=place,
    )
