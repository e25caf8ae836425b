"""XML inside the Data of an Item, as the device reads it after the message has been parsed.

Only how it is opened stands here; what it says is judged by the rules.
"""

from __future__ import annotations

import re

from mdmcore.errors import XmlError
from mdmcore.xml import MAX_XML_BYTES, Element, children, parse_strict, text_of

_DECLARATION = re.compile(r"\A\ufeff?(?:\s*<\?xml\b[^>]*\?>)?")
_ESCAPED_TAG = re.compile(r"\s*&(?:amp;)*(?:lt|#60|#x3[cC]);")


def payload_root(text: str | None) -> Element | None:
    """The root of a whole document, whatever encoding it declares; ``None`` if it is no XML."""
    stripped = _DECLARATION.sub("", text or "", count=1).strip()
    return _parsed(stripped) if stripped.startswith("<") else None


def payload_content(text: str) -> Element | None:
    """An element without a name worth knowing around several; ``None`` if that is no XML."""
    return _parsed(f"<content>{_DECLARATION.sub('', text, count=1)}</content>")


def is_double_escaped(text: str) -> bool:
    """Whether the text is XML only after it was decoded once more, or more often."""
    for _ in range(3):
        if not _ESCAPED_TAG.match(text):
            return False
        outer = payload_content(text)
        if outer is None or next(children(outer), None) is not None:
            return False
        text = text_of(outer)
        inner = payload_content(text)
        if inner is not None and next(children(inner), None) is not None:
            return True
    return False


def _parsed(text: str) -> Element | None:
    if len(text) > MAX_XML_BYTES:
        return None
    try:
        return parse_strict(text.encode())
    except (XmlError, UnicodeEncodeError):
        return None
