"""The body of a WBXML document: tokens to elements, without recursion (WAP-192 section 5.8).

Code pages are a state of the token stream, one for tags and one for attributes; elements do not
scope them. Nested documents are handed to whoever can read them.
"""

from __future__ import annotations

from collections.abc import Callable

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml.bounds import MAX_ATTRIBUTES, LimitExceeded
from mdmcore.syncml.wbxml.growing import OpenElement, Parts
from mdmcore.syncml.wbxml.languages import ROOTS, Language
from mdmcore.syncml.wbxml.placeholders import attribute_placeholder, tag_placeholder
from mdmcore.syncml.wbxml.source import Source
from mdmcore.syncml.wbxml.tokens import (
    END,
    ENTITY,
    EXT_I,
    EXT_T,
    EXTENSIONS,
    FIRST_TAG,
    HAS_ATTRIBUTES,
    HAS_CONTENT,
    IDENTITY,
    LITERAL,
    OPAQUE,
    PI,
    STR_I,
    STR_T,
    SWITCH_PAGE,
)
from mdmcore.syncml.wbxml.tree import (
    Extension,
    Instruction,
    Opaque,
    Text,
    WbxmlAttribute,
    WbxmlDocument,
    WbxmlElement,
    WbxmlHeader,
)

type Nested = Callable[[bytes, int, int], WbxmlDocument | None]

_TEXTS = frozenset({ENTITY, STR_I, STR_T})
_VALUES = EXTENSIONS | _TEXTS | {OPAQUE}
_FIRST_VALUE = 0x85
"""Attribute values of a page begin here."""


