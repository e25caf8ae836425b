"""Characters and names, held against the parser."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import XmlError
from mdmcore.xml import NCNAME, NOT_XML, escape_text, escape_value, parse_strict

CHARACTERS = st.characters(exclude_categories=["Cs"])


def reads(document: str) -> bool:
    try:
        parse_strict(document.encode())
    except XmlError:
        return False
    return True


@given(CHARACTERS)
def test_a_character_that_xml_cannot_carry_is_told(character: str) -> None:
    is_carried = reads(f"<a>{escape_text(character)}</a>")
    assert is_carried == (NOT_XML.search(character) is None)


@given(st.text(CHARACTERS, min_size=1, max_size=4))
def test_a_name_is_what_the_parser_takes_for_one(name: str) -> None:
    is_name = ":" not in name and not set(name) & set(" \t\r\n/") and reads(f"<{name}/>")
    assert bool(NCNAME.fullmatch(name)) == is_name


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])))
def test_text_and_values_survive_escaping(text: str) -> None:
    text = NOT_XML.sub("", text) + "<&>\"'\t\r\n"
    root = parse_strict(f'<a b="{escape_value(text)}">{escape_text(text)}</a>'.encode())
    assert (root.text, root.get("b")) == (text, text)
