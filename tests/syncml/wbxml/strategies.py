"""Documents for property tests: any tree that WBXML can hold, and XML that may become WBXML."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from hypothesis import strategies as st

from mdmcore.namespaces import DEVINF, DMDDF_12, METINF, SYNCML_11, SYNCML_12
from mdmcore.syncml.wbxml import (
    Extension,
    Instruction,
    Opaque,
    Text,
    WbxmlAttribute,
    WbxmlDocument,
    WbxmlElement,
    WbxmlHeader,
)
from mdmcore.syncml.wbxml.tree import Content

_letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
texts = st.builds(Text, text=st.text(_letters, min_size=1, max_size=6))
opaque = st.builds(Opaque, data=st.binary(max_size=20))
extensions = st.one_of(
    st.builds(Extension, token=st.sampled_from([0xC0, 0xC1, 0xC2])),
    st.builds(
        Extension,
        token=st.sampled_from([0x40, 0x41, 0x42]),
        value=st.text(_letters, max_size=4),
    ),
    st.builds(
        Extension,
        token=st.sampled_from([0x80, 0x81, 0x82]),
        value=st.integers(min_value=0, max_value=0xFFFFFFFF),
    ),
)
value_tokens = st.builds(
    Extension,
    token=st.sampled_from([0x85, 0x90, 0xBF, 0xC5, 0xFF]),
    page=st.integers(min_value=0, max_value=3),
)
names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5)


def merged[T: Content](parts: list[T]) -> tuple[T, ...]:
    """Without two texts in a row, which WBXML cannot tell from one."""
    kept: list[T] = []
    for part in parts:
        if not (kept and isinstance(part, Text) and isinstance(kept[-1], Text)):
            kept.append(part)
    return tuple(kept)


values = st.lists(texts | opaque | extensions | value_tokens, max_size=3).map(merged)


@st.composite
def attributes(draw: st.DrawFn) -> WbxmlAttribute:
    """A literal attribute or one of an unknown token."""
    value = draw(values)
    if draw(st.booleans()):
        return WbxmlAttribute(name=draw(names.filter(bool)), value=value)
    page, token = draw(st.integers(0, 255)), draw(st.sampled_from([0x05, 0x3F, 0x45, 0x7F]))
    return WbxmlAttribute(name=f"Page{page:02X}Attribute{token:02X}", page=page, value=value)


instructions = st.builds(Instruction, content=attributes())
tags = st.sampled_from(
    [
        ("SyncBody", 0),
        ("Data", 0),
        ("Correlator", 0),
        ("Page00Token30", 0),
        ("Type", 1),
        ("Page01Token3F", 1),
        ("node", 2),
        ("Node", 2),
        ("Page07Token05", 7),
        ("PageFFToken3F", 255),
    ]
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> WbxmlElement:
    """Any element: known, unknown or literal, with any content."""
    name, page = draw(tags) if draw(st.booleans()) else (draw(names), None)
    leaves = texts | opaque | extensions | instructions
    parts = leaves | elements(depth - 1) if depth else leaves
    return WbxmlElement(
        name=name,
        page=page,
        attributes=tuple(draw(st.lists(attributes(), max_size=2))),
        content=merged(draw(st.lists(parts, max_size=3))),
    )


headers = st.builds(
    WbxmlHeader,
    version=st.sampled_from([1, 2, 3]),
    public_id=st.sampled_from([0x1201, 0x0FD3, "-//SYNCML//DTD SyncML 1.2//EN", "-//what//EN"]),
    charset=st.sampled_from([0, 106, 1015]),
)


@st.composite
def documents(draw: st.DrawFn) -> WbxmlDocument:
    """Any document whose root is SyncML."""
    inner = draw(elements())
    return WbxmlDocument(
        tree=replace(inner, name="SyncML", page=0),
        header=draw(headers),
        before=tuple(draw(st.lists(instructions, max_size=1))),
        after=tuple(draw(st.lists(instructions, max_size=1))),
    )


# --- XML ----------------------------------------------------------------------------------------

_xml_text = st.sampled_from(
    [
        "",
        "a",
        "<&>'\"",
        "\t\r\n x",
        "\u00e4\u20ac",
        "\U0001f600",
        "AAEC",
        "a/b+wbxml",
        "a/b+xml",
        "7",
    ]
)
_namespaces = st.sampled_from(
    [SYNCML_12, SYNCML_11, METINF, DMDDF_12, DEVINF, "", "urn:other", "syncml:metinfo"]
)
_xml_names = st.sampled_from(
    [
        *("Data", "Item", "Add", "Meta", "Type", "Size", "Anchor", "MgmtTree", "Node", "node"),
        *("DevInf", "VerDTD", "Man", "x", "Page00Token30", "Page00Token05", "Page01Token3D"),
        *("Page07Token05", "ExtensionI0", "ExtensionT1", "Extension2", "\u00e4"),
    ]
)
_attribute_names = st.sampled_from(
    [
        *("a", "Page00Attribute05", "opaque", "{urn:p}a", "{urn:q}a"),
        "{http://www.w3.org/XML/1998/namespace}lang",
    ]
)


@st.composite
def xml_elements(draw: st.DrawFn, depth: int = 3) -> ElementTree.Element:
    """Any XML below a message, namespaces changing anywhere."""
    name, namespace = draw(_xml_names), draw(_namespaces)
    tag = f"{{{namespace}}}{name}" if namespace else name
    found = draw(st.lists(_attribute_names, max_size=2))
    element = ElementTree.Element(tag, {name: draw(_xml_text) for name in found})
    element.text = draw(_xml_text)
    for sub in draw(st.lists(xml_elements(depth - 1), max_size=2)) if depth else []:
        sub.tail = draw(_xml_text)
        element.append(sub)
    return element


@st.composite
def xml_messages(draw: st.DrawFn) -> bytes:
    """A root SyncML of any namespace with any XML in it, without blanks between elements."""
    namespace = draw(st.sampled_from([SYNCML_12, SYNCML_11, "", "urn:other"]))
    root = ElementTree.Element(f"{{{namespace}}}SyncML" if namespace else "SyncML")
    if draw(st.booleans()):
        header = ElementTree.SubElement(root, f"{{{namespace}}}SyncHdr" if namespace else "SyncHdr")
        version = ElementTree.SubElement(
            header, f"{{{namespace}}}VerDTD" if namespace else "VerDTD"
        )
        version.text = draw(st.sampled_from(["1.1", "1.2", "2.0"]))
    for sub in draw(st.lists(xml_elements(), max_size=2)):
        root.append(sub)
    return bytes(ElementTree.tostring(without_blanks(root), encoding="utf-8"))


def without_blanks(element: ElementTree.Element) -> ElementTree.Element:
    """The same without white space that stands between elements."""
    if len(element):
        element.text = element.text if (element.text or "").strip() else None
    for sub in element:
        sub.tail = sub.tail if (sub.tail or "").strip() else None
        without_blanks(sub)
    return element
