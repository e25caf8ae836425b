"""The entries of a HAR one by one, out of a text that is never held whole.

JSON is decoded by the standard library, value by value: only one entry stands in memory. Lone
surrogates, which some programs write for bytes that are no text, stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Protocol

from mdmcore.errors import ParseError

_STEP = 64 * 1024
_BLANKS = " \t\r\n\ufeff"
_CLOSED = '"}]'


class TextSource(Protocol):
    """A text that is read in pieces."""

    def read(self, size: int, /) -> str:
        """The next characters, empty at the end."""
        ...


class JsonStream:
    """A window on JSON text. ``limit`` is how many characters a value may have."""

    def __init__(self, text: TextSource, *, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._buffer = ""
        self._at = 0
        self._before = 0
        self._is_over = False
        self._decoder = json.JSONDecoder(strict=False)

    @property
    def offset(self) -> int:
        """Where reading stands, in characters from 0."""
        return self._before + self._at

    def peek(self) -> str:
        """The next character that is no blank, empty at the end."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in _BLANKS:
                    return self._buffer[self._at]
                self._at += 1
            if not self._more(_STEP):
                return ""

    def take(self, wanted: str) -> None:
        """Pass over one character. Raises ParseError where another stands."""
        found = self.peek()
        if found != wanted:
            shown = repr(found) if found else "the end"
            raise ParseError(f"{wanted!r} should stand where {shown} is", offset=self.offset)
        self._at += 1

    def value(self) -> Any:
        """The next value, whole. Raises ParseError where it is damaged, cut or too long."""
        self.peek()
        self._forget()
        step = _STEP
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, 0)
            except (json.JSONDecodeError, RecursionError) as error:
                problem: Exception | None = error
            else:
                problem = None
                # A number or a word may go on behind what has been read.
                if self._is_over or end < len(self._buffer) or self._buffer[end - 1] in _CLOSED:
                    self._at = end
                    return value
            if len(self._buffer) > self._limit:
                raise ParseError(f"a value is longer than {self._limit}", offset=self._before)
            if not self._more(step) and problem is not None:
                raise self._damage(problem)
            step = min(step * 2, 16 * 1024 * 1024)

    def _damage(self, error: Exception) -> ParseError:
        if isinstance(error, json.JSONDecodeError):
            return ParseError(f"damaged JSON: {error.msg}", offset=self._before + error.pos)
        return ParseError("JSON that is nested too deeply", offset=self._before)

    def _more(self, size: int) -> bool:
        block = "" if self._is_over else self._text.read(size)
        self._is_over = not block
        self._buffer += block
        return bool(block)

    def _forget(self) -> None:
        self._before += self._at
        self._buffer = self._buffer[self._at :]
        self._at = 0


def members(stream: JsonStream) -> Iterator[str]:
    """The keys of the object that begins here; the value of each is to be taken before the next.

    Raises ParseError.
    """
    stream.take("{")
    while stream.peek() != "}":
        key = stream.value()
        if not isinstance(key, str):
            raise ParseError("a key that is no text", offset=stream.offset)
        stream.take(":")
        yield key
        if stream.peek() != ",":
            break
        stream.take(",")
    stream.take("}")


def elements(stream: JsonStream) -> Iterator[Any]:
    """The values of the array that begins here. Raises ParseError."""
    stream.take("[")
    while stream.peek() != "]":
        yield stream.value()
        if stream.peek() != ",":
            break
        stream.take(",")
    stream.take("]")
