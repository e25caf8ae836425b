"""Values of nodes as they are shown: numbers as numbers, bytes by size and digest, names as list.

The device's Meta Format tells which it is, and the catalogue where the device said nothing.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mdmcore.base64_text import decode_base64
from mdmcore.csp import find_node

if TYPE_CHECKING:
    from mdmcore.inspector.masking import Mask

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_FLOAT = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,2})?")
_BOOLEANS = {"true": True, "false": False}
_MAX_BYTES_AS_TEXT = 2000


def format_of(uri: str, given: str) -> str:
    """The format the device gave, else the catalogue's, else ``chr``."""
    if given:
        return given
    node = find_node(uri)
    return node.formats[0] if node is not None else "chr"


def is_secret(uri: str) -> bool:
    """Whether the catalogue calls the node's value a secret."""
    node = find_node(uri)
    return node is not None and node.is_secret


def masked_value(uri: str, value: str | None, mask: Mask) -> str | None:
    """The value, masked where the node holds a secret."""
    return mask.secret(value) if is_secret(uri) else mask.node(uri, value)


def typed_value(uri: str, value: str | None, format: str, mask: Mask) -> object:
    """The value as plain JSON: a number, a truth value, a list of names, bytes as an object, text.

    A value that is not what its format says stays text; a secret is masked.
    """
    shown = masked_value(uri, value, mask)
    if shown is None or shown != value:
        return shown
    text = value.strip()
    match format_of(uri, format):
        case "int" if _INTEGER.fullmatch(text):
            return int(text)
        case "float" if _FLOAT.fullmatch(text):
            return float(text)
        case "bool" if text.lower() in _BOOLEANS:
            return _BOOLEANS[text.lower()]
        case "node":
            return [unquote(name) for name in text.split("/") if name]
        case "b64" | "bin":
            content = decode_base64(value)
            return value if content is None else _bytes(content)
        case _:
            return value


def _bytes(content: bytes) -> dict[str, object]:
    found: dict[str, object] = {
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    if len(content) <= _MAX_BYTES_AS_TEXT:
        try:
            text = content.decode()
        except UnicodeDecodeError:
            return found
        if text.isprintable():
            found["text"] = text
    return found


def value_text(typed: object) -> str:
    """A typed value for people, before it is made fit for a terminal."""
    match typed:
        case None:
            return "-"
        case bool():
            return str(typed).lower()
        case list():
            return ", ".join(map(str, typed)) if typed else "(no children)"
        case {"text": text, "bytes": count}:
            return f'"{text}" ({count} bytes)'
        case {"bytes": count, "sha256": digest}:
            return f"{count} bytes, sha256 {digest}"
        case _:
            return str(typed)
