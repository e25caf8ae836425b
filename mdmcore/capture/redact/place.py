"""Where in a message reading stands: elements around, and what an item of SyncML has said so far.

Serves XML and WBXML. In SyncML the target and the Meta of an item stand before its data.
"""

from __future__ import annotations

from mdmcore.capture.redact.leaf import Leaf

_ITEM = "item"
_COMMANDS = frozenset(
    {"add", "replace", "get", "delete", "exec", "alert", "results", "status", "cred", "chal"}
)
_MAX_DEPTH = 200


class Place:
    """The place; ``enter`` and ``leave`` follow the tags, also where they do not match."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._labels: list[str] = []
        self._target = ""
        self._source = ""
        self._type = ""
        self._command_type = ""

    @property
    def element(self) -> str:
        """The innermost element."""
        return self._names[-1] if self._names else ""

    def enter(self, name: str, label: str = "") -> None:
        """An element begins; ``label`` is what its attribute calls it."""
        if name in _COMMANDS:
            self._target = self._source = self._type = self._command_type = ""
        elif name == _ITEM:
            self._command_type = self._type or self._command_type
            self._target = self._source = self._type = ""
        if len(self._names) < _MAX_DEPTH:
            self._names.append(name)
            self._labels.append(label)

    def leave(self, name: str) -> None:
        """An element ends; one that was not begun changes nothing."""
        if name in self._names:
            while self._names.pop() != name:
                self._labels.pop()
            self._labels.pop()

    def saw_text(self, text: str) -> None:
        """A text stands here."""
        plain = text.strip()
        if not plain:
            return
        if self.element == "locuri" and len(self._names) > 1 and "synchdr" not in self._names:
            if self._names[-2] == "target":
                self._target = plain
            elif self._names[-2] == "source":
                self._source = plain
        elif self.element == "type":
            self._type = plain

    def leaf(self, *, name: str = "", is_form: bool = False) -> Leaf:
        """The place of a text here, or of an attribute's value of that name."""
        label = name
        if not name and self.element == "value" and len(self._labels) > 1:
            label = self._labels[-2]
        return Leaf(
            path=tuple(self._names),
            name=label,
            uri=self._target or self._source if not name else "",
            type=self._type or self._command_type,
            is_form=is_form,
        )
