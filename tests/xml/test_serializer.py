"""Writing XML: exact bytes, escaping, refusals; read back by the standard library's parser."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import XmlError
from mdmcore.xml import (
    Node,
    canonicalize,
    parse_lenient,
    parse_strict,
    pretty_print,
    serialize,
    sub_node,
)

XML_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r"),
    max_size=40,
)


def test_bytes_are_as_given() -> None:
    node = Node(
        "{urn:x}a",
        attributes={"z": "1", "{urn:y}b": "2"},
        children=(Node("{urn:x}c", "t"), Node("{urn:x}d", nsmap={"q": "urn:q"})),
        nsmap={None: "urn:x", "y": "urn:y"},
    )
    expected = b'<a xmlns="urn:x" xmlns:y="urn:y" z="1" y:b="2"><c>t</c><d xmlns:q="urn:q"/></a>'
    assert serialize(node) == expected
    assert serialize(node, declaration=True) == b'<?xml version="1.0" encoding="UTF-8"?>' + expected


def test_sub_node_takes_texts_and_children() -> None:
    node = sub_node("a", "x", None, Node("b"), "y", c="1")
    assert serialize(node) == b'<a c="1">xy<b/></a>'


def test_escaping() -> None:
    node = Node("a", '<&>"\r\n', {"b": '<&>"\n\t\u20ac'})
    data = serialize(node)
    assert data == b'<a b="&lt;&amp;&gt;&quot;&#10;&#9;\xe2\x82\xac">&lt;&amp;&gt;"&#13;\n</a>'
    element = ElementTree.fromstring(data)
    assert (element.text, element.get("b")) == ('<&>"\r\n', '<&>"\n\t\u20ac')


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_characters_that_xml_cannot_carry_are_refused(bad: str) -> None:
    message = f"character U\\+{ord(bad):04X} cannot stand in XML"
    for node in (Node("a", f"xy{bad}"), Node("a", None, {"b": f"xy{bad}"})):
        with pytest.raises(XmlError, match=message) as caught:
            serialize(node)
        assert caught.value.offset == 2


@pytest.mark.parametrize(
    "node",
    [Node("a b"), Node(""), Node("a", attributes={"b c": "1"}), Node("r", None, {}, (Node("<"),))],
)
def test_names_that_are_none_are_refused(node: Node) -> None:
    with pytest.raises(XmlError, match="cannot write element"):
        serialize(node)


def test_pretty_print_is_for_people() -> None:
    assert pretty_print(parse_strict(b"<a><b>x</b> <c/></a>")) == "<a>\n  <b>x</b>\n  <c/>\n</a>\n"
    assert "<b>x</b>" in pretty_print(parse_lenient(b"<p:a><b>x</p:a>").root)


@given(text=XML_TEXT, value=XML_TEXT)
def test_round_trip_through_the_standard_library(text: str, value: str) -> None:
    element = ElementTree.fromstring(serialize(Node("a", text, {"b": value})))
    assert (element.text or "", element.get("b")) == (text, value)


def test_a_recovered_root_that_cannot_be_read_again_is_still_shown() -> None:
    assert "\u00c0" in pretty_print(parse_lenient(b"<\xc3\x80").root)


def test_an_element_of_no_namespace_stays_one_under_a_default_namespace() -> None:
    node = Node(
        "{urn:x}a", nsmap={None: "urn:x"}, children=(Node("b", None, {"c": "1"}, (Node("d"),)),)
    )
    root = ElementTree.fromstring(serialize(node))
    assert [element.tag for element in root.iter()] == ["{urn:x}a", "b", "d"]
    assert root[0].attrib == {"c": "1"}
    with pytest.raises(XmlError, match="cannot write element"):
        serialize(Node("{urn:x}a", nsmap={None: "urn:x"}, children=(Node("b c"),)))


def test_two_documents_that_say_the_same_are_the_same_in_canonical_form() -> None:
    one = b"<?xml version='1.0'?>\n<a  y='1' x='2'>\n <b>x </b> <c> </c>\n<!-- note --></a>"
    two = b'<a x="2" y="1"><b>x&#32;</b><c> </c></a>'
    assert canonicalize(one) == canonicalize(two)
    # The standard library has its own writer of C14N (2.0; the same for what stands here).
    assert canonicalize(two) == ElementTree.canonicalize(two.decode()).encode()
    assert canonicalize(two) != canonicalize(two.replace(b"x&#32;", b"x"))
    relative = b'<a xmlns="x" c="1" b="2"/>'
    assert canonicalize(relative) == canonicalize(b'<a b="2" c="1" xmlns="x"></a>')
    with pytest.raises(XmlError):
        canonicalize(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
