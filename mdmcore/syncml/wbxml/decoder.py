"""WBXML bytes to a document (WAP-192; wbxml.md sections 2, 3, 8 and 9).

Both readings refuse what is cut off, inconsistent or beyond the bounds of ``bounds``; a strict one
also text that is not in the document's character set. What the elements mean is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml.body import BodyReader
from mdmcore.syncml.wbxml.bounds import (
    MAX_NESTED_DOCUMENTS,
    MAX_WBXML_BYTES,
    Account,
    LimitExceeded,
)
from mdmcore.syncml.wbxml.charsets import UTF_8, charset_of
from mdmcore.syncml.wbxml.languages import UNKNOWN_PUBLIC_ID, Language, language_of
from mdmcore.syncml.wbxml.source import Source
from mdmcore.syncml.wbxml.tree import WbxmlDocument, WbxmlHeader

FIRST_VERSION = 0x00
"""WBXML 1.0, which has no charset in its header and no opaque data."""
LAST_VERSION = 0x03
"""WBXML 1.3."""
_XML_STARTS = (b"<", b" ", b"\t", b"\r", b"\n", b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")


def decode_document(data: bytes, *, strict: bool = True) -> WbxmlDocument:
    """The document in these bytes, with what was odd about it in ``problems``.

    Raises WbxmlError with the offset. Never a part of a document: one that is cut is refused.
    """
    if len(data) > MAX_WBXML_BYTES:
        raise LimitExceeded(
            f"document of {len(data)} bytes, more than {MAX_WBXML_BYTES} are not read"
        )
    return _decode(data, Account(), at=_Place(), strict=strict)


def looks_like_wbxml(data: bytes) -> bool:
    """Whether the data begin with a WBXML header whose public identifier is one of SyncML's."""
    return _language_at(data, Account()) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a document begins in the outermost one: offset, elements and documents around it."""

    offset: int = 0
    depth: int = 0
    level: int = 1


def _decode(data: bytes, account: Account, *, at: _Place, strict: bool) -> WbxmlDocument:
    source = Source(data, account, base=at.offset, strict=strict)
    header = _header(source)
    language = language_of(header.public_id)
    if language is None and header.public_id != UNKNOWN_PUBLIC_ID:
        shown = header.public_id
        named = repr(shown) if isinstance(shown, str) else f"0x{shown:04X}"
        source.note(f"public identifier {named} is not known", at.offset)
    if header.charset != UTF_8:
        source.note(f"charset is {source.charset.name} ({header.charset}), not UTF-8", at.offset)

    def nested(content: bytes, offset: int, depth: int) -> WbxmlDocument | None:
        return _nested(content, source, at=_Place(offset=offset, depth=depth, level=at.level + 1))

    body = BodyReader(source, language, depth=at.depth, nested=nested)
    document = replace(body.read(header), raw=data)
    if source.left:
        source.note(f"{source.left} bytes stand behind the document", source.offset)
    return replace(document, problems=tuple(source.problems))


def _header(source: Source) -> WbxmlHeader:
    start = source.offset
    first = source.peek()
    if first is not None and first > LAST_VERSION:
        begin = source.take(min(source.left, 3), "the version")
        if begin.startswith(_XML_STARTS):
            raise WbxmlError("this is XML or text, not WBXML", offset=start)
        raise WbxmlError(f"version byte 0x{first:02X} is none of 00 to 03", offset=start)
    version = source.byte("the version")
    index_offset = source.offset
    public_id: int | str = source.number("the public identifier")
    index = None
    if public_id == 0:
        index_offset = source.offset
        index = source.number("the index of the public identifier")
    mib = UTF_8
    if version != FIRST_VERSION:
        offset = source.offset
        mib = source.number("the charset")
        source.charset = charset_of(mib, offset=offset)
    source.string_table()
    if index is not None:
        public_id = source.entry(index, index_offset)
    return WbxmlHeader(version=version, public_id=public_id, charset=mib, string_table=source.table)


def _language_at(data: bytes, account: Account) -> Language | None:
    try:
        header = _header(Source(data, account, base=0, strict=True))
    except WbxmlError:
        return None
    return language_of(header.public_id)


def _nested(content: bytes, outer: Source, *, at: _Place) -> WbxmlDocument | None:
    """The document that opaque data is, ``None`` when it is something else."""
    language = _language_at(content, outer.account)
    if language is None:
        return None
    if at.level > MAX_NESTED_DOCUMENTS:
        raise LimitExceeded(
            f"documents nested more than {MAX_NESTED_DOCUMENTS} deep", offset=at.offset
        )
    try:
        found = _decode(content, outer.account, at=at, strict=True)
    except LimitExceeded:
        raise
    except WbxmlError as error:
        outer.note(
            f"opaque data that begins like {language.name} is none: {error.message}",
            at.offset if error.offset is None else error.offset,
        )
        return None
    for problem in found.problems:
        outer.note(problem.message, problem.offset)
    return found
