"""WBXML as it is written: strings and opaque data are changed where they stand, tokens stay.

A string of the string table is changed in the table where its length stays, else it becomes an
inline string in its place. Documents in opaque data are changed likewise.
"""

from __future__ import annotations

from mdmcore.capture.redact.edits import apply_edits
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.place import Place
from mdmcore.capture.redact.run import Run
from mdmcore.syncml.wbxml import charset_of, looks_like_wbxml
from mdmcore.syncml.wbxml.bounds import Account
from mdmcore.syncml.wbxml.languages import ROOTS, Language, language_of
from mdmcore.syncml.wbxml.source import Source
from mdmcore.syncml.wbxml.tokens import (
    END,
    ENTITY,
    EXT_I,
    EXT_T,
    EXTENSIONS,
    HAS_ATTRIBUTES,
    HAS_CONTENT,
    IDENTITY,
    LITERAL,
    OPAQUE,
    PI,
    STR_I,
    STR_T,
    SWITCH_PAGE,
    encode_mb_u32,
)

_DIGEST_BYTES = 16
_FILL = b"x"


def rewritten(run: Run, data: bytes) -> bytes:
    """The document; raises WbxmlError where it cannot be read."""
    return _Document(run, data).rewritten()


class _Document:
    def __init__(self, run: Run, data: bytes) -> None:
        self._run = run
        self._data = data
        self._source = Source(data, Account(), base=0, strict=False)
        self._place = Place()
        self._out: list[bytes] = []
        self._copied = 0
        self._page = 0
        self._language: Language | None = None
        self._table = bytearray()
        self._kept: set[int] = set()
        self._blanked: dict[int, int] = {}

    def rewritten(self) -> bytes:
        """Header, table and body, one behind the other."""
        table_at = self._header()
        self._table = bytearray(self._source.table)
        self._body()
        self._copy(len(self._data))
        for index, length in self._blanked.items():
            if index not in self._kept:
                self._table[index : index + length] = _FILL * length
        body = b"".join(self._out)
        return self._data[:table_at] + bytes(self._table) + body

    def _header(self) -> int:
        """Read it; where the string table begins."""
        source = self._source
        version = source.byte("the version")
        public_id: int | str = source.number("the public identifier")
        index = source.number("the index of the public identifier") if public_id == 0 else None
        if version:
            offset = source.offset
            mib = source.number("the charset")
            source.charset = charset_of(mib, offset=offset)
        source.string_table()
        if index is not None:
            public_id = source.entry(index, source.offset)
            self._kept.add(index)
        self._language = language_of(public_id)
        self._copied = source.offset
        return source.table_base

    def _copy(self, end: int) -> None:
        """What was read up to there stands as it is."""
        self._out.append(self._data[self._copied : end])
        self._copied = end

    def _instead(self, start: int, new: bytes) -> None:
        """The bytes in the place of those from there to where reading stands."""
        self._copy(start)
        self._out.append(new)
        self._copied = self._source.offset

    # --- tokens ---------------------------------------------------------------------------------

    def _body(self) -> None:
        source = self._source
        opened: list[str] = []
        while source.left and (opened or not self._has_root):
            start, token = source.offset, source.token()
            if token == SWITCH_PAGE:
                self._page = source.byte("a code page")
            elif token == END:
                if opened:
                    self._place.leave(opened.pop())
            elif token in (STR_I, STR_T, OPAQUE):
                self._value(token, start)
            elif token == ENTITY:
                source.character()
            elif token in EXTENSIONS:
                self._extension(token, start)
            elif token == PI:
                self._attributes()
            else:
                self._tag(token, opened)

    _has_root = False

    def _tag(self, token: int, opened: list[str]) -> None:
        identity = token & IDENTITY
        if identity == LITERAL:
            index = self._source.number("the index of a name")
            self._kept.add(index)
            name = self._source.entry(index, self._source.offset)
        else:
            name = self._name(identity)
        self._has_root = True
        self._place.enter(name.lower())
        if token & HAS_ATTRIBUTES:
            self._attributes()
        if token & HAS_CONTENT:
            opened.append(name.lower())
        else:
            self._place.leave(name.lower())

    def _name(self, identity: int) -> str:
        if self._language is None:
            self._language = next(
                (one for one in ROOTS if one.tag(self._page, identity) == one.root), None
            )
        found = None if self._language is None else self._language.tag(self._page, identity)
        return found or f"unknown-{self._page}-{identity}"

    def _attributes(self) -> None:
        """Attributes up to their END: SyncML has none but namespaces."""
        source = self._source
        while True:
            start, token = source.offset, source.token()
            if token == END:
                return
            if token == SWITCH_PAGE:
                source.byte("a code page")
            elif token == LITERAL:
                self._kept.add(source.number("the index of a name"))
            elif token in (STR_I, STR_T, OPAQUE):
                self._value(token, start)
            elif token == ENTITY:
                source.character()
            elif token in EXTENSIONS:
                self._extension(token, start)

    def _extension(self, token: int, start: int) -> None:
        if token in EXT_I:
            self._inline(start, self._source.inline())
        elif token in EXT_T:
            self._source.number("the number of an extension")

    # --- values ---------------------------------------------------------------------------------

    def _value(self, token: int, start: int) -> None:
        source = self._source
        if token == STR_I:
            self._inline(start, source.inline())
        elif token == STR_T:
            self._entry(start)
        else:
            data = source.opaque()
            new = self._opaque(data)
            if new != data:
                self._instead(start, bytes((OPAQUE,)) + encode_mb_u32(len(new)) + new)

    def _text(self, text: str) -> str:
        edits = self._run.leaf(self._place.leaf(), text)
        self._place.saw_text(text)
        return apply_edits(text, edits)

    def _inline(self, start: int, text: str) -> None:
        new = self._text(text)
        if new != text:
            first = self._data[start : start + 1]
            self._instead(start, first + self._encoded(new) + self._source.charset.terminator)

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._source.charset.codec, "replace")

    def _entry(self, start: int) -> None:
        source = self._source
        index = source.number("the index of a string")
        text = source.entry(index, start)
        new = self._text(text)
        if new == text:
            self._kept.add(index)
            return
        encoded, before = self._encoded(new), self._encoded(text)
        self._blanked[index] = len(before)
        self._instead(start, bytes((STR_I,)) + encoded + source.charset.terminator)

    def _opaque(self, data: bytes) -> bytes:
        """Raw nonces and digests, documents, text; anything else as what base64 of it would be."""
        run, leaf = self._run, self._place.leaf()
        if looks_like_wbxml(data):
            return rewritten(run, data)
        if leaf.element == "nextnonce" and not _is_text(data):
            if run.is_learning:
                return data
            run.tally.count(ValueKind.NONCE)
            return run.pseudonyms.nonce(data)
        if leaf.is_cred and len(data) == _DIGEST_BYTES:
            return run.digest(data)
        if _is_text(data):
            return self._text(data.decode("utf-8")).encode("utf-8")
        if leaf.kind() is not None and not run.is_learning:
            run.tally.count(ValueKind.TOKEN)
            return run.octets(data) or run.pseudonyms.octets(ValueKind.TOKEN, data)
        new = run.octets(data)
        return data if new is None else new


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(one.isprintable() or one in "\t\r\n" for one in text)
