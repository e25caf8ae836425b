"""Finding the codes in pasted text: a log, a mail, a copied event.

Only what is marked as a code counts: by its form (``0x...``, a sign-in code, the name of a
constant, a number whose family is known) or by the words before it (``syncml(500)``, ``status
405``, ``Data>500<``, ``result: ...``). A stray number is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from mdmcore.codes.hresult import http_entry, is_known_facility
from mdmcore.codes.reading import (
    KINDS,
    REGISTRY,
    SIGN_IN,
    Reading,
    read_code,
    read_name,
    read_number,
    read_registry,
)

_MAX_LIST = 10_000
_HTTP_STATUSES = range(100, 600)
_FAILED = 0x8000_0000
"""From here on a number in 32 bits is an HRESULT that failed."""

type _Reader = Callable[[re.Match[str]], Reading]


def read_codes(text: str) -> tuple[Reading, ...]:
    """The codes in a text, each once, in order. A text of codes alone needs no marks."""
    found: dict[object, Reading] = {}
    for reading in _listed(text) or _marked(text):
        found.setdefault(_key(reading), reading)
    return tuple(found.values())


def _listed(text: str) -> list[Reading]:
    """The codes of a text that holds nothing else; empty for any other text."""
    if len(text) > _MAX_LIST:
        return []
    readings = [read_code(word) for word in re.split(r"[\s,;]+", text.strip())]
    is_list = all(reading.value is not None or reading.entries for reading in readings)
    return readings if is_list else []


def _marked(text: str) -> Iterator[Reading]:
    """What each pattern finds, in the order of the text; the first pattern has an overlap."""
    taken: list[tuple[int, int, Reading]] = []
    is_taken = bytearray(len(text))
    for pattern, reader in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(is_taken[start:end]):
                is_taken[start:end] = b"\1" * (end - start)
                taken.append((start, end, reader(match)))
    for _, _, reading in sorted(taken, key=lambda item: item[0]):
        if reading.entries or _is_surely_a_code(reading):
            yield reading


def _key(reading: Reading) -> object:
    if reading.value is not None and reading.value > 0xFFFF:
        return reading.value
    return tuple((entry.kind, entry.code) for entry in reading.entries) or reading.text.upper()


def _is_surely_a_code(reading: Reading) -> bool:
    """Whether a text shall hear that this one is unknown."""
    if reading.value is None:
        return bool(SIGN_IN.fullmatch(reading.text))
    return reading.value >= _FAILED


def _number(match: re.Match[str], *, kinds: tuple[str, ...]) -> Reading:
    reading = read_number(match[1], kinds)
    value = reading.value
    if kinds == ("http",) and value is not None and value in _HTTP_STATUSES:
        return Reading(text=match[1], value=value, entries=(http_entry(value),))
    return reading


def _of_known_family(match: re.Match[str]) -> Reading:
    reading = read_number(match[0])
    is_known = reading.value is not None and is_known_facility(reading.value)
    return reading if is_known else Reading(text=match[0])


_IS = r"""\s*(?:is|was|of)?\s*[:=("'#>]{0,3}\s*"""
"""What may stand between the word and its number."""

_END = r"(?!\w|\.\d)"
_MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (rf"syncml(?:\s+(?:status|error|code))?{_IS}(\d{{3}}){_END}", ("syncml",)),
    (r"Data>\s{0,20}(\d{3,4})\s{0,20}<", ("syncml", "alert")),
    (
        r"https?(?:/\d(?:\.\d)?)?(?:\s+(?:status|error|response))?(?:\s+code)?"
        rf"{_IS}(\d{{3}}){_END}",
        ("http",),
    ),
    # Windows' own words for 0x8019nnnn: "Unauthorized (401).", "Bad request (400)."
    (
        r"(?:bad request|unauthorized|forbidden|not found|method not allowed|server error"
        r"|bad gateway|service unavailable|gateway time-?out)\s*\((\d{3})\)",
        ("http",),
    ),
    (rf"event(?:\s*id)?{_IS}(\d{{2,5}}){_END}", ("event",)),
    (rf"alert(?:\s+code)?{_IS}(\d{{4}}){_END}", ("alert",)),
    (rf"(?:win32|wininet|winhttp)(?:\s+error)?{_IS}(\d{{5}}){_END}", ("win32",)),
    (rf"status(?:\s*code)?{_IS}(\d{{3}}){_END}", ("syncml", "http")),
    (
        r"(?:error|result|returned|code|hresult|hr|rc)(?:\s*(?:code|value))?"
        rf"{_IS}(-?\d{{3,10}}){_END}",
        KINDS,
    ),
)
"""Words, and what the small number behind them is."""

_CONSTANT = (
    r"(?:MENROLL|MREGISTER|CFGMGR|RESOURCEMGR|CRYPT|CERT|SCARD|WININET)_[ES]_[A-Z0-9_]{3,60}"
    r"|ERROR_(?:INTERNET|WINHTTP|HTTP)_[A-Z0-9_]{3,60}"
)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9_]){pattern}", re.IGNORECASE)


_PATTERNS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_compiled(rf"{SIGN_IN.pattern}(?!\w)"), lambda match: read_code(match[0])),
    (_compiled(rf"(?:{_CONSTANT})(?!\w)"), lambda match: read_name(match[0])),
    (_compiled(REGISTRY.pattern), read_registry),
    (_compiled(r"0x[0-9a-f]{1,8}(?!\w)"), lambda match: read_number(match[0])),
    *((_compiled(mark), partial(_number, kinds=kinds)) for mark, kinds in _MARKS),
    # A GUID begins with eight hex digits, too.
    (_compiled(r"(?<![.-])(?:[0-9a-f]{8}|-?\d{9,10})(?!-?\w|\.\d)"), _of_known_family),
)
