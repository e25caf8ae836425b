"""A document written once more with other texts: prefixes, order and attributes stay as they were.

What is changed and why is the matter of whoever asks; that the bytes between elements stay the very
same is not promised.
"""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from mdmcore.errors import XmlError
from mdmcore.xml.parser import Element, parse_lenient

_DECLARATION = b"<?xml"


def rewritten(data: bytes, change: Callable[[Element], None]) -> bytes:
    """The document as UTF-8, after ``change`` had its root; with a declaration where it had one.

    Raises XmlError as ``parse_lenient``, and for a text that XML cannot carry.
    """
    root = parse_lenient(data).root
    try:
        change(root)
    except ValueError as error:
        raise XmlError(f"cannot write this text: {error}") from None
    body = etree.tostring(root, encoding="UTF-8", xml_declaration=False, with_tail=False)
    if _DECLARATION not in data[:16]:
        return body
    return b'<?xml version="1.0" encoding="UTF-8"?>' + body
