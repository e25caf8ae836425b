"""tshark's WBXML dissector as an independent reader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.support.pcap import http_posts
from tests.support.processes import run
from tests.support.requirements import require_program

_COLUMNS = 5
"""Level, state, code page, token, rendering."""
_STATES = {"Tag", "Attr"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissected:
    """One document: its header lines by name, and of each row of its body what stands in the
    columns of the token and of its rendering. ``problems`` are warnings and errors."""

    header: dict[str, str]
    rows: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]

    @property
    def rendering(self) -> list[str]:
        """The XML that it shows, one tag or text an entry."""
        return [shown for _, shown in self.rows if shown]


def dissect(bodies: list[bytes], media_type: str, folder: Path) -> list[Dissected]:
    """What tshark shows of each body, posted under that media type."""
    capture = folder / "posts.pcap"
    capture.write_bytes(http_posts(bodies, media_type))
    done = run([require_program("tshark"), "-r", capture, "-O", "wbxml"])
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode("utf-8", "replace")
    documents = [_document(part) for part in text.split("WAP Binary XML, ")[1:]]
    assert len(documents) == len(bodies), text
    return documents


def _document(text: str) -> Dissected:
    header: dict[str, str] = {}
    rows: list[tuple[str, str]] = []
    problems: list[str] = []
    for line in text.splitlines()[1:]:
        columns = [column.strip() for column in line.split("|", _COLUMNS - 1)]
        if len(columns) == _COLUMNS and columns[1] in _STATES:
            rows.append((columns[3], columns[4]))
        elif "Expert Info" in line or "Malformed" in line:
            problems.append(line.strip())
        elif not rows and ": " in line:
            name, _, value = line.strip().partition(": ")
            header.setdefault(name, value)
    return Dissected(header=header, rows=tuple(rows), problems=tuple(problems))
