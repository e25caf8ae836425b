"""The wap-provisioningdoc as a generic tree: nothing is lost, nothing interpreted.

OMA ProvCont 1.1, MS-MDE2 2.2.9, enrollment.md 9.1. What the branches mean is read by
``provisioning_view``; the document for a phone is made by ``provisioning_builder``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mdmcore.errors import ServerFault
from mdmcore.xml import (
    Element,
    Node,
    children,
    local_name,
    namespace_of,
    parse_lenient,
    parse_strict,
    path_of,
    serialize,
)

ROOT = "wap-provisioningdoc"
VERSION = "1.1"
_IGNORED = frozenset({"noparm", "nocharacteristic"})
"""Windows Mobile's removals: legal, but nothing that provisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parm:
    """One setting. ``value`` is as written, ``None`` where there is no such attribute."""

    name: str
    value: str | None = None
    datatype: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """A branch. Order among parms and among characteristics is kept."""

    type: str
    parms: tuple[Parm, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()

    def child(self, type: str, *, ignore_case: bool = False) -> Characteristic | None:
        """The first direct branch of that type."""
        return _first(self.characteristics, type, ignore_case=ignore_case)

    def children(self, type: str | None = None) -> tuple[Characteristic, ...]:
        """The direct branches, those of one type if given (exact case)."""
        return tuple(c for c in self.characteristics if type is None or c.type == type)

    def parm(self, name: str, *, ignore_case: bool = False) -> Parm | None:
        """The first parm of that name."""
        for parm in self.parms:
            if parm.name == name or (ignore_case and parm.name.lower() == name.lower()):
                return parm
        return None

    def value(self, name: str, *, ignore_case: bool = False) -> str | None:
        """The value of the first parm of that name; ``None`` without parm or value."""
        parm = self.parm(name, ignore_case=ignore_case)
        return None if parm is None else parm.value


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningDocument:
    """A document. ``raw`` has the bytes it was read from, empty when it was made here."""

    version: str | None = VERSION
    characteristics: tuple[Characteristic, ...] = ()
    raw: bytes = field(default=b"", repr=False, compare=False)

    def find(self, *types: str, ignore_case: bool = False) -> Characteristic | None:
        """The branch at a path of types, first match at each step; exact case as the phone."""
        level, found = self.characteristics, None
        for name in types:
            found = _first(level, name, ignore_case=ignore_case)
            if found is None:
                return None
            level = found.characteristics
        return found

    def walk(self) -> Iterator[tuple[tuple[str, ...], Characteristic]]:
        """Every branch with the types that lead to it (its own last), in document order."""
        stack: list[tuple[tuple[str, ...], Characteristic]]
        stack = [((c.type,), c) for c in reversed(self.characteristics)]
        while stack:
            path, branch = stack.pop()
            yield path, branch
            stack.extend(((*path, c.type), c) for c in reversed(branch.characteristics))


def parse_provisioning(data: bytes, *, strict: bool = True) -> ProvisioningDocument:
    """The document.

    ``strict=False`` recovers broken XML, skips unknown elements and lets names be empty. Raises
    XmlError with its place; ServerFault with the element's path when it is another document, or
    an element or a required attribute is wrong.
    """
    root = parse_strict(data) if strict else parse_lenient(data).root
    name, namespace = local_name(root), namespace_of(root)
    if name != ROOT or (strict and namespace):
        shown = f"{{{namespace}}}{name}" if namespace else name
        raise ServerFault(f"not a {ROOT}, the root element is {shown}", place=path_of(root))
    _, characteristics = _content(root, strict=strict)
    version = root.get("version")
    return ProvisioningDocument(
        version=None if version is None else str(version),
        characteristics=characteristics,
        raw=data,
    )


def serialize_provisioning(document: ProvisioningDocument) -> bytes:
    """The document as UTF-8 bytes, without declaration or blanks; parms before branches."""
    attributes = {} if document.version is None else {"version": document.version}
    branches = tuple(map(_node, document.characteristics))
    return serialize(Node(ROOT, attributes=attributes, children=branches))


def _first(
    branches: tuple[Characteristic, ...], type: str, *, ignore_case: bool
) -> Characteristic | None:
    for branch in branches:
        if branch.type == type or (ignore_case and branch.type.lower() == type.lower()):
            return branch
    return None


def _content(
    parent: Element, *, strict: bool
) -> tuple[tuple[Parm, ...], tuple[Characteristic, ...]]:
    parms: list[Parm] = []
    branches: list[Characteristic] = []
    for element in children(parent):
        name = local_name(element)
        if name == "characteristic":
            kind = _required(element, "type", strict=strict)
            inner, below = _content(element, strict=strict)
            branches.append(Characteristic(type=kind, parms=inner, characteristics=below))
        elif name == "parm":
            parms.append(_parm(element, strict=strict))
        elif strict and name not in _IGNORED:
            raise ServerFault(f"unknown element {name}", place=path_of(element))
    return tuple(parms), tuple(branches)


def _parm(element: Element, *, strict: bool) -> Parm:
    value, datatype = element.get("value"), element.get("datatype")
    return Parm(
        name=_required(element, "name", strict=strict),
        value=None if value is None else str(value),
        datatype=None if datatype is None else str(datatype),
    )


def _required(element: Element, attribute: str, *, strict: bool) -> str:
    value = str(element.get(attribute) or "")
    if not value and strict:
        message = f"{local_name(element)} without {attribute}"
        raise ServerFault(message, place=path_of(element))
    return value


def _node(branch: Characteristic) -> Node:
    parms = tuple(map(_parm_node, branch.parms))
    branches = tuple(map(_node, branch.characteristics))
    return Node("characteristic", attributes={"type": branch.type}, children=parms + branches)


def _parm_node(parm: Parm) -> Node:
    attributes = {"name": parm.name}
    if parm.value is not None:
        attributes["value"] = parm.value
    if parm.datatype is not None:
        attributes["datatype"] = parm.datatype
    return Node("parm", attributes=attributes)
