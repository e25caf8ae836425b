"""The head of a request or an answer as the page shows it, secrets masked."""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.http import Headers
from mdmcore.inspector.masked_header import masked_header

MAX_FIELDS = 60
MAX_VALUE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One header."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """First line and headers; ``more`` counts headers that are left out."""

    line: str
    fields: tuple[Field, ...]
    more: int = 0


def head_of(line: str, headers: Headers, *, show_secrets: bool = False) -> Head:
    """The head with that first line."""
    pairs = list(headers)
    fields = tuple(
        Field(name=_cut(name), value=_cut(value if show_secrets else masked_header(name, value)))
        for name, value in pairs[:MAX_FIELDS]
    )
    return Head(line=_cut(line), fields=fields, more=max(0, len(pairs) - MAX_FIELDS))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}… ({len(text)} characters)"
