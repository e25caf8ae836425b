"""XML documents that stand in a text one after the other, with whatever lines between them.

Cuts out each element of the wanted names, from its begin to its end; one that never ends is cut
where the next one begins, or the text ends. What is in a document is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from mdmcore.capture.source import Reading
from mdmcore.capture.text_lines import text_lines

MAX_DOCUMENT = 64 * 1024 * 1024
"""A document of more characters is passed over."""

MAX_BETWEEN = 400
"""Lines before a document that are kept."""


@dataclass(slots=True, kw_only=True)
class Block:
    """A document: ``between`` are the lines before it; ``line`` is that of its begin."""

    name: str
    closing: str
    line: int
    between: tuple[str, ...]
    parts: list[str] = field(default_factory=list)
    size: int = 0
    is_cut: bool = False

    @property
    def text(self) -> str:
        """The document."""
        return "".join(self.parts).strip()

    @property
    def body(self) -> bytes:
        """The document in UTF-8."""
        return self.text.encode("utf-8", "replace")


def opening(names: tuple[str, ...]) -> re.Pattern[str]:
    """How a document of one of these names begins, with its declaration in the same line."""
    name = "|".join(names)
    return re.compile(
        rf"(?:<\?xml[^>]{{0,200}}\?>\s*)?<([A-Za-z_][\w.-]{{0,40}}:)?({name})(?=[\s>])"
    )


def blocks(
    file: BinaryIO, reading: Reading, names: tuple[str, ...]
) -> Iterator[Block | tuple[str, ...]]:
    """The documents that can be used, and the lines behind the last one. One that is cut, or too
    long, is a problem with its line."""
    begin = opening(names)
    block: Block | None = None
    between: list[str] = []
    for number, line in text_lines(file, reading):
        rest = line
        while rest.strip():
            if block is not None and block.parts and begin.match(rest.lstrip()):
                block.is_cut = True
                yield from _usable(block, reading)
                block = None
            if block is None:
                found = begin.search(rest)
                if found is None:
                    between = [*between[-MAX_BETWEEN:], rest.rstrip()]
                    break
                between.append(rest[: found.start()].rstrip())
                block = _begun(found, number, between)
                between = []
                rest = rest[found.start() :]
            rest, is_whole = _taken(block, rest)
            if is_whole:
                yield from _usable(block, reading)
                block = None
        else:
            if block is not None and rest:
                block.parts.append(rest)
    if block is not None:
        block.is_cut = True
        yield from _usable(block, reading)
    yield tuple(between)


def _begun(found: re.Match[str], number: int, between: list[str]) -> Block:
    return Block(
        name=found[2],
        closing=f"</{found[1] or ''}{found[2]}>",
        line=number,
        between=tuple(between),
    )


def _taken(block: Block, text: str) -> tuple[str, bool]:
    """Add what belongs to the document; what stands behind it, and whether it has ended."""
    end = text.find(block.closing)
    is_whole = end >= 0
    end = end + len(block.closing) if is_whole else len(text)
    block.size += end
    if block.size <= MAX_DOCUMENT:
        block.parts.append(text[:end])
    return text[end:], is_whole


def _usable(block: Block, reading: Reading) -> Iterator[Block]:
    where = f"line {block.line}"
    if block.size > MAX_DOCUMENT:
        reading.problem(where, f"a document of more than {MAX_DOCUMENT} characters is passed over")
        return
    if block.is_cut:
        reading.problem(where, f"the text ends inside this {block.name}")
    yield block
