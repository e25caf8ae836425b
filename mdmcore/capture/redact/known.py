"""The values that were found to be secrets or to name somebody, and where they stand in a text.

Held in memory only. A value that is too short, or a word that stands in every capture, is replaced
in its own place and not looked for elsewhere: it would be found everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.capture.redact.kinds import CASE_BLIND, VOCABULARY, ValueKind
from mdmcore.errors import ConfigError

MIN_LENGTH = 6
"""Characters of a value that is looked for everywhere."""
_MIN_DIGITS = 8
MAX_VALUES = 200_000
MAX_CHARACTERS = 64 * 1024 * 1024
"""Of all values together."""


class KnownValues:
    """Values by kind, the kind that was told first."""

    def __init__(self) -> None:
        self._kinds: dict[str, ValueKind] = {}
        self._blind: dict[str, ValueKind] = {}
        self._index: dict[str, list[tuple[str, ValueKind]]] = {}
        self._replaced: dict[str, ValueKind] = {}
        self._characters = 0
        self.public: set[str] = set()
        """Values, in lower case, that stay wherever they stand: the names of servers' products."""

    def add(self, kind: ValueKind, value: str) -> None:
        """A value of that kind."""
        if not value or self.kind_of(value) is not None:
            return
        self._characters += len(value)
        if kind in CASE_BLIND:
            self._blind[value.lower()] = kind
        else:
            self._kinds[value] = kind
        if is_distinctive(value):
            start = value.lower()[:MIN_LENGTH]
            self._index.setdefault(start, []).append((value, kind))
            self._index[start].sort(key=lambda one: -len(one[0]))

    def check_bounds(self) -> None:
        """Raises ConfigError where there are more values than are kept in memory."""
        count = max(len(self._kinds) + len(self._blind), len(self._replaced))
        if count > MAX_VALUES or self._characters > MAX_CHARACTERS:
            raise ConfigError(
                f"more to replace than is kept in memory ({count} values, {self._characters} "
                f"characters; at most {MAX_VALUES} and {MAX_CHARACTERS}); redact fewer captures "
                "at once, with one --redact-key"
            )

    def kind_of(self, value: str) -> ValueKind | None:
        """The kind of a value that is known."""
        return self._kinds.get(value) or self._blind.get(value.lower())

    def replaced(self, kind: ValueKind, value: str) -> None:
        """This value was replaced: it must not stand anywhere in the end."""
        if is_distinctive(value):
            self._replaced[value] = kind

    def searched(self) -> Iterator[tuple[str, ValueKind]]:
        """The values that must not stand anywhere in the end."""
        found = dict(self._replaced)
        for values in self._index.values():
            found.update(values)
        return ((value, kind) for value, kind in found.items() if not self.is_public(value))

    def is_public(self, value: str) -> bool:
        """Whether a value stays wherever it stands."""
        return value.lower() in self.public

    def find(self, text: str) -> Iterator[tuple[int, int, ValueKind]]:
        """Where values stand in a text, each not inside a longer word."""
        index = self._index
        if not index or len(text) < MIN_LENGTH:
            return
        low = text.lower()
        if len(low) != len(text):  # a few capitals have a longer small form
            low = text
        at, last = 0, len(text) - MIN_LENGTH
        while at <= last:
            values = index.get(low[at : at + MIN_LENGTH])
            end = None if values is None else _end(text, low, at, values)
            if end is None:
                at += 1
                continue
            yield at, end[0], end[1]
            at = end[0]


def _end(
    text: str, low: str, at: int, values: list[tuple[str, ValueKind]]
) -> tuple[int, ValueKind] | None:
    for value, kind in values:
        end = at + len(value)
        is_same = (
            low.startswith(value.lower(), at) if kind in CASE_BLIND else text.startswith(value, at)
        )
        if is_same and _is_apart(text, at, end):
            return end, kind
    return None


def _is_apart(text: str, start: int, end: int) -> bool:
    before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    behind = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return not (before or behind)


def is_distinctive(value: str) -> bool:
    """Whether a value is looked for everywhere."""
    plain = value.strip().lower()
    if plain.isdigit():
        return len(plain) >= _MIN_DIGITS and len(set(plain)) > 1
    return len(plain) >= MIN_LENGTH and plain not in VOCABULARY and len(set(plain)) > 2
