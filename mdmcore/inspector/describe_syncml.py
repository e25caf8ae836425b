"""A SyncML message as plain JSON values: header, then the commands in document order; its form."""

from __future__ import annotations

from typing import Any

from mdmcore.codes import code_words
from mdmcore.inspector.item_data import item_data
from mdmcore.inspector.masking import Mask
from mdmcore.syncml.model import (
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
    SyncML,
)
from mdmcore.syncml.wbxml import WbxmlDocument

_MAX_COMMANDS = 500
_MAX_ITEMS = 500
_MAX_DATA = 2000

type Json = dict[str, Any]


def describe_syncml(message: SyncML, mask: Mask) -> Json:
    """The message; of very long ones the first commands, with ``more`` counting the rest."""
    header = message.header
    result: Json = {
        "session_id": header.session_id,
        "msg_id": header.msg_id,
        "version": header.ver_proto,
        "target": header.target,
        "source": header.source,
        "source_name": header.source_name,
        "resp_uri": header.resp_uri,
        "cred": _cred(header.cred, mask),
        "commands": [_command(command, mask) for command in message.commands[:_MAX_COMMANDS]],
        "more": max(0, len(message.commands) - _MAX_COMMANDS),
        "final": message.is_final,
    }
    if message.problems:
        result["problems"] = [{"message": p.message, "place": p.place} for p in message.problems]
    return {name: value for name, value in result.items() if value not in (None, 0, "")}


def describe_wbxml(document: WbxmlDocument) -> Json:
    """The header of a WBXML document; the length of its string table in bytes."""
    public_id = document.public_id
    return {
        "version": document.header.version_text,
        "public_id": public_id if isinstance(public_id, str) else f"0x{public_id:04X}",
        "charset": document.charset,
        "string_table": len(document.string_table),
    }


def _cred(cred: Cred | None, mask: Mask) -> Json | None:
    if cred is None:
        return None
    return {"type": cred.type, "format": cred.format, "data": mask.secret(cred.data)}


def _chal(chal: Chal | None, mask: Mask) -> Json | None:
    if chal is None:
        return None
    nonce = mask.secret(chal.next_nonce_text)
    return {"type": chal.type, "format": chal.format, "next_nonce": nonce}


def _command(command: AnyCommand, mask: Mask) -> Json:
    result: Json = {"command": command.name, "cmd_id": command.cmd_id}
    if isinstance(command, Alert):
        result |= {"code": command.code, "correlator": command.correlator}
        result |= code_words("alert", command.code)
        result["items"] = _items(command.items, mask)
    elif isinstance(command, Command):
        result |= {"meta": _meta(command.meta), "items": _items(command.items, mask)}
    elif isinstance(command, Status):
        result |= {
            "msg_ref": command.msg_ref,
            "cmd_ref": command.cmd_ref,
            "cmd": command.cmd,
            "target_refs": list(command.target_refs),
            "source_refs": list(command.source_refs),
            "chal": _chal(command.chal, mask),
            "data": command.data,
            "original_error": command.original_error,
            "items": _items(command.items, mask),
        }
        result |= code_words("syncml", command.data)
    elif isinstance(command, Results):
        result |= {"msg_ref": command.msg_ref, "cmd_ref": command.cmd_ref}
        result["items"] = _items(command.items, mask)
    elif isinstance(command, Container):
        below = command.commands[:_MAX_COMMANDS]
        result["commands"] = [_command(sub, mask) for sub in below]
        result["more"] = max(0, len(command.commands) - _MAX_COMMANDS)
    return {name: value for name, value in result.items() if value not in (None, "", [], 0)}


def _items(items: tuple[Item, ...], mask: Mask) -> list[Json]:
    return [_item(item, mask) for item in items[:_MAX_ITEMS]]


def _item(item: Item, mask: Mask) -> Json:
    data = item_data(item, mask)
    if data is not None and len(data) > _MAX_DATA:
        data = f"{data[:_MAX_DATA]}..."
    result = {
        "target": item.target,
        "source": item.source,
        "meta": _meta(item.meta),
        "data": data,
        "binary": item.is_binary or None,
        "more_data": item.more_data or None,
    }
    return {name: value for name, value in result.items() if value is not None}


def _meta(meta: Meta | None) -> Json | None:
    if meta is None:
        return None
    fields = {"format": meta.format, "type": meta.type, "size": meta.size, "mark": meta.mark}
    return {name: value for name, value in fields.items() if value is not None} or None
