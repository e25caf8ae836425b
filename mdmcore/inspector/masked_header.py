"""Headers of HTTP as they may be shown: of credentials no more than the scheme."""

from __future__ import annotations

import re

from mdmcore.inspector.masked_text import MASKED, masked_url
from mdmcore.syncml.hmac_header import HMAC_HEADER

_MAX_COOKIE_NAME = 1000
_SECRET_FIELDS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_TELLING = re.compile(r"token|secret|passw|api-?key|credential", re.IGNORECASE)
_MAC = re.compile(r"(\bmac\s*=\s*)(\"[^\"]*\"|[^,\s]+)", re.IGNORECASE)


def masked_header(name: str, value: str) -> str:
    """The header's value."""
    plain = name.strip().lower()
    if plain == HMAC_HEADER.lower():
        return _MAC.sub(rf"\g<1>{MASKED}", value)
    if plain.endswith("authorization"):
        scheme, blank, _ = value.strip().partition(" ")
        return f"{scheme} {MASKED}" if blank else MASKED
    if plain in _SECRET_FIELDS:
        cookie, sign, _ = value.partition("=")
        return f"{cookie}={MASKED}" if sign and len(cookie) < _MAX_COOKIE_NAME else MASKED
    if plain in ("location", "referer", "content-location"):
        return masked_url(value)
    return MASKED if _TELLING.search(plain) else value
