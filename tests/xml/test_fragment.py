"""XML inside text: taken out and put in again without a change of meaning."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mdmcore.errors import XmlError
from mdmcore.xml import Node, inner_xml, parse_strict, qname, serialize

NAMESPACES = ["", "urn:scope", "urn:other"]
text = st.none() | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n<>&'\""),
    min_size=1,
    max_size=6,
)
names = st.builds(qname, st.sampled_from(NAMESPACES), st.sampled_from(["a", "b"]))
attribute_names = names | st.just("{http://www.w3.org/XML/1998/namespace}lang")


@st.composite
def trees(draw: st.DrawFn, depth: int = 2) -> ElementTree.Element:
    """A tree of the standard library, namespaces changing anywhere."""
    element = ElementTree.Element(
        draw(names),
        {key: value or "" for key, value in draw(st.dictionaries(attribute_names, text)).items()},
    )
    element.text = draw(text)
    for sub in draw(st.lists(trees(depth - 1), max_size=2)) if depth else []:
        sub.tail = draw(text)
        element.append(sub)
    return element


def described(element: ElementTree.Element) -> tuple[object, ...]:
    """Everything of a tree that has a meaning, its tail aside."""
    children = tuple((described(sub), sub.tail or "") for sub in element)
    return element.tag, dict(element.attrib), element.text or "", children


@given(trees(), st.sampled_from(NAMESPACES))
def test_a_tree_survives_being_taken_out_and_put_in(tree: ElementTree.Element, scope: str) -> None:
    holder = parse_strict(ElementTree.tostring(tree))
    fragment = inner_xml(holder, scope)
    nsmap: dict[str | None, str] = {None: scope} if scope else {}
    written = serialize(Node(qname(scope, "holder"), fragment=fragment, nsmap=nsmap))
    assert described(ElementTree.fromstring(written))[2:] == described(tree)[2:]
    assert inner_xml(parse_strict(written), scope) == fragment


def test_prefixes_are_resolved_and_cdata_is_escaped() -> None:
    holder = parse_strict(
        b'<s:h xmlns:s="urn:scope" xmlns:o="urn:other">'
        b'1<s:a/><o:b o:x="y"/><c/><![CDATA[<&]]></s:h>'
    )
    assert inner_xml(holder, "urn:scope") == (
        '1<a/><b xmlns="urn:other" xmlns:a0="urn:other" a0:x="y"/><c xmlns=""/>&lt;&amp;'
    )


def test_a_carriage_return_and_blanks_in_values_survive() -> None:
    holder = parse_strict(b'<h>1&#13;2<a b="&#9;&#10;&#13;"/></h>')
    written = serialize(Node("h", fragment=inner_xml(holder, "")))
    root = ElementTree.fromstring(written)
    assert (root.text, root[0].attrib) == ("1\r2", {"b": "\t\n\r"})


def test_prefixes_declared_anew_are_not_confused() -> None:
    fragment = (
        '<b xmlns:p="urn:s" p:a="1" xmlns:q="urn:s" q:b="2">'
        '<d xmlns:p="urn:o" p:a="3" xmlns:q="urn:s" q:a="4"/></b>'
    )
    written = ElementTree.fromstring(serialize(Node("h", fragment=fragment)))
    assert written[0].attrib == {"{urn:s}a": "1", "{urn:s}b": "2"}
    assert written[0][0].attrib == {"{urn:o}a": "3", "{urn:s}a": "4"}


def test_comments_are_left_out_and_the_text_behind_them_kept() -> None:
    holder = etree.fromstring(b"<h>1<!-- x -->2<a/><?p?>3</h>")
    assert inner_xml(holder, "") == "12<a/>3"


def test_deep_nesting_is_read_in_linear_time() -> None:
    holder = parse_strict(b"<h>" + b"<a>" * 250 + b"x" * 100_000 + b"</a>" * 250 + b"</h>")
    assert len(inner_xml(holder, "")) == 250 * 7 + 100_000


@pytest.mark.parametrize(
    "fragment", ["<a>", "a</content><content>b", "<!DOCTYPE a>", "&x;", "\x00"]
)
def test_a_broken_fragment_is_refused(fragment: str) -> None:
    with pytest.raises(XmlError, match="XML to be put into holder"):
        serialize(Node("holder", fragment=fragment))


def test_a_lone_surrogate_is_refused_with_its_offset() -> None:
    with pytest.raises(XmlError, match="surrogate"):
        serialize(Node("holder", fragment="a\ud800"))


def test_a_long_namespace_is_not_written_without_end() -> None:
    uri = "urn:" + "a" * 20_000
    holder = parse_strict(f'<h xmlns:p="{uri}">{"<p:a/>" * 1000}</h>'.encode())
    with pytest.raises(XmlError, match="more than 16777216 characters"):
        inner_xml(holder, "")
