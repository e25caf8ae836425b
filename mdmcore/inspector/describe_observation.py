"""What a device itself tells, as one line for people and as plain JSON values."""

from __future__ import annotations

from typing import Any

from mdmcore.codes import Reading as CodeReading
from mdmcore.codes import code_words
from mdmcore.observation import Observation
from mdmcore.rules.device_reports import code_title, failures

_MAX_SAID = 160


def observed_line(told: Observation, codes: tuple[CodeReading, ...]) -> str:
    """Where it stands, the codes that failed, and what was said."""
    level = f" ({told.level})" if told.level else ""
    said = " ".join(told.text.split())
    failed = "; ".join(code_title(code) for code in failures(codes))
    title = f"{told.title[0].upper()}{told.title[1:]}" if told.title else "The device"
    words = f"{title}{level}: "
    return f"{words}{failed}: {said}" if failed else f"{words}{said}"


def describe_observation(told: Observation, codes: tuple[CodeReading, ...]) -> dict[str, Any]:
    """The observation with each of its codes explained; empty parts are left out."""
    event = code_words("event", told.event)
    result = {
        "source": told.source,
        "event": told.event,
        "event_meaning": event.get("meaning", ""),
        "level": told.level,
        "text": told.text,
        "local_time": told.local_time,
        "session": told.session,
        "device": told.device,
        "users": list(told.users),
        "hosts": list(told.hosts),
        "enrollments": list(told.enrollments),
        "thumbprints": list(told.thumbprints),
        "facts": dict(told.facts),
        "codes": [_code(code) for code in codes],
    }
    return {name: value for name, value in result.items() if value not in ("", None, [], {})}


def _code(code: CodeReading) -> dict[str, Any]:
    value = None if code.value is None else f"0x{code.value:08X}"
    entries = [
        {
            name: text
            for name, text in (
                ("kind", entry.kind),
                ("code", entry.code),
                ("name", entry.name),
                ("meaning", entry.meaning),
                ("phase", entry.phase),
                ("rules", list(entry.rules)),
                ("look", entry.look),
            )
            if text
        }
        for entry in code.entries
    ]
    return {"code": code.text, "value": value, "facility": code.facility, "entries": entries}
