"""Texts in a row become one; empty ones disappear."""

from __future__ import annotations

from mdmcore.syncml.wbxml import Opaque, Text
from mdmcore.syncml.wbxml.growing import OpenElement, Parts


def test_texts_are_joined_between_other_parts() -> None:
    parts = Parts()
    parts.add_text("a", 1)
    parts.add_text("b", 2)
    parts.add(Opaque(data=b"x"))
    parts.add_text("", 5)
    parts.add_text("c", 6)
    found = parts.all()
    assert found == (Text(text="ab"), Opaque(data=b"x"), Text(text="c"))
    assert [part.offset for part in found] == [1, 0, 5]


def test_an_element_is_closed_with_what_it_holds() -> None:
    opened = OpenElement("Data", 0, (), 7)
    opened.parts.add_text("a", 8)
    closed = opened.close()
    assert (closed.name, closed.page, closed.text, closed.offset) == ("Data", 0, "a", 7)
    assert OpenElement("Data", 0, (), 7).close().content == ()
