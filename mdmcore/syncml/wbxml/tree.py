"""A WBXML document as values: header, element tree, and what was noticed on reading.

The tree keeps all that has a meaning in WBXML, also where XML has no word for it. What is not
kept: whether a text stood inline or in the string table, and whether an empty element said that
it has content. Offsets are bytes from the document's start and do not make trees differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mdmcore.syncml.wbxml.charsets import UTF_8, charset_of
from mdmcore.syncml.wbxml.languages import SYNCML


@dataclass(frozen=True, slots=True, kw_only=True)
class WbxmlHeader:
    """What stands before the body.

    ``version`` is the byte (3 for 1.3), ``public_id`` the number, or the formal text where the
    string table holds it; ``charset`` a MIBenum. ``string_table`` is what the table begins with.
    """

    version: int = 3
    public_id: int | str = SYNCML.number or 0
    charset: int = UTF_8
    string_table: bytes = b""

    @property
    def version_text(self) -> str:
        """As people write it, ``1.3``."""
        return f"{(self.version >> 4) + 1}.{self.version & 0x0F}"

    def for_answer(self) -> WbxmlHeader:
        """The header with which to answer: the same but for strings of the message itself."""
        if not isinstance(self.public_id, str):
            return replace(self, string_table=b"")
        # The identifier stays as it was written there, with or without a NUL behind it.
        charset = charset_of(self.charset)
        text = self.public_id.encode(charset.codec, "replace")
        _, found, behind = self.string_table.partition(text)
        ends = charset.terminator if behind.startswith(charset.terminator) else b""
        return replace(self, string_table=found + ends if found else b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class WbxmlProblem:
    """Something odd that did not keep the document from being read."""

    message: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text, from one string, entity or table entry, or several in a row."""

    text: str
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque:
    """Raw bytes; ``document`` is what they decode to when they are a WBXML document."""

    data: bytes
    document: WbxmlDocument | None = field(default=None, compare=False)
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A token EXT_I_n (with a text), EXT_T_n (with a number) or EXT_n; SyncML gives none a meaning.

    In attribute values also a value token of ``page`` (0x85 and above), which SyncML has not.
    """

    token: int
    value: str | int | None = None
    page: int | None = None
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WbxmlAttribute:
    """An attribute: its name, or the placeholder of its token on ``page``; ``None``: LITERAL."""

    name: str
    page: int | None = None
    value: tuple[Text | Opaque | Extension, ...] = ()
    offset: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """The texts of its value."""
        return "".join(part.text for part in self.value if isinstance(part, Text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """A processing instruction, which has the form of an attribute."""

    content: WbxmlAttribute
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WbxmlElement:
    """An element: the name of its token on ``page``, a placeholder for a token that is not known
    (see ``placeholders``), or the name of a LITERAL, whose page is ``None``."""

    name: str
    page: int | None = None
    attributes: tuple[WbxmlAttribute, ...] = ()
    content: tuple[Content, ...] = ()
    offset: int = field(default=0, compare=False)

    @property
    def elements(self) -> tuple[WbxmlElement, ...]:
        """The elements in it."""
        return tuple(part for part in self.content if isinstance(part, WbxmlElement))

    def child(self, name: str) -> WbxmlElement | None:
        """The first element of that name in it."""
        for part in self.content:
            if isinstance(part, WbxmlElement) and part.name == name:
                return part
        return None

    @property
    def text(self) -> str:
        """The texts that stand in it directly."""
        return "".join(part.text for part in self.content if isinstance(part, Text))


type Content = WbxmlElement | Text | Opaque | Extension | Instruction


@dataclass(frozen=True, slots=True, kw_only=True)
class WbxmlDocument:
    """A document: header, root element, and processing instructions before and after it.

    ``problems`` (at most a hundred) and ``raw``, the bytes read, are of a document that was read.
    """

    tree: WbxmlElement
    header: WbxmlHeader = WbxmlHeader()
    before: tuple[Instruction, ...] = ()
    after: tuple[Instruction, ...] = ()
    problems: tuple[WbxmlProblem, ...] = field(default=(), compare=False)
    raw: bytes = field(default=b"", compare=False, repr=False)

    @property
    def version(self) -> int:
        """The version byte: 0 for WBXML 1.0 up to 3 for 1.3."""
        return self.header.version

    @property
    def public_id(self) -> int | str:
        """The public identifier as the header gives it, number or formal text."""
        return self.header.public_id

    @property
    def charset(self) -> int:
        """The MIBenum of the character set."""
        return self.header.charset

    @property
    def string_table(self) -> bytes:
        """The string table."""
        return self.header.string_table
