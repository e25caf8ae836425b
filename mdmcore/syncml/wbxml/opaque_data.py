"""What opaque bytes are in XML: text where they are text, else base64 (wbxml.md section 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mdmcore.base64_text import encode_base64
from mdmcore.syncml.wbxml.embedded import meta_text
from mdmcore.syncml.wbxml.tree import Extension, Opaque, Text, WbxmlElement
from mdmcore.xml import NOT_XML

_DIGEST_BYTES = 16


class Notes(Protocol):
    """Where something odd is told."""

    def note(self, message: str, offset: int) -> None:
        """Remember something odd."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base64:
    """An element's content as base64. ``is_marked``: nothing else tells that it is that of bytes
    (a nonce and a digest always are)."""

    text: str
    is_marked: bool


def utf8_text(data: bytes) -> str | None:
    """The text that the bytes are, ``None`` for what is no UTF-8 or has controls in it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if NOT_XML.search(text) else text


def base64_of(
    element: WbxmlElement, around: tuple[WbxmlElement, ...], notes: Notes
) -> Base64 | None:
    """The content of an element that stands for bytes; ``None`` where it is text or elements."""
    opaque = [part for part in element.content if isinstance(part, Opaque)]
    if not opaque:
        return None
    if any(isinstance(part, WbxmlElement | Extension) for part in element.content):
        return None
    if any(part.document is not None for part in opaque):
        return None
    data = b"".join(
        part.text.encode() if isinstance(part, Text) else part.data
        for part in element.content
        if isinstance(part, Text | Opaque)
    )
    if _is_raw(element, around, data):
        return Base64(text=encode_base64(data), is_marked=False)
    if all(utf8_text(part.data) is not None for part in opaque):
        return None
    if element.name == "Data" and _format(around) != "bin":
        notes.note("Data hold bytes, but Format is not bin", element.offset)
    return Base64(text=encode_base64(data), is_marked=True)


def _is_raw(element: WbxmlElement, around: tuple[WbxmlElement, ...], data: bytes) -> bool:
    """A nonce or digest sent as bytes, where base64 text is usual."""
    if (element.name, element.page) == ("NextNonce", 1):
        return True
    in_cred = element.name == "Data" and bool(around) and around[-1].name == "Cred"
    return in_cred and len(data) == _DIGEST_BYTES


def _format(around: tuple[WbxmlElement, ...]) -> str:
    """The Format of the item, or of the command where the item has none."""
    found = (meta_text(owner, "Format") for owner in reversed(around[-2:]))
    return next((text for text in found if text), "")
