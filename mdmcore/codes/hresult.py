"""Splitting an HRESULT by its facility: whose code its low word is (field-problems.md 4.1).

One number space is shared by several families. What a family does not define stays unknown, with
facility and low word told; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from mdmcore.codes.table import CodeEntry, code_table

FACILITIES = {
    0x8018: "MDM enrolment",
    0x0018: "MDM enrolment",
    0x8019: "HTTP, or enrolment on Windows 8 and 8.1",
    0x8007: "Win32",
    0x8600: "CSP configuration manager",
    0x0600: "CSP configuration manager",
    0x82AA: "configuration manager with a Win32 code in the low word",
    0x87D1: "Intune; outside the SyncML range its codes belong to iOS and to apps",
    0x80CF: "old Intune PC agent",
    0x801C: "device registration (Entra join), before MDM",
    0x800B: "trust",
    0x8009: "crypto",
    0x8010: "smart card and key storage",
}
"""High word -> the family. The letters of a family's codes are read by ``read_hresult``."""

SIGN_IN_BROKER = "sign-in broker (Entra), before MDM"

_NET = range(12000, 12200)
"""WinINet and WinHTTP errors, as Win32 (0x8007) or HTTP (0x8019) codes."""

_HTTP = range(100, 600)
_SYNCML = range(101, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The family of an HRESULT, its low word, and the entry it means where one is known."""

    facility: str
    low: int
    entry: CodeEntry | None


def is_known_facility(value: int) -> bool:
    """Whether the high word names a family of ours, or the whole number stands in the table."""
    high = value >> 16
    return high in FACILITIES or high >> 4 == 0xCAA or ("hresult", value) in code_table()


def read_hresult(value: int) -> Split:
    """Split a number of 32 bits."""
    high, low = value >> 16, value & 0xFFFF
    table = code_table()
    facility = FACILITIES.get(high, f"facility {high & 0x7FF}")
    if high >> 4 == 0xCAA:
        facility = SIGN_IN_BROKER
    entry = table.get(("hresult", value))
    if entry is None:
        facility, entry = _by_family(high, low, facility)
    return Split(facility=facility, low=low, entry=entry)


def _by_family(high: int, low: int, facility: str) -> tuple[str, CodeEntry | None]:
    table = code_table()
    if high in (0x8007, 0x8019) and low in _NET:
        return "WinINet or WinHTTP", table.get(("win32", low))
    if high == 0x8019 and low in _HTTP:
        return "HTTP status", http_entry(low)
    if high == 0x87D1 and low in _SYNCML:
        return "Intune: SyncML status", table.get(("syncml", low))
    if high == 0x82AA:
        # The low word is a Win32 code; the families' own lists conflict and are not repeated.
        return facility, table.get(("hresult", 0x8007_0000 | low))
    return facility, None


def http_entry(status: int) -> CodeEntry:
    """What an HTTP status means here; every status is known, if only by its number."""
    known = code_table().get(("http", status))
    if known is not None:
        return known
    try:
        name = HTTPStatus(status).phrase
    except ValueError:
        name = ""
    is_error = 400 <= status <= 599
    return CodeEntry(
        kind="http",
        code=str(status),
        name=name,
        meaning=f"the server answered with HTTP status {status}",
        phase="any HTTP step",
        rules=("enroll-http-error",) if is_error else (),
        source="the low word is the HTTP status; RFC 9110",
    )