class BodyReader:
    """Reads one body that stands ``depth`` elements deep in another.

    ``nested`` is given opaque data below Data, their offset, and the depth of Data.
    """

    def __init__(
        self, source: Source, language: Language | None, *, depth: int, nested: Nested
    ) -> None:
        self._source = source
        self._language = language
        self._depth = depth
        self._nested = nested
        self._page = 0
        self._attribute_page = 0

    def read(self, header: WbxmlHeader) -> WbxmlDocument:
        """The document with that header."""
        before = self._instructions()
        tree = self._tree()
        after = self._instructions() if self._source.peek() == PI else ()
        return WbxmlDocument(tree=tree, header=header, before=before, after=after)

    def _instructions(self) -> tuple[Instruction, ...]:
        found: list[Instruction] = []
        while self._source.peek() == PI:
            self._source.token()
            found.append(self._instruction())
        return tuple(found)

    def _tree(self) -> WbxmlElement:
        source = self._source
        offset, token = source.offset, source.token()
        while token == SWITCH_PAGE:
            self._page = source.byte("a code page")
            offset, token = source.offset, source.token()
        if token in _VALUES or token in (END, PI):
            raise WbxmlError(f"token 0x{token:02X} stands where the root must be", offset=offset)
        if self._language is None:
            self._language = self._language_of_root(token)
        root = self._tag(token, depth=self._depth + 1, offset=offset)
        stack = [root] if token & HAS_CONTENT else []
        while stack:
            self._content(stack)
        return root.close()

    def _content(self, stack: list[OpenElement]) -> None:
        """One token of the innermost open element."""
        source, parts = self._source, stack[-1].parts
        offset, token = source.offset, source.token()
        if token == END:
            done = stack.pop()
            if stack:
                stack[-1].parts.add(done.close())
        elif token == SWITCH_PAGE:
            self._page = source.byte("a code page")
        elif token in _TEXTS:
            parts.add_text(self._text(token), offset)
        elif token == OPAQUE:
            parts.add(self._opaque(stack, offset))
        elif token in EXTENSIONS:
            parts.add(self._extension(token, offset))
        elif token == PI:
            parts.add(self._instruction())
        else:
            depth = self._depth + len(stack) + 1
            opened = self._tag(token, depth=depth, offset=offset)
            if token & HAS_CONTENT:
                stack.append(opened)
            else:
                parts.add(opened.close())

    # --- elements -------------------------------------------------------------------------------

    def _tag(self, token: int, *, depth: int, offset: int) -> OpenElement:
        self._source.account.count_element(depth, offset)
        identity = token & IDENTITY
        page: int | None = self._page
        if identity == LITERAL:
            page, name = None, self._literal(offset)
        else:
            name = self._tag_name(identity, offset)
        attributes: tuple[WbxmlAttribute, ...] = ()
        if token & HAS_ATTRIBUTES:
            self._source.note(f"{name} has attributes, which SyncML does not use", offset)
            attributes = self._attributes()
        return OpenElement(name, page, attributes, offset)

    def _tag_name(self, token: int, offset: int) -> str:
        name = None if self._language is None else self._language.tag(self._page, token)
        if name is not None:
            return name
        known = self._language is not None and self._page in self._language.pages
        what = (
            f"token 0x{token:02X} of code page {self._page}"
            if known
            else (f"code page {self._page}, with token 0x{token:02X},")
        )
        self._source.note(f"{what} is not known", offset)
        return tag_placeholder(self._page, token)

    def _language_of_root(self, token: int) -> Language | None:
        identity = token & IDENTITY
        for language in ROOTS:
            if language.tag(self._page, identity) == language.root:
                return language
        return None

    def _literal(self, offset: int) -> str:
        return self._source.entry(self._source.number("the index of a name"), offset)

    # --- texts, opaque data, extensions ---------------------------------------------------------

    def _text(self, token: int) -> str:
        source = self._source
        if token == STR_I:
            return source.inline()
        if token == ENTITY:
            return source.character()
        offset = source.offset
        return source.entry(source.number("the index of a string"), offset)

    def _opaque(self, stack: list[OpenElement], offset: int) -> Opaque:
        data = self._source.opaque()
        document = None
        if (stack[-1].name, stack[-1].page) == ("Data", 0):
            start = self._source.offset - len(data)
            document = self._nested(data, start, self._depth + len(stack))
        return Opaque(data=data, document=document, offset=offset)

    def _extension(self, token: int, offset: int) -> Extension:
        value: str | int | None = None
        if token in EXT_I:
            value = self._source.inline()
        elif token in EXT_T:
            value = self._source.number("the number of an extension")
        self._source.note(f"extension token 0x{token:02X} has no meaning in SyncML", offset)
        return Extension(token=token, value=value, offset=offset)

    # --- attributes and processing instructions -------------------------------------------------

    def _instruction(self) -> Instruction:
        """Behind its PI token: one attribute and END."""
        source = self._source
        start = source.offset - 1
        offset, token = source.offset, source.token()
        while token == SWITCH_PAGE:
            self._attribute_page = source.byte("a code page")
            offset, token = source.offset, source.token()
        content, token = self._attribute(token, offset)
        if token != END:
            raise WbxmlError("a processing instruction has more than one name", offset=offset)
        source.note("a processing instruction has no meaning in SyncML", start)
        return Instruction(content=content, offset=start)

    def _attributes(self) -> tuple[WbxmlAttribute, ...]:
        found: list[WbxmlAttribute] = []
        source = self._source
        offset, token = source.offset, source.token()
        while token != END:
            if token == SWITCH_PAGE:
                self._attribute_page = source.byte("a code page")
                offset, token = source.offset, source.token()
                continue
            if len(found) == MAX_ATTRIBUTES:
                raise LimitExceeded(
                    f"an element of more than {MAX_ATTRIBUTES} attributes", offset=offset
                )
            attribute, token = self._attribute(token, offset)
            found.append(attribute)
            offset = source.offset - 1
        return tuple(found)

    def _attribute(self, token: int, offset: int) -> tuple[WbxmlAttribute, int]:
        """An attribute that starts with this token, and the token behind it."""
        source = self._source
        source.account.count_attribute(offset)
        page: int | None = self._attribute_page
        if token == LITERAL:
            page, name = None, self._attribute_literal(offset)
        elif token & IDENTITY >= FIRST_TAG and token < HAS_ATTRIBUTES:
            name = attribute_placeholder(self._attribute_page, token)
            source.note(f"attribute token 0x{token:02X} is not known", offset)
        else:
            raise WbxmlError(f"token 0x{token:02X} starts no attribute", offset=offset)
        parts = Parts()
        while True:
            at, token = source.offset, source.token()
            if token in _TEXTS:
                parts.add_text(self._text(token), at)
            elif token == OPAQUE:
                parts.add(Opaque(data=source.opaque(), offset=at))
            elif token in EXTENSIONS:
                parts.add(self._extension(token, at))
            elif token >= _FIRST_VALUE and token & IDENTITY >= FIRST_TAG:
                source.note(f"attribute value 0x{token:02X} is not known", at)
                parts.add(Extension(token=token, page=self._attribute_page, offset=at))
            elif token == SWITCH_PAGE:
                self._attribute_page = source.byte("a code page")
            else:
                break
        value = tuple(p for p in parts.all() if isinstance(p, Text | Opaque | Extension))
        return WbxmlAttribute(name=name, page=page, value=value, offset=offset), token

    def _attribute_literal(self, offset: int) -> str:
        source = self._source
        index = source.number("the index of a name")
        if index == 0 and not source.table:
            # Nokia phones write the namespace of the root so, without any string table.
            source.note("an attribute names entry 0 of an empty string table: xmlns", offset)
            return "xmlns"
        return source.entry(index, offset)
