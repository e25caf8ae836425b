"""Logs of IIS in the W3C extended format: which requests came, and with which status.

Source: W3C Working Draft WD-logfile-960323 (``#Fields:`` names the columns and may change in the
file; times are UTC); formats.md section 5.7. Bodies and most headers are not in such a log: they
are unknown, never empty. The log does not tell the scheme: port 80 is HTTP, everything else HTTPS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from mdmcore.capture.source import Reading
from mdmcore.capture.text_lines import text_lines
from mdmcore.http import Exchange, Headers, Request, Response

_BEGIN = re.compile(r"(?m)^#Fields:.*\bcs-method\b.*\bsc-status\b")
_HEADERS = {"cs-host": "Host", "cs(user-agent)": "User-Agent", "cs(referer)": "Referer"}
_MAX_FIELDS = 64
_MAX_SECONDS = 10**7


def is_iis_log(text: str) -> bool:
    """Whether such a log begins in this text."""
    return _BEGIN.search(text) is not None


def read_iis_log(file: BinaryIO, reading: Reading) -> Iterator[Exchange]:
    """The requests in the order of the file, each with its status; a line that does not have the
    columns it should have is a problem."""
    names: list[str] = []
    for number, line in text_lines(file, reading):
        text = line.strip()
        if text.startswith("#"):
            if text.startswith("#Fields:"):
                names = text.removeprefix("#Fields:").lower().split()[:_MAX_FIELDS]
            continue
        if not text:
            continue
        values = text.split(" ")
        if not names or len(values) != len(names):
            reading.problem(f"line {number}", f"{len(values)} columns, {len(names)} expected")
            continue
        cells = {name: "" if value == "-" else value for name, value in zip(names, values)}  # noqa: B905
        try:
            status = int(cells.get("sc-status", ""))
        except ValueError:
            reading.problem(f"line {number}", "there is no status in sc-status")
            continue
        yield _exchange(cells, status, reading)


def _exchange(cells: Mapping[str, str], status: int, reading: Reading) -> Exchange:
    index = reading.next_index()
    headers = Headers(
        (name, cells[column].replace("+", " "))
        for column, name in _HEADERS.items()
        if cells.get(column)
    )
    ended = _time(cells)
    took = _milliseconds(cells.get("time-taken", ""))
    details = (cells.get("sc-substatus", ""), cells.get("sc-win32-status", ""))
    remark = f"IIS status {status}.{details[0] or '?'}, Win32 {details[1] or '?'}"
    return Exchange(
        id=reading.exchange_id(index),
        index=index,
        capture=reading.name,
        request=Request(
            method=cells.get("cs-method", ""), url=_url(cells), headers=headers, body=None
        ),
        response=Response(status=status, body=None),
        started=None if ended is None else ended - (took or timedelta()),
        ended=ended if took is not None else None,
        peer=cells.get("c-ip") or None,
        verbatim=False,
        remarks=(remark,) if any(details) else (),
    )


def _url(cells: Mapping[str, str]) -> str:
    host = cells.get("cs-host") or cells.get("s-computername") or cells.get("s-ip") or ""
    port = cells.get("s-port", "")
    scheme = "http" if port == "80" else "https"
    is_shown = port not in ("", "80", "443") and ":" not in host
    query = f"?{cells['cs-uri-query']}" if cells.get("cs-uri-query") else ""
    shown = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
    return (
        f"{scheme}://{shown}{f':{port}' if is_shown else ''}{cells.get('cs-uri-stem', '/')}{query}"
    )


def _time(cells: Mapping[str, str]) -> datetime | None:
    try:
        text = f"{cells.get('date', '')}T{cells.get('time', '')}"
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def _milliseconds(text: str) -> timedelta | None:
    if not text.isdecimal() or len(text) > 12 or int(text) > _MAX_SECONDS * 1000:
        return None
    return timedelta(milliseconds=int(text))
