"""Finding result codes in pasted text, and splitting an HRESULT by its facility.

Forms: ``0x80180014``, ``80180014``, unsigned and negative decimals, SyncML status and alert
numbers, ``CAA30194``, ``AADSTS50001``. A number that no table holds is decoded, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mdmcore.codes.table import CodeEntry, code_table

_CODE = re.compile(
    r"(?<![\w.-])(?:AADSTS\d{4,9}|0x[0-9a-f]{1,8}|[0-9a-f]{8}|-\d{9,10}|\d{9,10}|\d{3,5})(?![\w]|\.\d)",
    re.IGNORECASE,
)
_FACILITIES = {
    0x8018: "MDM enrolment",
    0x8019: "HTTP and Windows 8.1 registration",
    0x8007: "Win32",
    0x8600: "CSP configuration manager",
    0x0600: "CSP configuration manager",
    0x82AA: "configuration manager with a Win32 code; public lists conflict about its meaning",
    0x87D1: "Intune; codes outside the SyncML range belong to iOS and apps",
    0x80CF: "old Intune PC agent",
    0x801C: "device registration (Entra join), before MDM",
    0x800B: "trust",
    0x8009: "crypto",
    0x8010: "smart card and key storage",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A code as written, and what is known of it.

    ``facility`` and ``low`` (the low 16 bits) split an HRESULT; ``entries`` is empty for an
    unknown code and has several where one number means different things in different places.
    """

    text: str
    value: int | None = None
    facility: str = ""
    low: int | None = None
    entries: tuple[CodeEntry, ...] = ()


def read_codes(text: str) -> tuple[Reading, ...]:
    """The codes in a text, each once, in order. An unknown bare number (a date) is no code."""
    found: dict[int | str, Reading] = {}
    for match in _CODE.finditer(text):
        reading = read_code(match[0])
        if not reading.entries and not _is_surely_a_code(reading):
            continue
        key = reading.text.upper() if reading.value is None else reading.value
        found.setdefault(key, reading)
    return tuple(found.values())


def _is_surely_a_code(reading: Reading) -> bool:
    if reading.value is None or reading.text.lower().startswith("0x"):
        return True
    return reading.low is not None and reading.value >= 0x8000_0000


def read_code(text: str) -> Reading:
    """One code; a text that is no code at all has neither value nor entries."""
    text = text.strip()
    table = code_table()
    if not _CODE.fullmatch(text):
        return Reading(text=text)
    if text.upper().startswith("AADSTS"):
        known = table.get(("sign-in", text.upper()))
        return Reading(text=text, facility="sign-in (Entra), before MDM", entries=_only(known))
    value = _value(text)
    if value > 0xFFFF:
        return _hresult(text, value)
    kinds = ("syncml", "alert", "http", "win32", "portal")
    entries = tuple(table[kind, value] for kind in kinds if (kind, value) in table)
    return Reading(text=text, value=value, entries=entries)


def _value(text: str) -> int:
    if text.lower().startswith("0x"):
        return int(text, 16)
    if len(text) == 8 and not text.startswith("-"):
        return int(text, 16)
    return int(text) & 0xFFFF_FFFF


def _hresult(text: str, value: int) -> Reading:
    high, low = value >> 16, value & 0xFFFF
    table = code_table()
    facility = _FACILITIES.get(high, f"facility {high & 0x7FF}")
    if high >> 4 == 0xCAA:
        facility = "sign-in broker (Entra), before MDM"
    known = table.get(("hresult", value))
    if known is None and high in (0x8007, 0x8019) and 12000 <= low <= 12199:
        facility, known = "WinINet or WinHTTP", table.get(("win32", low))
    elif known is None and high == 0x8019 and 100 <= low <= 599:
        facility, known = "HTTP status", table.get(("http", low)) or _http(low)
    elif known is None and high == 0x87D1 and 101 <= low <= 599:
        facility, known = "Intune: SyncML status", table.get(("syncml", low))
    elif known is None and value == 0x82AA0008:
        known = _not_enough_memory()
    return Reading(text=text, value=value, facility=facility, low=low, entries=_only(known))


def _http(status: int) -> CodeEntry:
    return CodeEntry(
        kind="http",
        code=str(status),
        meaning=f"the server answered with HTTP status {status}",
        rules=("enroll-http-error",),
        source="the low word is the status",
    )


def _not_enough_memory() -> CodeEntry:
    return CodeEntry(
        kind="hresult",
        code="0x82AA0008",
        meaning="not enough memory; other lists give other meanings, they are not repeated here",
        source="Configuration Manager co-management enrolment errors",
        confidence="field reports",
    )


def _only(entry: CodeEntry | None) -> tuple[CodeEntry, ...]:
    return () if entry is None else (entry,)
