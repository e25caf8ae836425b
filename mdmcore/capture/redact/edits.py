"""Changes in a text at places, and texts in which characters are escaped.

A change names the characters that it takes away. What stands around it keeps its bytes, however
oddly they were written.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from mdmcore.capture.redact.kinds import ValueKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """``new`` takes the place of the characters from ``start`` to before ``end``."""

    start: int
    end: int
    new: str
    kind: ValueKind

    def moved(self, by: int) -> Edit:
        """The same further on."""
        return Edit(start=self.start + by, end=self.end + by, new=self.new, kind=self.kind)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with these changes, which do not overlap."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda one: one.start):
        parts += (text[at : edit.start], edit.new)
        at = edit.end
    return "".join((*parts, text[at:]))


class Gathered:
    """Gathers changes of one text; one that overlaps an earlier is left out."""

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self._taken: list[tuple[int, int]] = []

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing there is changed yet."""
        at = bisect_left(self._taken, (end, end))
        return at == 0 or self._taken[at - 1][1] <= start

    def add(self, start: int, end: int, new: str, kind: ValueKind) -> None:
        """One more, if it still can be."""
        if start < end and self.is_free(start, end):
            self.edits.append(Edit(start=start, end=end, new=new, kind=kind))
            insort(self._taken, (start, end))

    def hold(self, start: int, end: int) -> None:
        """Let the characters stand as they are, where they are not changed yet."""
        for gap in list(self.gaps(start, end)):
            insort(self._taken, gap)

    def gaps(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What is free between two places."""
        for first, last in self._taken:
            if last <= start:
                continue
            if first >= end:
                break
            if first > start:
                yield start, first
            start = max(start, last)
        if start < end:
            yield start, end


@dataclass(frozen=True, slots=True, kw_only=True)
class Escaping:
    """How characters are escaped: what an escape looks like, what it and a text stand for."""

    pattern: re.Pattern[str]
    decode: Callable[[str], str]
    encode: Callable[[str], str]


def _decode_reference(text: str) -> str:
    return html.unescape(text)


def _encode_xml(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


def _decode_percents(text: str) -> str:
    return bytes.fromhex(text.replace("%", "")).decode("utf-8", "surrogateescape")


def _encode_percents(text: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe="-_.~")


def _decode_json(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _encode_json(text: str) -> str:
    return json.dumps(text)[1:-1]


XML_TEXT = Escaping(
    pattern=re.compile(r"&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"),
    decode=_decode_reference,
    encode=_encode_xml,
)
PERCENT = Escaping(
    pattern=re.compile(r"(?:%[0-9A-Fa-f]{2})+"), decode=_decode_percents, encode=_encode_percents
)
JSON_TEXT = Escaping(
    pattern=re.compile(r'\\(?:u[0-9A-Fa-f]{4}|["\\/bfnrt])'),
    decode=_decode_json,
    encode=_encode_json,
)


class EscapedText:
    """A text with escapes: ``plain`` is what it says; ``with_edits`` changes that."""

    def __init__(self, raw: str, escaping: Escaping) -> None:
        self._raw = raw
        self._escaping = escaping
        self._pieces = _pieces(raw, escaping)
        self.plain = "".join(plain for plain, _ in self._pieces)

    def with_edits(self, edits: Sequence[Edit]) -> str:
        """The raw text with these changes of what it says."""
        if not edits:
            return self._raw
        if len(self._pieces) <= 1 and self.plain == self._raw:
            encode = self._escaping.encode
            changed = (
                Edit(start=one.start, end=one.end, new=encode(one.new), kind=one.kind)
                for one in edits
            )
            return apply_edits(self._raw, changed)
        raw_of = self._by_character()
        parts: list[str] = []
        at = 0
        for edit in sorted(edits, key=lambda one: one.start):
            parts += raw_of[at : edit.start]
            parts.append(self._replaced(edit, raw_of))
            at = edit.end
        return "".join((*parts, *raw_of[at:]))

    def _replaced(self, edit: Edit, raw_of: list[str]) -> str:
        """What is the same at the same place stays as it was written."""
        before = self.plain[edit.start : edit.end]
        if len(before) != len(edit.new):
            return self._escaping.encode(edit.new)
        return "".join(
            raw_of[edit.start + number] if old == new else self._escaping.encode(new)
            for number, (old, new) in enumerate(zip(before, edit.new, strict=True))
        )

    def _by_character(self) -> list[str]:
        result: list[str] = []
        for plain, raw in self._pieces:
            if plain == raw:
                result += plain
            elif plain:
                width = len(raw) // len(plain)
                if width * len(plain) == len(raw) and self._escaping is PERCENT:
                    result += (raw[at : at + width] for at in range(0, len(raw), width))
                else:
                    result += (raw, *("" for _ in plain[1:]))
        return result


def _pieces(raw: str, escaping: Escaping) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    at = 0
    for found in escaping.pattern.finditer(raw):
        if found.start() > at:
            pieces.append((raw[at : found.start()],) * 2)
        pieces.append((escaping.decode(found[0]), found[0]))
        at = found.end()
    if at < len(raw):
        pieces.append((raw[at:],) * 2)
    return pieces
