"""A WBXML body as text: a line for its header, what is odd about it, and the XML it stands for.

Best effort: nothing here raises. What cannot be decoded is shown as bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mdmcore.errors import MdmError
from mdmcore.syncml.wbxml import WbxmlDocument, charset_of, decode_document, document_element
from mdmcore.syncml.wbxml.decoder import LAST_VERSION
from mdmcore.syncml.wbxml.languages import language_of
from mdmcore.xml import Element, pretty_print

MAX_LAID_OUT = 1024 * 1024
"""Larger documents would keep the window waiting for seconds."""
_MAX_DUMPED = 4096
_ROW = 16


def starts_like_wbxml(data: bytes) -> bool:
    """Whether the first byte is a version of WBXML, which no text begins with."""
    return bool(data) and data[0] <= LAST_VERSION


def describe_wbxml(data: bytes, below: Callable[[Element], Sequence[str]] = lambda _: ()) -> str:
    """Header line, problems, XML, and what ``below`` says of it; never raises."""
    if len(data) > MAX_LAID_OUT:
        return f"<!-- WBXML of {len(data)} bytes, too large to be shown -->\n{_dump(data)}"
    try:
        document = decode_document(data, strict=False)
        root, noted = document_element(document, strict=False)
    except MdmError as error:
        return f"<!-- not WBXML: {comment_text(str(error))} -->\n{_dump(data)}"
    problems = [
        f"<!-- offset {one.offset}: {comment_text(one.message)} -->"
        for one in (*document.problems, *noted)
    ]
    return "\n".join([_header(document), *problems, pretty_print(root).rstrip(), *below(root)])


def comment_text(text: str) -> str:
    """The text as an XML comment can carry it."""
    return text.replace("--", "- -")


def _header(document: WbxmlDocument) -> str:
    public_id = document.public_id
    shown = public_id if isinstance(public_id, str) else f"0x{public_id:04X}"
    language = language_of(public_id)
    if language is not None and not isinstance(public_id, str):
        shown += f" ({language.name})"
    charset = charset_of(document.charset)
    return (
        f"<!-- WBXML {document.header.version_text}, public identifier {comment_text(shown)}, "
        f"charset {charset.name} ({charset.mib}), "
        f"string table {len(document.string_table)} bytes -->"
    )


def _dump(data: bytes) -> str:
    shown = data[:_MAX_DUMPED]
    rows = [
        f"{start:06x}  {shown[start : start + _ROW].hex(' ')}"
        for start in range(0, len(shown), _ROW)
    ]
    hidden = len(data) - len(shown)
    return "\n".join([*rows, f"... {hidden} bytes not shown"] if hidden else rows)
