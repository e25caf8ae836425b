"""All that one redaction knows, and the ways by which its parts call each other (see ``run``)."""

from __future__ import annotations

from collections.abc import Callable

from mdmcore.capture.redact import free_text, leaves, packed, values, xml_text
from mdmcore.capture.redact.certificates import Certificates
from mdmcore.capture.redact.digests import Digests
from mdmcore.capture.redact.edits import Edit
from mdmcore.capture.redact.hosts import Hosts
from mdmcore.capture.redact.keys import KeySource, ThrowAwayKeys
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.known import KnownValues
from mdmcore.capture.redact.leaf import Leaf
from mdmcore.capture.redact.pseudonyms import Pseudonyms
from mdmcore.capture.redact.run import MAX_DEPTH, Run
from mdmcore.capture.redact.tally import Tally
from mdmcore.capture.redact.wbxml_bytes import rewritten as wbxml_rewritten
from mdmcore.errors import WbxmlError
from mdmcore.pki.request import DEFAULT_CSR_COMMON_NAME
from mdmcore.syncml.wbxml import looks_like_wbxml

type _Change[A, T] = Callable[[Run, A], T]

_NO_GUID = "00000000-0000-0000-0000-000000000000"
_DER = b"\x30"


class Scrubber:
    """A ``Run``. The bytes of ``key`` drive the pseudonyms, ``keys`` makes throw-away keys."""

    def __init__(self, key: bytes, keys: KeySource) -> None:
        self.pseudonyms = Pseudonyms(key)
        self.hosts = Hosts(self.pseudonyms)
        self.known = KnownValues()
        self.tally = Tally()
        self.is_learning = True
        # Each phone asks for its certificate by that name.
        self.kept_guids = {_NO_GUID, DEFAULT_CSR_COMMON_NAME.lower()}
        self.digests = Digests()
        throw_away = ThrowAwayKeys(keys, lambda data: self.pseudonyms.tag("key", data, 32))
        self.certificates = Certificates(self, throw_away)
        self._depth = 0

    def free(self, text: str) -> list[Edit]:
        return self._deeper(free_text.edits, text) or []

    def value(self, kind: ValueKind, text: str) -> str:
        return values.replaced(self, kind, text)

    def leaf(self, leaf: Leaf, text: str) -> list[Edit]:
        return leaves.edits(self, leaf, text)

    def xml(self, text: str) -> str:
        new = self._deeper(xml_text.rewritten, text)
        return text if new is None else new

    def packed(self, text: str) -> str | None:
        return self._deeper(packed.packed, text)

    def octets(self, data: bytes) -> bytes | None:
        if data.startswith(_DER):
            return self.certificates.any(data)
        if looks_like_wbxml(data):
            return self.wbxml(data)
        found = packed.readable(data)
        if found is None:
            return None
        text, codec, bom = found
        return packed.encoded_text(packed.text_in(self, text), codec, bom)

    def wbxml(self, data: bytes) -> bytes | None:
        """A WBXML document; ``None`` where it cannot be read."""
        try:
            return self._deeper(wbxml_rewritten, data)
        except WbxmlError:
            return None

    def digest(self, data: bytes) -> bytes:
        return data if self.is_learning else self.digests.made_anew(self, data)

    def thumbprint(self, data: bytes) -> bytes | None:
        return self.certificates.thumbprint(data)

    def _deeper[A, T](self, change: _Change[A, T], what: A) -> T | None:
        """One layer further in; nothing where there are too many."""
        if self._depth >= MAX_DEPTH:
            return None
        self._depth += 1
        try:
            return change(self, what)
        finally:
            self._depth -= 1
