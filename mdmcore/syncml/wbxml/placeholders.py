"""Names for what has none: tokens that no table knows, and extension tokens.

A name leads back to its token, so that a document can be written again as it was read.
"""

from __future__ import annotations

import re

from mdmcore.syncml.wbxml.tokens import EXT, EXT_I, EXT_T, FIRST_TAG, IDENTITY

_TAG = re.compile(r"Page([0-9A-F]{2})Token([0-9A-F]{2})")
_ATTRIBUTE = re.compile(r"Page([0-9A-F]{2})Attribute([0-9A-F]{2})")
_EXTENSIONS = {
    **{f"ExtensionI{number}": token for number, token in enumerate(EXT_I)},
    **{f"ExtensionT{number}": token for number, token in enumerate(EXT_T)},
    **{f"Extension{number}": token for number, token in enumerate(EXT)},
}
_EXTENSION_NAMES = {token: name for name, token in _EXTENSIONS.items()}
_LAST_ATTRIBUTE = 0x7F


def tag_placeholder(page: int, token: int) -> str:
    """The name of an element whose token is not known."""
    return f"Page{page:02X}Token{token:02X}"


def attribute_placeholder(page: int, token: int) -> str:
    """The name of an attribute whose token is not known; SyncML knows none."""
    return f"Page{page:02X}Attribute{token:02X}"


def extension_name(token: int) -> str:
    """The name of an extension token."""
    return _EXTENSION_NAMES[token]


def extension_token(name: str) -> int | None:
    """The extension token of that name."""
    return _EXTENSIONS.get(name)


def tag_of_placeholder(name: str) -> tuple[int, int] | None:
    """Page and token behind the name of an element."""
    match = _TAG.fullmatch(name)
    if match is None or not FIRST_TAG <= int(match[2], 16) <= IDENTITY:
        return None
    return int(match[1], 16), int(match[2], 16)


def attribute_of_placeholder(name: str) -> tuple[int, int] | None:
    """Page and token behind the name of an attribute."""
    match = _ATTRIBUTE.fullmatch(name)
    if match is None:
        return None
    page, token = int(match[1], 16), int(match[2], 16)
    is_global = token & IDENTITY < FIRST_TAG or token > _LAST_ATTRIBUTE
    return None if is_global else (page, token)
