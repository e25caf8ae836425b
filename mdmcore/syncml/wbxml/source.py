"""The bytes of one document, read forward: numbers, strings, entries of the string table.

Everything is held against the end of the data and the bounds before it is taken. What the values
mean is decided in ``decoder``.
"""

from __future__ import annotations

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml.bounds import (
    MAX_NOTED,
    MAX_OPAQUE_BYTES,
    MAX_STRING_TABLE_BYTES,
    Account,
    LimitExceeded,
    bounded,
)
from mdmcore.syncml.wbxml.charsets import UTF_8, charset_of
from mdmcore.syncml.wbxml.tokens import MAX_MB_BYTES, MAX_U32
from mdmcore.syncml.wbxml.tree import WbxmlProblem

_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


class Source:
    """One document's data. ``base`` is its offset in the outermost one.

    A lenient reading notes text that is not in the character set; a strict one refuses it.
    """

    def __init__(self, data: bytes, account: Account, *, base: int, strict: bool) -> None:
        self.account = account
        self.strict = strict
        self.charset = charset_of(UTF_8)
        self.table = b""
        self.table_base = 0
        self.problems: list[WbxmlProblem] = []
        self._data = data
        self._base = base
        self._position = 0
        self._entries: dict[int, str] = {}

    @property
    def offset(self) -> int:
        """Where reading stands, counted in the outermost document."""
        return self._base + self._position

    @property
    def left(self) -> int:
        """How many bytes have not been read."""
        return len(self._data) - self._position

    def note(self, message: str, offset: int) -> None:
        """Remember something odd."""
        if len(self.problems) < MAX_NOTED:
            self.problems.append(WbxmlProblem(message=bounded(message), offset=offset))

    def byte(self, what: str) -> int:
        """The next byte; ``what`` names it for the error at the end of the data."""
        if self._position >= len(self._data):
            raise self._ended(what)
        value = self._data[self._position]
        self._position += 1
        return value

    def token(self) -> int:
        """The next token, which counts."""
        self.account.count_token(self.offset)
        return self.byte("a token")

    def peek(self) -> int | None:
        """The next byte, ``None`` at the end."""
        return self._data[self._position] if self.left else None

    def number(self, what: str) -> int:
        """A mb_u32."""
        start, value = self.offset, 0
        for _ in range(MAX_MB_BYTES):
            group = self.byte(what)
            value = value << 7 | group & 0x7F
            if group < 0x80:
                if value > MAX_U32:
                    raise WbxmlError(f"{what} has more than 32 bits", offset=start)
                return value
        raise WbxmlError(f"{what} has more than {MAX_MB_BYTES} bytes", offset=start)

    def take(self, length: int, what: str) -> bytes:
        """That many bytes."""
        if length > self.left:
            message = f"unexpected end: {what} of {length} bytes, {self.left} are left"
            raise WbxmlError(message, offset=self._base + len(self._data))
        start = self._position
        self._position += length
        return self._data[start : self._position]

    def opaque(self) -> bytes:
        """Length and bytes of an opaque value."""
        start = self.offset
        length = self.number("the length of opaque data")
        if length > MAX_OPAQUE_BYTES:
            raise LimitExceeded(
                f"opaque data of {length} bytes, more than {MAX_OPAQUE_BYTES} are not read",
                offset=start,
            )
        return self.take(length, "opaque data")

    def string_table(self) -> None:
        """Length and bytes of the string table, from which the entries are then taken."""
        start = self.offset
        length = self.number("the length of the string table")
        if length > MAX_STRING_TABLE_BYTES:
            raise LimitExceeded(
                f"string table of {length} bytes, more than {MAX_STRING_TABLE_BYTES} are not read",
                offset=start,
            )
        self.table_base = self.offset
        self.table = self.take(length, "the string table")

    def inline(self) -> str:
        """A string up to its NUL, which must be there."""
        start = self._position
        end = _end_of(self._data, start, self.charset.width)
        if end is None:
            self._position = len(self._data)
            raise self._ended("the NUL behind a string")
        self._position = end + self.charset.width
        return self._text(self._data[start:end], self._base + start)

    def entry(self, index: int, offset: int) -> str:
        """The entry of the string table at that index; the last one may lack its NUL."""
        if index >= len(self.table):
            raise WbxmlError(
                f"index {index} is beyond the string table of {len(self.table)} bytes",
                offset=offset,
            )
        if index not in self._entries:
            end = _end_of(self.table, index, self.charset.width)
            raw = self.table[index : len(self.table) if end is None else end]
            # Counted at each use, too: a table of a megabyte has a million long entries.
            self._entries[index] = self._text(raw, self.table_base + index)
        text = self._entries[index]
        self.account.count_text(text, offset)
        return text

    def character(self) -> str:
        """The character of an entity."""
        start = self.offset
        code = self.number("a character code")
        if code > _LAST_CHARACTER or code in _SURROGATES:
            raise WbxmlError(f"there is no character {code}", offset=start)
        return chr(code)

    def _text(self, raw: bytes, offset: int) -> str:
        try:
            text = raw.decode(self.charset.codec)
        except UnicodeDecodeError as error:
            message = f"text is not {self.charset.name}: {error.reason}"
            if self.strict:
                raise WbxmlError(message, offset=offset + error.start) from None
            self.note(message, offset + error.start)
            text = raw.decode(self.charset.codec, "replace")
        self.account.count_text(text, offset)
        return text

    def _ended(self, what: str) -> WbxmlError:
        return WbxmlError(f"unexpected end: {what} is missing", offset=self._base + len(self._data))


def _end_of(data: bytes, start: int, width: int) -> int | None:
    """Where the string that begins there ends: its NUL, of one byte or of two."""
    found = data.find(bytes(width), start)
    while found >= 0 and (found - start) % width:
        found = data.find(bytes(width), found + 1)
    return found if found >= 0 else None
