"""What a Windows device writes into its event log, in the forms in which people hand it on.

XML (``wevtutil /f:xml``, without a root; Event Viewer, with one), tables (CSV and TSV of Event
Viewer and of ``Export-Csv``), lists (``Get-WinEvent | fl``, "copy as text"), and lines pasted from
anywhere that hold result codes. Each event becomes an observation in the place of an exchange.
Source: formats.md section 5.6; field-problems.md section 5. What a code means is told later.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from mdmcore.capture.events.event import Event, observed
from mdmcore.capture.events.listed import is_list, read_list
from mdmcore.capture.events.pasted import is_pasted, read_pasted
from mdmcore.capture.events.table import is_table, read_table
from mdmcore.capture.events.xml import is_event_xml, read_event_xml
from mdmcore.capture.source import Reading
from mdmcore.capture.text_lines import decoded
from mdmcore.http import Exchange, observation_exchange

__all__ = ["is_event_log", "is_pasted_text", "read_events"]

_HEAD = 64 * 1024


def is_event_log(text: str) -> bool:
    """Whether a file that begins so is an export of an event log."""
    return is_list(text) or is_event_xml(text) or is_table(text)


def is_pasted_text(data: bytes) -> bool:
    """Whether a text holds lines of a device's log: result codes that are known, or its words."""
    return is_pasted(decoded(data))


def read_events(file: BinaryIO, reading: Reading) -> Iterator[Exchange]:
    """The events of a log, in the order of the file; those of other parts of Windows that tell
    nothing of MDM are counted."""
    for event in _events(file, reading):
        if not event.is_of_mdm:
            reading.passed_over["other event"] += 1
            continue
        observation, moment = observed(event)
        index = reading.next_index()
        yield observation_exchange(
            observation,
            id=reading.exchange_id(index),
            index=index,
            capture=reading.name,
            started=moment,
        )


def _events(file: BinaryIO, reading: Reading) -> Iterator[Event]:
    file.seek(0)
    text = decoded(file.read(_HEAD))
    if is_list(text):
        return read_list(file, reading)
    if is_event_xml(text):
        return read_event_xml(file, reading)
    if is_table(text):
        return read_table(file, reading)
    return read_pasted(file, reading)
