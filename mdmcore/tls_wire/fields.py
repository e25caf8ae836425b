"""Fields of TLS structures: numbers and vectors with their length before them (RFC 8446 3.4)."""

from __future__ import annotations

from mdmcore.errors import ParseError


class Fields:
    """Reads on from field to field; ParseError where one is longer than the rest."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        """Whether anything is left."""
        return self._at < len(self._data)

    def take(self, count: int) -> bytes:
        """The next bytes."""
        end = self._at + count
        if end > len(self._data):
            raise ParseError("a field is longer than its message", offset=self._at)
        found = self._data[self._at : end]
        self._at = end
        return found

    def number(self, width: int) -> int:
        """An unsigned number of that many bytes."""
        return int.from_bytes(self.take(width), "big")

    def vector(self, width: int) -> Fields:
        """A vector whose length is a number of that many bytes."""
        return Fields(self.take(self.number(width)))

    def rest(self) -> bytes:
        """What is left."""
        return self.take(len(self._data) - self._at)
