"""Attributes, extensions and marked bytes of XML elements."""

from __future__ import annotations

import pytest

from mdmcore.syncml.wbxml import Extension, Text, WbxmlAttribute
from mdmcore.syncml.wbxml.xml_parts import attributes, extension, marked_bytes, texts
from mdmcore.xml import parse_strict

MARK = 'xmlns:w="urn:mdmproxy:wbxml" w:opaque'


def found(xml: str) -> list[tuple[str, str]]:
    return [(a.name, a.text) for a in attributes(parse_strict(xml.encode()))]


def test_each_prefix_is_declared_once_before_its_first_use() -> None:
    xml = '<a xmlns:p="urn:p" xmlns:q="urn:q" p:x="1" p:y="2" q:x="3" z="4" xml:lang="de"/>'
    assert found(xml) == [
        ("xmlns:p", "urn:p"),
        ("p:x", "1"),
        ("p:y", "2"),
        ("xmlns:q", "urn:q"),
        ("q:x", "3"),
        ("z", "4"),
        ("xml:lang", "de"),
    ]


def test_the_name_of_an_unknown_token_is_that_token() -> None:
    (attribute,) = attributes(parse_strict(b'<a Page02Attribute05="v"/>'))
    assert attribute == WbxmlAttribute(name="Page02Attribute05", page=2, value=(Text(text="v"),))


def test_an_empty_value_has_no_parts() -> None:
    (attribute,) = attributes(parse_strict(b'<a b=""/>'))
    assert attribute.value == ()


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<ExtensionI0/>", Extension(token=0x40, value="")),
        ("<ExtensionI2>a</ExtensionI2>", Extension(token=0x42, value="a")),
        ("<ExtensionT1>4294967295</ExtensionT1>", Extension(token=0x81, value=4294967295)),
        ("<Extension2/>", Extension(token=0xC2)),
        ("<ExtensionT1>4294967296</ExtensionT1>", None),
        ("<ExtensionT1>-1</ExtensionT1>", None),
        ("<ExtensionT1/>", None),
        ("<Extension2>a</Extension2>", None),
        ("<ExtensionI0><a/></ExtensionI0>", None),
        ('<ExtensionI0 a="1"/>', None),
        ('<ExtensionI0 xmlns="urn:x"/>', None),
        ("<ExtensionI3/>", None),
    ],
)
def test_extensions_are_known_by_their_names(xml: str, expected: Extension | None) -> None:
    assert extension(parse_strict(xml.encode())) == expected


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (f'<a {MARK}="base64">AAE=</a>', b"\x00\x01"),
        (f'<a {MARK}="base64"/>', b""),
        (f'<a {MARK}="base64">!</a>', None),
        (f'<a {MARK}="hex">AAE=</a>', None),
        (f'<a {MARK}="base64"><b/></a>', None),
        ('<a opaque="base64">AAE=</a>', None),
    ],
)
def test_bytes_are_what_is_marked_as_such(xml: str, expected: bytes | None) -> None:
    assert marked_bytes(parse_strict(xml.encode())) == expected


def test_blank_texts_may_count() -> None:
    assert list(texts(" \n", keeps_blanks=True)) == [Text(text=" \n")]
    assert list(texts(" \n", keeps_blanks=False)) == []
    assert list(texts("\u00a0", keeps_blanks=False)) == [Text(text="\u00a0")]
    assert list(texts(None, keeps_blanks=True)) == []
