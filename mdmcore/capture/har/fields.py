"""Reading values of a HAR entry that may have any type, each by its JSON path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mdmcore.errors import ParseError


@dataclass(frozen=True, slots=True)
class Place:
    """A value and the JSON path that leads to it."""

    value: Any
    path: str

    def get(self, name: str) -> Place:
        """The member of that name; ``None`` as its value where there is none."""
        value = self.value.get(name) if isinstance(self.value, dict) else None
        return Place(value, f"{self.path}.{name}")

    def table(self) -> Place:
        """Itself. Raises ParseError where it is no object."""
        if not isinstance(self.value, dict):
            raise ParseError(f"{self.path} is no object")
        return self

    def text(self) -> str:
        """Its text. Raises ParseError where it is none."""
        if not isinstance(self.value, str):
            raise ParseError(f"{self.path} is no text")
        return self.value

    def text_or(self, default: str) -> str:
        """Its text where it is one."""
        return self.value if isinstance(self.value, str) else default

    def number(self) -> float | None:
        """Its number, ``None`` where it is none that counts (HAR writes -1 for unknown)."""
        is_number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        return float(self.value) if is_number and self.value >= 0 else None

    def items(self) -> Iterator[Place]:
        """The elements of an array, none of anything else."""
        if isinstance(self.value, list):
            for number, value in enumerate(self.value):
                yield Place(value, f"{self.path}[{number}]")
