"""Writing XML: deterministic bytes (attribute and prefix order as given), UTF-8, no decoration.

Documents are built from ``Node`` values, so that protocol packages stay free of lxml, every text
is escaped in one place, and characters that XML 1.0 cannot carry are refused with a clear error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from mdmcore.errors import XmlError
from mdmcore.xml.characters import NOT_XML
from mdmcore.xml.fragment import insert_fragment
from mdmcore.xml.parser import Element, parse_strict


@dataclass(frozen=True, slots=True)
class Node:
    """An element to be written: Clark name, attributes, text, children, prefixes declared here.

    ``fragment`` is well-formed XML content that takes the place of text and children.
    """

    name: str
    text: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: Sequence[Node] = ()
    nsmap: Mapping[str | None, str] = field(default_factory=dict)
    fragment: str | None = None


def sub_node(name: str, *parts: Node | str | None, **attributes: str) -> Node:
    """A node from its text or children; ``None`` parts are left out."""
    nodes = tuple(part for part in parts if isinstance(part, Node))
    texts = [part for part in parts if isinstance(part, str)]
    return Node(name, "".join(texts) if texts else None, attributes, nodes)


def serialize(root: Node, *, declaration: bool = False) -> bytes:
    """The document as UTF-8 bytes; ``declaration`` writes ``<?xml ...?>`` first."""
    body = etree.tostring(_element(root, None), encoding="UTF-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + body if declaration else body


def pretty_print(root: Element) -> str:
    """Indented text for people; never sent to anybody."""
    parser = etree.XMLParser(
        remove_blank_text=True, resolve_entities=False, no_network=True, recover=True
    )
    # The stubs do not know that a recovering parser may give nothing: a name that was recovered
    # once may be one that XML cannot carry a second time.
    copied = cast(Element | None, etree.fromstring(etree.tostring(root, with_tail=False), parser))
    if copied is None:
        return etree.tostring(root, with_tail=False, encoding="unicode")
    return etree.tostring(copied, pretty_print=True, encoding="unicode")


def canonicalize(data: bytes) -> bytes:
    """Canonical XML (C14N 2.0) without comments and without blanks between elements.

    Two documents that say the same are the same bytes then. Raises XmlError as ``parse_strict``.
    C14N 1.0 refuses namespaces that are no absolute URI, which devices may send.
    """
    root = parse_strict(data)
    for element in root.iter():
        element.text = _unless_blank(element, element.text, has_children=len(element) > 0)
        element.tail = _unless_blank(element, element.tail, has_children=True)
    return etree.tostring(root, method="c14n2", with_comments=False)


def _unless_blank(element: Element, text: str | None, *, has_children: bool) -> str | None:
    return None if has_children and text is not None and not text.strip() else text


def _element(node: Node, parent: Element | None) -> Element:
    attributes = {name: _checked(value) for name, value in node.attributes.items()}
    nsmap = dict(node.nsmap)
    try:
        if parent is None:
            element = etree.Element(node.name, attributes, nsmap=nsmap)
        elif not node.name.startswith("{") and parent.nsmap.get(None):
            element = _outside_default(node.name, attributes)
            parent.append(element)
        else:
            element = etree.SubElement(parent, node.name, attributes, nsmap=nsmap)
    except ValueError as error:
        raise XmlError(f"cannot write element {node.name!r}: {error}") from None
    if node.fragment is not None:
        insert_fragment(element, node.fragment)
        return element
    if node.text is not None:
        element.text = _checked(node.text)
    for sub in node.children:
        _element(sub, element)
    return element


def _outside_default(name: str, attributes: Mapping[str, str]) -> Element:
    """An element of no namespace for a place that has a default one, which lxml cannot undo."""
    etree.Element(name)  # refuses what is no name
    element = parse_strict(f'<{name} xmlns=""/>'.encode())
    element.attrib.update(dict(attributes))
    return element


def _checked(text: str) -> str:
    bad = NOT_XML.search(text)
    if bad:
        code = f"U+{ord(bad.group()):04X}"
        raise XmlError(f"character {code} cannot stand in XML", offset=bad.start())
    return text
