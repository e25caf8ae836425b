"""What all parts of one redaction share, and how they call each other.

A run goes over everything twice by the same ways: first to learn which values are secret or name
somebody (nothing is changed then), then to replace them. So both passes see the same places.
"""

from __future__ import annotations

from typing import Protocol

from mdmcore.capture.redact.edits import Edit
from mdmcore.capture.redact.hosts import Hosts
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.known import KnownValues
from mdmcore.capture.redact.leaf import Leaf
from mdmcore.capture.redact.pseudonyms import Pseudonyms
from mdmcore.capture.redact.tally import Tally

MAX_DEPTH = 12
"""Layers within each other: escapes, base64, documents. A message has six."""


class Run(Protocol):
    """One redaction."""

    pseudonyms: Pseudonyms
    hosts: Hosts
    known: KnownValues
    tally: Tally
    is_learning: bool
    kept_guids: set[str]

    def free(self, text: str) -> list[Edit]:
        """Changes of a text of any sort: what is known, and what looks like a value of a kind."""

    def value(self, kind: ValueKind, text: str) -> str:
        """What takes the place of a whole value of that kind."""

    def leaf(self, leaf: Leaf, text: str) -> list[Edit]:
        """Changes of a text that stands at that place of a message."""

    def xml(self, text: str) -> str:
        """The XML or HTML text with other values in the same places."""

    def octets(self, data: bytes) -> bytes | None:
        """Bytes that stand in a message, redacted; ``None`` where they are not understood."""

    def packed(self, text: str) -> str | None:
        """Base64 of something that is understood, redacted and packed again; else ``None``."""

    def digest(self, data: bytes) -> bytes:
        """What takes the place of a digest: made by the same formula where that is known."""

    def thumbprint(self, data: bytes) -> bytes | None:
        """The digest of what took the place of the certificate with that digest."""
