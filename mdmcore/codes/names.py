"""Finding entries by name: constants in all their public spellings, SOAP subcodes, phrases.

Header names vary between sources (CERTIFCATEREQUEST and CERTIFICATEREQUEST, CANCELED and
CANCELLED, NOTSUPPORTED and NOT_SUPPORTED), so case, separators and these spellings are evened out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from mdmcore.codes.table import CodeEntry, code_table
from mdmcore.namespaces import DETAIL_HRESULTS, FAULT_HRESULTS

_PREFIX = re.compile(
    r"^(?:(?:MENROLL|MREGISTER|CFGMGR|RESOURCEMGR|CRYPT|CERT|SCARD|WININET)_)?[ES]_"
    r"|^ERROR_(?:INTERNET_|WINHTTP_|HTTP_)?"
)
_MAX_DIGITS = 10
_SPELLINGS = (("CERTIFCATE", "CERTIFICATE"), ("CANCELED", "CANCELLED"))


def entries_by_name(name: str) -> tuple[CodeEntry, ...]:
    """The entries of that name, with its prefix or without; several where it is ambiguous."""
    wanted = name.strip().rpartition(":")[2]
    fault = fault_entry(wanted)
    if fault is not None:
        return (fault,)
    found = _whole_names().get(_even(wanted), ())
    return found or _bare_names().get(_even(_bare(wanted)), ())


def fault_entry(name: str) -> CodeEntry | None:
    """What Windows reports for a SOAP fault: by its subcode or its ErrorType, in any case."""
    value = _fault_values().get(name.strip().lower())
    return None if value is None else code_table()["hresult", value]


def status_name(status: str) -> str:
    """The phrase of a SyncML status, empty for an unknown one."""
    return code_words("syncml", status).get("name", "")


def alert_name(code: str) -> str:
    """What a SyncML alert is called, empty for an unknown one."""
    return code_words("alert", code).get("name", "")


def code_words(kind: str, code: str | int | None) -> dict[str, str]:
    """``name`` and ``meaning`` of a code seen in a message, nothing for an unknown one."""
    text = str(code).strip()
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS
    entry = code_table().get((kind, int(text))) if is_number else None
    return {} if entry is None else {"name": entry.name, "meaning": entry.meaning}


def _even(name: str) -> str:
    text = re.sub(r"[^A-Z0-9]", "", name.upper())
    for variant, usual in _SPELLINGS:
        text = text.replace(variant, usual)
    return text


def _bare(name: str) -> str:
    return _PREFIX.sub("", name.upper())


def _names(entry: CodeEntry) -> Iterator[str]:
    yield from (name for name in (entry.name, *entry.aliases) if name)


@cache
def _whole_names() -> Mapping[str, tuple[CodeEntry, ...]]:
    return _index((_even(name), entry) for entry in code_table().values() for name in _names(entry))


@cache
def _bare_names() -> Mapping[str, tuple[CodeEntry, ...]]:
    return _index(
        (_even(_bare(name)), entry)
        for entry in code_table().values()
        if entry.kind in {"hresult", "win32"}
        for name in _names(entry)
    )


def _index(pairs: Iterator[tuple[str, CodeEntry]]) -> Mapping[str, tuple[CodeEntry, ...]]:
    index: dict[str, dict[tuple[str, str], CodeEntry]] = {}
    for name, entry in pairs:
        index.setdefault(name, {})[entry.kind, entry.code] = entry
    return MappingProxyType({name: tuple(found.values()) for name, found in index.items()})


@cache
def _fault_values() -> Mapping[str, int]:
    names = FAULT_HRESULTS | DETAIL_HRESULTS
    return MappingProxyType({name.lower(): value for name, value in names.items()})
