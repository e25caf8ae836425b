"""Lines of a device's log that somebody pasted: a mail, a chat, a page of a forum.

A line counts that has the words of an MDM log, or a result code that is known. Times at the begin
of a line are kept as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from mdmcore.capture.events.event import WORDS, Event, known_codes
from mdmcore.capture.source import Reading
from mdmcore.capture.text_lines import text_lines
from mdmcore.codes import read_codes

_MAX_LINE = 8000
_TIME = re.compile(
    r"\W{0,3}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,7})?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\d{1,2}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}:\d\d(?::\d\d)?(?: [AaPp][Mm])?)"
)
_EVENT = re.compile(r"(?i)\bevent(?: ?id)?[ :#=]{1,3}(\d{1,5})\b")
_LEVEL = re.compile(r"(?i)\b(critical|error|warning|information)\b")
_HRESULT = re.compile(r"(?i)0x[0-9a-f]{8}|\b(?:MENROLL|CFGMGR|WININET)_E_[A-Z_]+")


def is_pasted(text: str) -> bool:
    """Whether some line counts, and the text is text."""
    if "\0" in text:
        return False
    return any(_counts(line) for line in text.splitlines())


def read_pasted(file: BinaryIO, reading: Reading) -> Iterator[Event]:
    """The lines that count; the others are counted."""
    for _, line in text_lines(file, reading):
        if not line.strip():
            continue
        if not _counts(line):
            reading.passed_over["other line"] += 1
            continue
        shown = line.strip()[:_MAX_LINE]
        event, level, time = _EVENT.search(shown), _LEVEL.search(shown), _TIME.match(shown)
        yield Event(
            text=shown,
            number=int(event[1]) if event is not None else None,
            level=level[1] if level is not None else "",
            time=time[1].replace(",", ".") if time is not None else "",
        )


def _counts(line: str) -> bool:
    if len(line) > _MAX_LINE:
        line = line[:_MAX_LINE]
    is_about = WORDS.search(line) is not None
    if not is_about and _HRESULT.search(line) is None:
        return False
    return bool(known_codes(line)) or (is_about and bool(read_codes(line)))
