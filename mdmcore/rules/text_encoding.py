"""Whether the text of a message is UTF-8, by its name and by its bytes (session.md 3).

US-ASCII is a part of UTF-8 and passes. What a wrong encoding means belongs to the rules.
"""

from __future__ import annotations

from mdmcore.rules.decoded import BodySide

_UTF8_NAMES = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


def is_utf8_name(charset: str) -> bool:
    """Whether that character set, in any case, is UTF-8 or a part of it."""
    return charset.lower() in _UTF8_NAMES


def not_utf8_at(side: BodySide) -> int | None:
    """Where the XML of a body that counts as UTF-8 stops being it, ``None`` when it is.

    A body that ends inside a character was cut, which is another mistake.
    """
    if side.encoding != "xml" or not is_utf8_name(side.charset):
        return None
    try:
        side.body.decode("utf-8")
    except UnicodeDecodeError as error:
        return None if error.reason == "unexpected end of data" else error.start
    return None
