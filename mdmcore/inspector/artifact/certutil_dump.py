"""What ``certutil -asn`` prints, turned back into bytes (reader comments 1 and 3 of the blog).

A line has an offset (or none), bars of the tree, at most 16 bytes in hex, and behind ``;`` what
they mean. Only the bytes count: lengths in the words are hexadecimal, or made decimal by an
editor, and a NUL is not seen in the text column at all. A paste may begin and end anywhere, so
what comes out are the runs of bytes that are there. What they hold is read in ``dump_names``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.der import MAX_BYTES, SEQUENCE, read_tlv

MAX_DUMPS = 65
_MAX_LINES = 100_000
_MAX_LINE = 1000
_LEAST_BYTES = 4
_OFFSET = re.compile(r"\s*([0-9a-fA-F]{4,8}):(?=\s|$)")
_QUOTED = re.compile(r"(?:\s*>)+ ?")
_HEX = re.compile(r"[0-9a-fA-F]{2}\Z")
_UNSEPARATED = re.compile(
    r"[\s|]*((?:[0-9a-fA-F]{2}\s{1,2}){0,15}[0-9a-fA-F]{2})(?:\s*\|.*|\s{3,}.*|\s*)\Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Bytes without a gap. ``offset`` is that of the dump, ``None`` where it has none."""

    offset: int | None
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsnDump:
    """One dump. ``comment`` is the last remark that stands before its first byte; ``line`` counts
    from 1."""

    runs: tuple[Run, ...]
    line: int
    comment: str = ""

    @property
    def der(self) -> bytes | None:
        """The whole structure; ``None`` when the dump does not hold all of it."""
        first = self.runs[0]
        if len(self.runs) != 1 or first.offset or first.data[:1] != bytes((SEQUENCE,)):
            return None
        try:
            outer = read_tlv(first.data)
        except Asn1Error:
            return None
        return first.data if outer.end == len(first.data) else None

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return sum(len(run.data) for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of a text, as far as it belongs to a dump."""

    number: int
    offset: int | None = None
    data: bytes = b""
    comment: str = ""
    is_prose: bool = False
    is_marked: bool = False


def find_dumps(text: str) -> tuple[AsnDump, ...]:
    """The dumps in a text, in order; at most ``MAX_DUMPS``."""
    found: list[AsnDump] = []
    current: AsnDump | None = None
    comment = ""
    is_marked = False
    for line in _lines(text):
        if line.data:
            joined = _joined(current, line)
            if joined is None:
                _keep(found, current, is_marked=is_marked)
                run = Run(offset=line.offset, data=line.data)
                joined, is_marked = AsnDump(runs=(run,), line=line.number, comment=comment), False
            current = joined
            is_marked = is_marked or line.is_marked
        elif line.is_prose:
            _keep(found, current, is_marked=is_marked)
            current, comment, is_marked = None, "", False
        comment = line.comment or comment
    _keep(found, current, is_marked=is_marked)
    return tuple(found[:MAX_DUMPS])


def _keep(found: list[AsnDump], dump: AsnDump | None, *, is_marked: bool) -> None:
    """Take the dump if it looks like one: a lone hex word of a sentence does not."""
    if dump is not None and is_marked and dump.size >= _LEAST_BYTES:
        found.append(dump)


def _joined(dump: AsnDump | None, line: _Line) -> AsnDump | None:
    """The dump with this line's bytes; ``None`` when the line begins another one."""
    if dump is None or dump.size + len(line.data) > MAX_BYTES:
        return None
    last = dump.runs[-1]
    if (last.offset is None) != (line.offset is None):
        return None
    expected = None if last.offset is None else last.offset + len(last.data)
    if line.offset == expected:
        longer = replace(last, data=last.data + line.data)
        return replace(dump, runs=(*dump.runs[:-1], longer))
    if line.offset is not None and expected is not None and line.offset > expected:
        return replace(dump, runs=(*dump.runs, Run(offset=line.offset, data=line.data)))
    return None


def _lines(text: str) -> Iterator[_Line]:
    is_open = False
    for number, raw in enumerate(text.splitlines()[:_MAX_LINES], start=1):
        line = _line(number, raw[:_MAX_LINE].replace("\xa0", " "), is_open=is_open)
        is_open = bool(line.data) or (is_open and not line.is_prose)
        yield line


def _line(number: int, raw: str, *, is_open: bool) -> _Line:
    text = raw[quoted.end() :] if (quoted := _QUOTED.match(raw)) else raw
    offset_match = _OFFSET.match(text)
    offset = int(offset_match[1], 16) if offset_match else None
    rest = text[offset_match.end() :] if offset_match else text
    left, semicolon, comment = rest.partition(";")
    is_marked = bool(semicolon) or "|" in left or offset is not None
    comment = comment.strip()
    if not left.replace("|", " ").strip():
        return _Line(number=number, comment=comment)
    tokens = left.replace("|", " ").split()
    if all(_HEX.match(token) for token in tokens) and (is_marked or is_open):
        data = bytes.fromhex("".join(tokens))
        return _Line(number=number, offset=offset, data=data, comment=comment, is_marked=is_marked)
    if offset is not None and (bare := _UNSEPARATED.match(rest)):
        data = bytes.fromhex("".join(bare[1].split()))
        return _Line(number=number, offset=offset, data=data, is_marked=is_marked)
    # A remark below the bars of the tree belongs to the dump, whatever it is marked with.
    return _Line(number=number, is_prose=not text.lstrip().startswith("|"))
