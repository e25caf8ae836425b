"""A document to WBXML bytes (WAP-192; wbxml.md section 9).

Names and the public identifier go into the string table, texts stand inline; pages are switched
only where they change. What the tree says is written, right or wrong.
"""

from __future__ import annotations

from itertools import groupby

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml.bounds import (
    MAX_DEPTH,
    MAX_STRING_TABLE_BYTES,
    MAX_WBXML_BYTES,
    LimitExceeded,
)
from mdmcore.syncml.wbxml.charsets import UTF_8, Charset, charset_of
from mdmcore.syncml.wbxml.decoder import FIRST_VERSION, LAST_VERSION
from mdmcore.syncml.wbxml.languages import Language, language_by_root
from mdmcore.syncml.wbxml.placeholders import attribute_of_placeholder, tag_of_placeholder
from mdmcore.syncml.wbxml.tokens import (
    END,
    ENTITY,
    EXT_I,
    EXT_T,
    HAS_ATTRIBUTES,
    HAS_CONTENT,
    LITERAL,
    OPAQUE,
    PI,
    STR_I,
    SWITCH_PAGE,
    encode_mb_u32,
)
from mdmcore.syncml.wbxml.tree import (
    Content,
    Extension,
    Instruction,
    Opaque,
    Text,
    WbxmlAttribute,
    WbxmlDocument,
    WbxmlElement,
)


def encode_document(document: WbxmlDocument) -> bytes:
    """The document's bytes, its string table beginning with that of its header.

    Raises WbxmlError for a name without token on its page, and for what exceeds the bounds.
    """
    header, tree = document.header, document.tree
    if not 0 <= header.version <= LAST_VERSION:
        raise WbxmlError(f"there is no WBXML version 0x{header.version:02X}")
    if header.version == FIRST_VERSION and header.charset != UTF_8:
        raise WbxmlError("WBXML 1.0 cannot name a charset other than UTF-8")
    charset = charset_of(header.charset)
    table = _StringTable(header.string_table, charset)
    language = language_by_root(header.public_id, tree.name, tree.page)
    writer = _BodyWriter(language, charset, table, has_opaque=header.version != FIRST_VERSION)
    public_id = _public_id(header.public_id, table)
    for instruction in document.before:
        writer.content(instruction)
    writer.element(tree, depth=1)
    for instruction in document.after:
        writer.content(instruction)
    mib = encode_mb_u32(header.charset) if header.version != FIRST_VERSION else b""
    head = bytes([header.version]) + public_id + mib
    data = head + encode_mb_u32(len(table.data)) + bytes(table.data) + bytes(writer.data)
    if len(data) > MAX_WBXML_BYTES:
        raise LimitExceeded(f"document of {len(data)} bytes, more than {MAX_WBXML_BYTES}")
    return data


def _public_id(public_id: int | str, table: _StringTable) -> bytes:
    if isinstance(public_id, str):
        return b"\x00" + encode_mb_u32(table.index(public_id))
    if public_id < 1:
        raise WbxmlError(f"there is no public identifier {public_id}")
    return encode_mb_u32(public_id)


class _StringTable:
    """The string table; what is not in it is added at its end."""

    def __init__(self, data: bytes, charset: Charset) -> None:
        self.data = bytearray(data)
        self._charset = charset
        self._known: dict[str, int] = {}

    def index(self, text: str) -> int:
        """Where that entry begins."""
        if text not in self._known:
            self._known[text] = self._find(text)
        return self._known[text]

    def _find(self, text: str) -> int:
        end = self._charset.terminator
        try:
            entry = text.encode(self._charset.codec)
        except UnicodeEncodeError:
            raise WbxmlError(f"the name {text!r} has no {self._charset.name}") from None
        if "\x00" in text:
            raise WbxmlError("a name has a NUL in it")
        if entry and self.data.endswith(entry):
            index = len(self.data) - len(entry)
        else:
            index = self.data.find(entry + end)
        if index >= 0 and index % len(end) == 0:
            return index
        if self.data and not self.data.endswith(end):
            self.data += end
        index = len(self.data)
        self.data += entry + end
        if len(self.data) > MAX_STRING_TABLE_BYTES:
            raise WbxmlError(f"names fill more than {MAX_STRING_TABLE_BYTES} bytes")
        return index


