"""A document with other texts: what is not changed stays as it was written."""

from __future__ import annotations

import pytest

from mdmcore.errors import XmlError
from mdmcore.xml import Element, child, rewritten

DOCUMENT = (
    b'<?xml version="1.0"?>\n<s:Envelope xmlns:s="urn:s" xmlns:a="urn:a" b="2" a="1">'
    b"<a:Id>old</a:Id><s:Body><![CDATA[<x>]]> &#228;</s:Body></s:Envelope>"
)


def _rename(root: Element) -> None:
    found = child(root, "Id")
    assert found is not None
    found.text = "new & <other>"


def test_one_text_is_another() -> None:
    assert rewritten(DOCUMENT, _rename) == (
        b'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="urn:s" xmlns:a="urn:a" b="2" '
        b'a="1"><a:Id>new &amp; &lt;other&gt;</a:Id><s:Body><![CDATA[<x>]]> \xc3\xa4</s:Body>'
        b"</s:Envelope>"
    )


def test_no_declaration_where_there_was_none() -> None:
    assert rewritten(b"<a><Id>1</Id></a>", _rename).startswith(b"<a>")


def test_what_is_no_xml() -> None:
    with pytest.raises(XmlError):
        rewritten(b"\0\1", _rename)


def test_a_text_that_xml_cannot_carry() -> None:
    def spoil(root: Element) -> None:
        root.text = "\0"

    with pytest.raises(XmlError, match="cannot write this text"):
        rewritten(b"<a/>", spoil)
