"""Reading one code as a person types or pastes it.

Forms: ``0x80180014``, ``80180014``, unsigned and negative decimals, SyncML status and alert
numbers, ``CAA30194``, ``AADSTS50001``, ``EnrollmentState 3``, names of constants, SOAP subcodes. A
number that no table holds is split, never guessed. Codes inside a text belong to ``text``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mdmcore.codes.hresult import read_hresult
from mdmcore.codes.names import entries_by_name
from mdmcore.codes.table import CodeEntry, code_table, key_of

NUMBER = re.compile(r"0x[0-9a-f]{1,8}|[0-9a-f]{8}|-\d{1,10}|\d{1,10}", re.IGNORECASE)
SIGN_IN = re.compile(r"AADSTS\d{4,9}", re.IGNORECASE)
REGISTRY = re.compile(
    r"(EnrollmentState|RenewStatus)[\"']?(?:\s*[=:]\s*|\s+)"
    r"(?:(?:REG_)?DWORD[:\s]\s*)?(?:0x)?0{0,7}(\d)(?!\w)",
    re.IGNORECASE,
)
KINDS = ("syncml", "alert", "http", "win32", "portal", "event")
"""What a small number may be, the likeliest first."""

_MAX_NAME = 100


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


def read_code(text: str) -> Reading:
    """One code; a text that is no code at all has neither value nor entries."""
    text = text.strip()
    if NUMBER.fullmatch(text):
        return read_number(text)
    if SIGN_IN.fullmatch(text):
        known = code_table().get(("sign-in", text.upper()))
        entries = () if known is None else (known,)
        return Reading(text=text, facility="sign-in (Entra), before MDM", entries=entries)
    match = REGISTRY.fullmatch(text)
    if match is not None:
        return read_registry(match)
    return read_name(text)


def read_number(text: str, kinds: Iterable[str] = KINDS) -> Reading:
    """A number; a small one is looked up as each of the ``kinds``, a large one is an HRESULT."""
    value = _value(text)
    if value <= 0xFFFF:
        table = code_table()
        found = (table.get((kind, value)) for kind in kinds)
        entries = tuple(entry for entry in found if entry is not None)
        return Reading(text=text, value=value, entries=entries)
    split = read_hresult(value)
    return Reading(
        text=text,
        value=value,
        facility=split.facility,
        low=split.low,
        entries=() if split.entry is None else (split.entry,),
    )


def read_registry(match: re.Match[str]) -> Reading:
    """A registry value that ``REGISTRY`` matched."""
    named = next(name for name in _REGISTRY_NAMES if name.lower() == match[1].lower())
    entry = code_table().get(("registry", f"{named} {match[2]}"))
    return Reading(text=match[0], entries=() if entry is None else (entry,))


def read_name(text: str) -> Reading:
    """The name of a constant, a SOAP subcode or a specification's phrase."""
    entries = entries_by_name(text) if len(text) <= _MAX_NAME else ()
    if len(entries) == 1 and entries[0].kind == "hresult":
        value = key_of(entries[0].code)
        assert isinstance(value, int)
        return Reading(
            text=text,
            value=value,
            facility=read_hresult(value).facility,
            low=value & 0xFFFF,
            entries=entries,
        )
    return Reading(text=text, entries=entries)


_REGISTRY_NAMES = ("EnrollmentState", "RenewStatus")


def _value(text: str) -> int:
    if text.lower().startswith("0x"):
        return int(text, 16)
    if len(text) == 8 and not text.startswith("-"):
        return int(text, 16)
    return int(text) & 0xFFFF_FFFF
