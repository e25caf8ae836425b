"""Plain text for terminals: one line, measured in cells, wrapped, with colour only when asked.

What devices and servers sent must not steer a terminal, so everything unprintable is shown as an
escape. East Asian wide characters take two cells, combining ones none.
"""

from __future__ import annotations

import unicodedata
from typing import TextIO

from mdmcore.inspector.shown import shown

DEFAULT_WIDTH = 120
"""Cells of a line where nobody says how wide the terminal is."""

MIN_WIDTH = 60
"""Narrower reports are not made."""

MAX_TEXT = 2000
"""Characters of one text that are shown at most."""

_STYLES = {"error": "31;1", "warning": "33", "info": "36", "title": "1", "dim": "2"}


def cells(text: str) -> int:
    """How many terminal cells the text takes."""
    return len(text) if text.isascii() else sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def plain(text: str) -> str:
    """The text in one line without anything that a terminal would obey."""
    return shown(text, MAX_TEXT)


def cut(text: str, width: int) -> str:
    """At most ``width`` cells of the text; what is cut ends in ``...``."""
    if cells(text) <= width:
        return text
    mark = "..."[: max(width, 0)]
    return _head(text, width - len(mark)) + mark


def pad(text: str, width: int) -> str:
    """The text, cut or filled with blanks to exactly ``width`` cells."""
    text = cut(text, width)
    return text + " " * (width - cells(text))


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` cells, broken at blanks, long words in pieces."""
    width = max(width, 2)
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if cells(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        while cells(word) > width:
            head = _head(word, width)
            lines.append(head)
            word = word[len(head) :]
        line = word
    return [*lines, line] if line else lines


def _head(text: str, width: int) -> str:
    used = 0
    for number, character in enumerate(text):
        used += _cell(character)
        if used > width:
            return text[:number]
    return text


def _broken(text: str, width: int) -> str:
    """What fits into the width, up to a blank if one is near its end."""
    head = _head(text, width)
    blank = head.rfind(" ", len(head) // 2)
    return head[: blank + 1] if blank > 0 and len(head) < len(text) else head


class LineWriter:
    """Writes lines to a text file; characters that it cannot encode are escaped."""

    def __init__(self, out: TextIO, *, width: int, colour: bool) -> None:
        self._out = out
        self.width = max(width, MIN_WIDTH)
        self._colour = colour

    def styled(self, text: str, style: str) -> str:
        """The text in a style (a severity, ``title``, ``dim``), plain when no colour is wanted."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._colour and text else text

    def line(self, text: str = "") -> None:
        """Write one line."""
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        safe = text.encode(encoding, "backslashreplace").decode(encoding)
        self._out.write(f"{safe.rstrip()}\n")

    def wrapped(self, text: str, *, indent: int = 0, style: str | None = None) -> None:
        """Write the text in as many lines as it needs."""
        for piece in wrap(plain(text), self.width - indent):
            self.line(" " * indent + (self.styled(piece, style) if style else piece))

    def literal(self, text: str, *, indent: int = 0) -> None:
        """Write lines as they are laid out; what does not fit goes on below, two cells deeper."""
        for line in text.splitlines():
            depth = indent + len(line) - len(line.lstrip(" "))
            start = " " * min(depth, self.width // 2)
            rest = plain(line.strip())
            head = _broken(rest, self.width - len(start))
            self.line(start + head)
            while rest := rest[len(head) :]:
                head = _broken(rest, self.width - len(start) - 2)
                self.line(f"{start}  {head}")

    def labelled(self, label: str, text: str, *, indent: int = 2, label_width: int = 9) -> None:
        """Write ``label`` and the text behind it, wrapped under itself."""
        start = indent + label_width
        for number, piece in enumerate(wrap(plain(text), self.width - start) or [""]):
            head = f"{'':{indent}}{label:<{label_width}}" if number == 0 else " " * start
            self.line(head + piece)
