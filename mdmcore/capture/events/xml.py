"""Events as XML: ``wevtutil qe ... /f:xml`` writes them without a root, Event Viewer with one.

Source: the event schema (schemas.microsoft.com/win/2004/08/events/event): System, EventData or
UserData, and RenderingInfo with the message where the export was asked for it. Without that the
message is told by its values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from mdmcore.capture.events.event import Event
from mdmcore.capture.source import Reading
from mdmcore.capture.text_blocks import Block, blocks
from mdmcore.errors import MdmError
from mdmcore.xml import Element, child, iter_elements, local_name, parse_lenient, text_of

_BEGIN = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?Event[\s>][^>]{0,2000}?win/2004/08/events/event")
_MAX_VALUES = 40
_MAX_VALUE = 500


def is_event_xml(text: str) -> bool:
    """Whether events stand in this text as XML."""
    return _BEGIN.search(text) is not None


def read_event_xml(file: BinaryIO, reading: Reading) -> Iterator[Event]:
    """The events; one that cannot be read is a problem with its line."""
    for block in blocks(file, reading, ("Event",)):
        if not isinstance(block, Block):
            continue
        try:
            root = parse_lenient(block.body).root
        except MdmError as error:
            reading.problem(f"line {block.line}", f"this event cannot be read: {error}")
            continue
        yield _event(root)


def _event(root: Element) -> Event:
    system = child(root, "System")
    provider = child(system, "Provider") if system is not None else None
    created = child(system, "TimeCreated") if system is not None else None
    number = text_of(child(system, "EventID")).strip()
    return Event(
        text=text_of(child(root, "RenderingInfo", "Message")).strip() or _values(root),
        provider=text_of(child(system, "Channel")).strip()
        or ("" if provider is None else provider.get("Name") or ""),
        number=int(number) if number.isdecimal() and len(number) <= 9 else None,
        level=text_of(child(system, "Level")),
        computer=text_of(child(system, "Computer")),
        time=_time("" if created is None else created.get("SystemTime") or ""),
    )


def _values(root: Element) -> str:
    """The values of an event whose message was not rendered: ``Message1: ...``."""
    parts: list[str] = []
    for name in ("EventData", "UserData"):
        data = child(root, name)
        if data is None:
            continue
        for element in iter_elements(data):
            value = (element.text or "").strip()[:_MAX_VALUE]
            if value and len(parts) < _MAX_VALUES:
                parts.append(f"{element.get('Name') or local_name(element)}: {value}")
    return ", ".join(parts)


def _time(text: str) -> str:
    """The time of an event is UTC, whether or not it says so; fractions have up to nine digits."""
    cut = re.sub(r"(\.\d{6})\d+", r"\1", text.strip())
    return cut if re.search(r"(?:Z|[+-]\d\d:\d\d)$", cut) or not cut else f"{cut}Z"
