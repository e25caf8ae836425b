"""What one WBXML document may cost: bounds, each with its reason, and the account that keeps them.

A byte can stand for much more than itself (a string table entry that is named again and again),
so what is read is counted beside the length of the input. Nested documents share one account.
"""

from __future__ import annotations

from mdmcore.errors import WbxmlError

MAX_WBXML_BYTES = 8 * 1024 * 1024
"""The widest SyncML message seen has less than 1 MB as XML, and WBXML is shorter."""
MAX_TOKENS = 400_000
"""Tokens of a document, END and SWITCH_PAGE counted: what bounds the time, to a second or two."""
MAX_ELEMENTS = 100_000
"""Elements and attributes of a document: what bounds the memory. A Results item has about ten, so
this is a tree of 10,000 nodes in one message."""
MAX_ATTRIBUTES = 64
"""Attributes of one element; SyncML has none, and XML parsers compare each with each other."""
MAX_DEPTH = 64
"""Elements within each other. A message needs 16; the nodes of a DM tree description need more."""
MAX_NESTED_DOCUMENTS = 4
"""Documents within each other (wbxml.md section 9); the protocol has use for one."""
MAX_STRING_TABLE_BYTES = 1024 * 1024
"""Devices have 29 bytes there, the formal public identifier; libwbxml collects repeated texts."""
MAX_OPAQUE_BYTES = 4 * 1024 * 1024
"""One opaque value. As base64 it must fit into an XML text, which libxml2 ends at 10 MB."""
MAX_CHARACTERS = MAX_WBXML_BYTES
"""Characters of all texts and names: more than the document has bytes come from a bomb."""
MAX_NOTED = 100
"""Problems that are remembered."""
_MAX_MESSAGE = 300
"""Characters of what is said of one: names that it quotes may have a million."""


class LimitExceeded(WbxmlError):
    """A bound of this module is exceeded."""


class Account:
    """Counts what one document and those nested in it have cost; raises LimitExceeded."""

    def __init__(self) -> None:
        self._tokens = 0
        self._elements = 0
        self._characters = 0

    def count_token(self, offset: int) -> None:
        """One token more."""
        self._tokens += 1
        if self._tokens > MAX_TOKENS:
            raise LimitExceeded(f"more than {MAX_TOKENS} tokens in one document", offset=offset)

    def count_element(self, depth: int, offset: int) -> None:
        """One element more, at that depth (the root has 1)."""
        self.count_attribute(offset)
        if depth > MAX_DEPTH:
            raise LimitExceeded(f"elements nested more than {MAX_DEPTH} deep", offset=offset)

    def count_attribute(self, offset: int) -> None:
        """One attribute more, which costs as much as an element."""
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise LimitExceeded(
                f"more than {MAX_ELEMENTS} elements and attributes in one document", offset=offset
            )

    def count_text(self, text: str, offset: int) -> None:
        """A text or name more."""
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            raise LimitExceeded(
                f"more than {MAX_CHARACTERS} characters of text in one document", offset=offset
            )


def bounded(message: str) -> str:
    """What is to be said of a problem, cut where it is long."""
    return message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]}..."
