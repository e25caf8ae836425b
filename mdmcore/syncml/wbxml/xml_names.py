"""Names of WBXML elements and attributes in XML: namespaces, prefixes of literals, what is no name.

A token's namespace is that of its page. A literal stands in the namespace around it, unless it
has an attribute ``xmlns`` or a prefix.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from mdmcore.base64_text import encode_base64
from mdmcore.namespaces import XML
from mdmcore.syncml.wbxml.opaque_data import utf8_text
from mdmcore.syncml.wbxml.tree import Extension, Opaque, Text, WbxmlAttribute, WbxmlElement
from mdmcore.xml import NCNAME

_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_.-]")
_XMLNS = "xmlns"


class Judge(Protocol):
    """Who decides what becomes of what XML cannot carry."""

    def note(self, message: str, offset: int) -> None:
        """Remember something odd."""

    def refuse(self, message: str, offset: int) -> None:
        """An error or a note."""

    def carried(self, text: str, offset: int) -> str:
        """The text as XML can carry it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An element's name in XML, its namespace, the prefixes it declares, its other attributes (with
    prefix), and all prefixes in force in it."""

    name: str
    namespace: str
    declared: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    prefixes: Mapping[str, str] = MappingProxyType({})


def name_element(
    element: WbxmlElement,
    page_namespace: str | None,
    scope: str,
    prefixes: Mapping[str, str],
    judge: Judge,
) -> Named:
    """The element's name; ``page_namespace`` is ``None`` for a literal."""
    values: dict[str, str] = {}
    for attribute in element.attributes:
        if attribute.page is None and attribute.name not in values:
            values[attribute.name] = _value(attribute, judge)
    declared = tuple(
        (name.partition(":")[2], value)
        for name, value in values.items()
        if name.startswith(f"{_XMLNS}:") and _is_declarable(name.partition(":")[2], value)
    )
    if declared:
        prefixes = MappingProxyType({**prefixes, **dict(declared)})
    name, namespace = element.name, page_namespace
    if namespace is None:
        prefix, colon, local = name.rpartition(":")
        namespace = values.get(_XMLNS, scope)
        if colon:
            name, namespace = local, _resolved(prefix, prefixes, namespace, element, judge)
    return Named(
        name=_checked(name, element.offset, judge),
        namespace=namespace,
        declared=declared,
        attributes=_attributes(element, values, prefixes, judge),
        prefixes=prefixes,
    )


def _resolved(
    prefix: str, prefixes: Mapping[str, str], otherwise: str, element: WbxmlElement, judge: Judge
) -> str:
    if prefix in prefixes:
        return prefixes[prefix]
    judge.note(f"prefix {prefix!r} is not declared", element.offset)
    return otherwise


def _is_declarable(prefix: str, uri: str) -> bool:
    return bool(NCNAME.fullmatch(prefix)) and not prefix.lower().startswith("xml") and bool(uri)


def _attributes(
    element: WbxmlElement,
    values: Mapping[str, str],
    prefixes: Mapping[str, str],
    judge: Judge,
) -> tuple[tuple[str, str], ...]:
    """All but declarations; the first of several with one name."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for attribute in element.attributes:
        name = attribute.name
        if attribute.page is None and (name == _XMLNS or name.startswith(f"{_XMLNS}:")):
            continue
        prefix, colon, local = name.rpartition(":")
        local = _checked(local, attribute.offset, judge)
        namespace = XML if prefix == "xml" else prefixes.get(prefix, "") if colon else ""
        if colon and not namespace:
            judge.note(f"prefix {prefix!r} is not declared", attribute.offset)
        shown = f"{prefix}:{local}" if namespace else local
        value = values[name] if attribute.page is None else _value(attribute, judge)
        if (namespace, local) in found:
            judge.note(f"attribute {name} stands twice", attribute.offset)
        found.setdefault((namespace, local), (shown, value))
    return tuple(found.values())


def _value(attribute: WbxmlAttribute, judge: Judge) -> str:
    """An attribute's value as text; of what is none, the token in brackets."""
    parts: list[str] = []
    for part in attribute.value:
        match part:
            case Text():
                parts.append(judge.carried(part.text, part.offset))
            case Opaque():
                text = utf8_text(part.data)
                parts.append(encode_base64(part.data) if text is None else text)
            case Extension():
                parts.append(f"[0x{part.token:02X}]")
    return "".join(parts)


def _checked(name: str, offset: int, judge: Judge) -> str:
    """The name, if it is one; else, when lenient, one like it."""
    if NCNAME.fullmatch(name):
        return name
    judge.refuse(f"{name[:60]!r} is no name in XML", offset)
    return f"_{_NOT_IN_NAME.sub('_', name)}"
