"""Events as a table: CSV and TSV of Event Viewer, ``Get-WinEvent | Export-Csv``.

Event Viewer writes ``Level,Date and Time,Source,Event ID,Task Category`` in the language of
Windows, and the message as a sixth column without a title; times are those of the device, in its
own form and zone. Messages have several lines.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO

from mdmcore.capture.events.event import PROVIDER, Event
from mdmcore.capture.source import Reading
from mdmcore.capture.text_lines import text_lines

_COLUMNS = {
    "level": "level",
    "leveldisplayname": "level",
    "date and time": "time",
    "timecreated": "time",
    "time": "time",
    "source": "provider",
    "providername": "provider",
    "event id": "number",
    "eventid": "number",
    "id": "number",
    "message": "text",
    "description": "text",
    "machinename": "computer",
    "computer": "computer",
}
_BY_PLACE = ("level", "time", "provider", "number", "", "text")
"""The columns of Event Viewer, whatever they are called."""
_DELIMITERS = ",;\t"


def is_table(text: str) -> bool:
    """Whether this is a table of events, by its titles or by who wrote the first of them."""
    lines = [line for line in text.splitlines()[:3] if not line.startswith("#TYPE")]
    if not lines:
        return False
    names = _named(next(csv.reader([lines[0]], delimiter=_delimiter(lines[0])), []))
    if "number" in names and len({"level", "time", "text"} & set(names)) >= 2:
        return True
    cells = next(csv.reader(lines[1:2], delimiter=_delimiter(lines[1])), []) if lines[1:] else []
    return len(cells) >= 5 and PROVIDER.lower() in cells[2].lower()


def read_table(file: BinaryIO, reading: Reading) -> Iterator[Event]:
    """The rows; what is no row is a problem with its line."""
    lines = _Lines(file, reading)
    first = next(lines, "")
    while first.startswith("#TYPE"):
        first = next(lines, "")
    delimiter = _delimiter(first)
    titles = next(csv.reader([first], delimiter=delimiter), [])
    names = _named(titles)
    by_place = list(_BY_PLACE) if "number" not in names else names
    if len(names) == len(_BY_PLACE) - 1 and "text" not in names:
        by_place = [*by_place[: len(names)], "text"]
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        line = lines.number + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            reading.problem(f"line {line}", f"this row cannot be read: {error}")
            continue
        if any(cell.strip() for cell in row):
            yield _event(dict(zip(by_place, row, strict=False)))


class _Lines:
    """The lines of a file, with the number of the last one."""

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self._lines = text_lines(file, reading)
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        return line.replace("\0", "\ufffd")


def _named(titles: list[str]) -> list[str]:
    return [_COLUMNS.get(title.strip().lower(), "") for title in titles]


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _event(cells: dict[str, str]) -> Event:
    number = re.sub(r"\D", "", cells.get("number", ""))[:9]
    return Event(
        text=cells.get("text", ""),
        provider=cells.get("provider", "").strip(),
        number=int(number) if number else None,
        level=cells.get("level", ""),
        computer=cells.get("computer", ""),
        time=cells.get("time", ""),
    )
