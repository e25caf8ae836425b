"""Walking a SyncML element tree: fields by name, with places, namespaces and bounds watched.

A ``Reader`` is made for one message. What a strict reading refuses raises the chosen ProtocolError
at once; a lenient one collects it. Which fields a message has is told in ``xml`` and ``commands``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from mdmcore.errors import ProtocolError
from mdmcore.namespaces import METINF
from mdmcore.syncml.model import ForeignName, Problem
from mdmcore.xml import Element, children, local_name, namespace_of, text_of

MAX_COMMANDS = 10_000
"""Commands of one message, those in containers counted; real messages have a few dozen."""
MAX_ITEMS = 50_000
"""Items of one message, over all commands."""
MAX_ELEMENTS = 500_000
"""Elements of one message, whatever they are; a session that reads a whole tree has thousands."""
MAX_DEPTH = 8
"""Containers within each other; the protocol has use for two."""
MAX_NOTED = 100
"""Problems and foreign names that are remembered, each."""


class Reader:
    """Reads the fields of one message whose root has ``namespace``."""

    def __init__(self, *, namespace: str, strict: bool, fault: type[ProtocolError]) -> None:
        self.namespace = namespace
        self.strict = strict
        self.problems: list[Problem] = []
        self.foreign: list[ForeignName] = []
        self._fault = fault
        self._commands = 0
        self._items = 0

    def check_size(self, root: Element) -> None:
        """Refuse a message of more elements than can be looked at in a short time."""
        if sum(1 for _ in islice(root.iter(), MAX_ELEMENTS + 1)) > MAX_ELEMENTS:
            raise self.refuse(f"more than {MAX_ELEMENTS} elements in one message", "/SyncML")

    def refuse(self, message: str, place: str) -> ProtocolError:
        """The error to raise for what neither mode can read."""
        return self._fault(message, place=place)

    def note(self, message: str, place: str) -> None:
        """Refuse when strict, else remember."""
        if self.strict:
            raise self.refuse(message, place)
        if len(self.problems) < MAX_NOTED:
            self.problems.append(Problem(message=message, place=place))

    def note_foreign(self, element: Element, expected: str, place: str) -> None:
        """Remember an element whose namespace is not the expected one."""
        if len(self.foreign) < MAX_NOTED:
            self.foreign.append(
                ForeignName(
                    name=local_name(element),
                    namespace=namespace_of(element),
                    expected=expected,
                    place=place,
                )
            )

    def is_ours(self, element: Element, place: str) -> bool:
        """Whether the element stands in the message's namespace; remembered when it does not."""
        if namespace_of(element) == self.namespace:
            return True
        self.note_foreign(element, self.namespace, place)
        return False

    def child(self, parent: Element, name: str, place: str) -> Element | None:
        """The first child of that name; refused or remembered are a second one of the same name
        and a foreign namespace."""
        found = named(parent, name)
        if not found:
            return None
        path = f"{place}/{name}"
        if len(found) > 1:
            self.note(f"{name} stands {len(found)} times", path)
        if not self.is_ours(found[0], path):
            self.note(f"{name} is in namespace {namespace_of(found[0])!r}", path)
        return found[0]

    def text(self, parent: Element, name: str, place: str) -> str | None:
        """The trimmed text of a child, ``None`` when it is not there."""
        element = self.child(parent, name, place)
        return None if element is None else text_of(element)

    def required_text(self, parent: Element, name: str, place: str) -> str:
        """The trimmed text of a child that must be there and not be empty."""
        text = self.text(parent, name, place)
        if not text:
            self.note(f"{name} is {'missing' if text is None else 'empty'}", place)
        return text or ""

    def flag(self, parent: Element, name: str, place: str) -> bool:
        """Whether an empty marker element is there."""
        return self.child(parent, name, place) is not None

    def meta_children(self, meta: Element, place: str) -> dict[str, list[Element]]:
        """A Meta's children by name, through a MetInf element if there is one. A wrong namespace
        is only remembered: deployed servers write it, devices take it."""
        found: dict[str, list[Element]] = {}
        for element, path in numbered(meta, place):
            if namespace_of(element) != METINF:
                self.note_foreign(element, METINF, path)
            if local_name(element) == "MetInf":
                for name, inner in self.meta_children(element, path).items():
                    found.setdefault(name, []).extend(inner)
            else:
                found.setdefault(local_name(element), []).append(element)
        return found

    def count_command(self, place: str) -> None:
        """One command more; raises when there are too many."""
        self._commands += 1
        if self._commands > MAX_COMMANDS:
            raise self.refuse(f"more than {MAX_COMMANDS} commands in one message", place)

    def count_item(self, place: str) -> None:
        """One item more; raises when there are too many."""
        self._items += 1
        if self._items > MAX_ITEMS:
            raise self.refuse(f"more than {MAX_ITEMS} items in one message", place)


def named(parent: Element, name: str) -> list[Element]:
    """Child elements of that local name, in any namespace."""
    return list(parent.iterchildren(f"{{*}}{name}"))


def numbered(parent: Element, place: str, name: str | None = None) -> Iterator[tuple[Element, str]]:
    """Child elements with their places, as ``mdmcore.xml.path_of`` writes them, in linear time."""
    chosen = list(children(parent)) if name is None else named(parent, name)
    names = [local_name(element) for element in chosen]
    totals = Counter(names)
    seen: Counter[str] = Counter()
    for element, own in zip(chosen, names, strict=True):
        seen[own] += 1
        position = f"[{seen[own]}]" if totals[own] > 1 else ""
        yield element, f"{place}/{own}{position}"
