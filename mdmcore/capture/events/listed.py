"""Events as lists: ``Get-WinEvent | Format-List`` and Event Viewer's "copy details as text".

Each event is some lines ``Name : value``; a message goes on in the lines below it. Event Viewer
begins each with ``Log Name:`` and has the message behind ``Description:``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from mdmcore.capture.events.event import Event
from mdmcore.capture.source import Reading
from mdmcore.capture.text_lines import text_lines

_FIELDS = {
    "log name": "log",
    "logname": "log",
    "source": "provider",
    "providername": "provider",
    "date": "time",
    "timecreated": "time",
    "event id": "number",
    "id": "number",
    "level": "level",
    "leveldisplayname": "level",
    "computer": "computer",
    "machinename": "computer",
    "description": "text",
    "message": "text",
    "event xml": "xml",
}
_OTHERS = frozenset(
    {"task category", "keywords", "user", "opcode", "version", "qualifiers", "task", "providerid"}
    | {"recordid", "processid", "threadid", "userid", "relatedactivityid", "activityid", "bookmark"}
    | {"containerlog", "matchedqueryids", "opcodedisplayname", "taskdisplayname", "properties"}
    | {"keywordsdisplaynames"}
)
_FIELD = re.compile(r"([A-Za-z][A-Za-z ]{1,30}?)\s*:(?:\s+(.*)|\s*$)")
_MAX_TEXT = 20_000


def is_list(text: str) -> bool:
    """Whether events stand in this text as lists."""
    found = {
        _FIELDS.get(match[1].strip().lower(), "")
        for line in text.splitlines()[:400]
        if len(line) < 2000 and (match := _FIELD.fullmatch(line.strip())) is not None
    }
    return {"number", "text"} <= found and bool({"log", "time", "provider", "level"} & found)


def read_list(file: BinaryIO, reading: Reading) -> Iterator[Event]:
    """The events, each as it ends."""
    cells: dict[str, str] = {}
    current = ""
    for _, line in text_lines(file, reading):
        match = _FIELD.fullmatch(line.strip()) if len(line) < 2000 else None
        label = match[1].strip().lower() if match is not None else ""
        name = _FIELDS.get(label)
        is_further = current == "text" and line.startswith((" " * 8, "\t"))
        if name is not None and not is_further:
            if name in cells and name != "xml":
                yield _event(cells)
                cells = {}
            current = name
            cells[name] = (match[2] or "").strip() if match is not None else ""
        elif label in _OTHERS and not is_further:
            current = ""
        elif current == "text" and len(cells["text"]) < _MAX_TEXT:
            cells["text"] = f"{cells['text']} {line.strip()}".strip()
    if "text" in cells or "number" in cells:
        yield _event(cells)


def _event(cells: dict[str, str]) -> Event:
    number = re.sub(r"\D", "", cells.get("number", ""))[:9]
    return Event(
        text=cells.get("text", ""),
        provider=cells.get("log") or cells.get("provider", ""),
        number=int(number) if number else None,
        level=cells.get("level", ""),
        computer=cells.get("computer", ""),
        time=cells.get("time", ""),
    )
