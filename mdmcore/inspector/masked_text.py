"""Secrets in URLs and in other text of one value: what gives access goes, the rest stays readable.

A person's name in a URL (``login_hint``) is no secret.
"""

from __future__ import annotations

import re

MASKED = "***"

TELLING = ("password", "passwd", "passphrase", "secret", "keymaterial", "sharedkey")
"""In lower case: a name with one of these in it is that of a secret."""

_NAMES = r"token|secret|passw|wresult|assertion|signature|credential"
_QUERY = re.compile(
    rf"([?&;#](?:[^=&;#?/\s\"'<>]{{0,200}}(?:{_NAMES})[^=&;#?/\s\"'<>]{{0,200}}|code|sig|key)=)[^&;#\s\"'<>]+",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"\b([a-z][a-z0-9+.-]{0,20}://[^/?#@:\s\"'<>]*:)[^/?#\s\"'<>]*@", re.I)
_TAG = re.compile(
    rf"(<[^<>/!?\s]{{0,80}}(?:{'|'.join(TELLING)})[^<>/\s]{{0,80}}(?:\s[^<>]*)?(?<!/)>)[^<]+", re.I
)
_ATTRIBUTE = re.compile(
    rf"(\b[\w:.-]{{0,80}}(?:{'|'.join(TELLING)})\s?=\s?)(\"[^\"]+\"|'[^']+')", re.I
)


def masked_url(url: str) -> str:
    """The URL without the values that give access: tokens in its query, a password."""
    if "=" not in url and "@" not in url:
        return url
    return _QUERY.sub(rf"\g<1>{MASKED}", _USER_INFO.sub(rf"\g<1>{MASKED}@", url))


def masked_text(text: str) -> str:
    """The text with the secrets of its URLs, and of elements and attributes named as secrets."""
    text = masked_url(text)
    if "<" in text:
        text = _TAG.sub(rf"\g<1>{MASKED}", text)
    return _ATTRIBUTE.sub(rf'\g<1>"{MASKED}"', text) if "=" in text else text
