"""The head of a request or an answer as the page shows it, secrets masked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mdmcore.http import Headers
from mdmcore.inspector.masking import MASKED
from mdmcore.syncml.hmac_header import HMAC_HEADER

MAX_FIELDS = 60
MAX_VALUE = 1000

_SECRET_FIELDS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_TELLING = re.compile(r"token|secret|passw|api-?key|credential", re.IGNORECASE)
_MAC = re.compile(r"(\bmac\s*=\s*)(\"[^\"]*\"|[^,\s]+)", re.IGNORECASE)
_QUERY = re.compile(
    r"([?&;](?:[^=&;#]*(?:token|secret|passw|wresult|assertion|signature|credential)[^=&;#]*"
    r"|code|sig|key)=)[^&;#]+",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"^([a-z][a-z0-9+.-]*://[^/?#@:]*:)[^/?#@]*@", re.IGNORECASE)


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
        Field(name=_cut(name), value=_cut(value if show_secrets else masked_value(name, value)))
        for name, value in pairs[:MAX_FIELDS]
    )
    return Head(line=_cut(line), fields=fields, more=max(0, len(pairs) - MAX_FIELDS))


def masked_value(name: str, value: str) -> str:
    """The header's value; of credentials no more than the scheme."""
    plain = name.strip().lower()
    if plain == HMAC_HEADER.lower():
        return _MAC.sub(rf"\g<1>{MASKED}", value)
    if plain.endswith("authorization"):
        scheme, blank, _ = value.strip().partition(" ")
        return f"{scheme} {MASKED}" if blank else MASKED
    if plain in _SECRET_FIELDS:
        cookie, sign, _ = value.partition("=")
        return f"{cookie}={MASKED}" if sign and len(cookie) < MAX_VALUE else MASKED
    if plain in ("location", "referer", "content-location"):
        return masked_url(value)
    return MASKED if _TELLING.search(plain) else value


def masked_url(url: str) -> str:
    """The URL without the values that give access: tokens in its query, a password."""
    return _QUERY.sub(rf"\g<1>{MASKED}", _USER_INFO.sub(rf"\g<1>{MASKED}@", url))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}… ({len(text)} characters)"