class _BodyWriter:
    """Writes elements, keeping the two code pages in force."""

    def __init__(
        self,
        language: Language | None,
        charset: Charset,
        table: _StringTable,
        *,
        has_opaque: bool,
    ) -> None:
        self.data = bytearray()
        self._language = language
        self._charset = charset
        self._table = table
        self._has_opaque = has_opaque
        self._page = 0
        self._attribute_page = 0

    def element(self, element: WbxmlElement, *, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise WbxmlError(f"elements nested more than {MAX_DEPTH} deep")
        flags = HAS_ATTRIBUTES if element.attributes else 0
        flags |= HAS_CONTENT if element.content else 0
        if element.page is None:
            self.data.append(LITERAL | flags)
            self.data += encode_mb_u32(self._table.index(element.name))
        else:
            token = self._tag_token(element.page, element.name)
            if element.page != self._page:
                self.data += bytes([SWITCH_PAGE, element.page])
                self._page = element.page
            self.data.append(token | flags)
        if element.attributes:
            for attribute in element.attributes:
                self._attribute(attribute)
            self.data.append(END)
        if element.content:
            for part in element.content:
                if isinstance(part, WbxmlElement):
                    self.element(part, depth=depth + 1)
                else:
                    self.content(part)
            self.data.append(END)

    def content(self, part: Content) -> None:
        """Anything in an element that is none."""
        match part:
            case Text():
                self._text(part.text)
            case Opaque():
                self._opaque(part.data)
            case Extension():
                self._extension(part)
            case Instruction():
                self.data.append(PI)
                self._attribute(part.content)
                self.data.append(END)

    def _tag_token(self, page: int, name: str) -> int:
        token = None if self._language is None else self._language.token(page, name)
        if token is not None:
            return token
        unknown = tag_of_placeholder(name)
        if unknown is None or unknown[0] != page:
            raise WbxmlError(f"no token for element {name} on code page {page}")
        return unknown[1]

    def _attribute(self, attribute: WbxmlAttribute) -> None:
        if attribute.page is None:
            self.data.append(LITERAL)
            self.data += encode_mb_u32(self._table.index(attribute.name))
        else:
            unknown = attribute_of_placeholder(attribute.name)
            if unknown is None or unknown[0] != attribute.page:
                raise WbxmlError(f"no token for attribute {attribute.name}")
            self._switch_attributes(attribute.page)
            self.data.append(unknown[1])
        for part in attribute.value:
            self.content(part)

    def _switch_attributes(self, page: int) -> None:
        if page != self._attribute_page:
            self.data += bytes([SWITCH_PAGE, page])
            self._attribute_page = page

    def _extension(self, extension: Extension) -> None:
        if extension.page is not None:
            self._switch_attributes(extension.page)
        self.data.append(extension.token)
        if extension.token in EXT_I:
            self._string(str(extension.value or ""))
        elif extension.token in EXT_T:
            self.data += encode_mb_u32(int(extension.value or 0))

    def _opaque(self, data: bytes) -> None:
        if not self._has_opaque:
            raise WbxmlError("WBXML 1.0 has no opaque data")
        self.data.append(OPAQUE)
        self.data += encode_mb_u32(len(data)) + data

    def _text(self, text: str) -> None:
        """Inline; with entities for what the charset lacks, opaque if there is a NUL in it."""
        if "\x00" in text:
            self._opaque(text.encode("utf-8"))
            return
        if self._has(text):
            self._inline(text)
            return
        for is_there, characters in groupby(text, self._has):
            if is_there:
                self._inline("".join(characters))
                continue
            for character in characters:
                if "\ud800" <= character <= "\udfff":
                    raise WbxmlError("a lone surrogate is no character")
                self.data.append(ENTITY)
                self.data += encode_mb_u32(ord(character))

    def _inline(self, text: str) -> None:
        if text:
            self.data.append(STR_I)
            self._string(text)

    def _has(self, text: str) -> bool:
        """Whether the charset has all of these characters."""
        try:
            text.encode(self._charset.codec)
        except UnicodeEncodeError:
            return False
        return True

    def _string(self, text: str) -> None:
        if not self._has(text) or "\x00" in text:
            raise WbxmlError(f"the text of an extension is not {self._charset.name}")
        self.data += text.encode(self._charset.codec) + self._charset.terminator
