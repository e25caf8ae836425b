"""Where documents stand within Data, and the type that names them."""

from __future__ import annotations

import pytest

from mdmcore.syncml.wbxml import Text, WbxmlElement
from mdmcore.syncml.wbxml.embedded import (
    is_document,
    meta_text,
    names_a_document,
    type_in_wbxml,
)
from mdmcore.xml import Element, child, parse_strict

DEVINF = '<DevInf xmlns="syncml:devinf"/>'


def results(item: str, meta: str = "") -> Element:
    inner = f"<CmdID>1</CmdID>{meta}<Item>{item}</Item>"
    return parse_strict(f'<Results xmlns="SYNCML:SYNCML1.2">{inner}</Results>'.encode())


def meta(kind: str, wrapped: bool = False) -> str:
    inner = f'<Type xmlns="syncml:metinf">{kind}</Type>'
    if wrapped:
        inner = f'<MetInf xmlns="syncml:metinf">{inner}</MetInf>'
    return f"<Meta>{inner}</Meta>"


@pytest.mark.parametrize(
    ("item", "around", "expected"),
    [
        (f"<Data>{DEVINF}</Data>", "", True),
        (f"{meta('a/b+xml')}<Data>{DEVINF}</Data>", "", True),
        (f"{meta('a/b+wbxml')}<Data>{DEVINF}</Data>", "", False),
        (f"{meta('a/b+wbxml', wrapped=True)}<Data>{DEVINF}</Data>", "", False),
        (f"<Data>{DEVINF}</Data>", meta("a/b+wbxml"), False),
        (f"{meta('a/b+xml')}<Data>{DEVINF}</Data>", meta("a/b+wbxml"), True),
        ('<Data><MgmtTree xmlns="syncml:dmddf1.2"/></Data>', "", True),
        ("<Data><DevInf/></Data>", "", False),
        ('<Data><Mem xmlns="syncml:metinf"/></Data>', "", False),
    ],
)
def test_which_elements_are_documents(item: str, around: str, expected: bool) -> None:
    data = child(results(item, around), "Item", "Data")
    assert data is not None
    assert is_document(data[0], data) is expected


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("in_item", [True, False])
def test_the_type_of_such_is_found(wrapped: bool, in_item: bool) -> None:
    kind = meta("a/b+xml", wrapped)
    data = f"<Data>{DEVINF}</Data>"
    root = results(kind + data if in_item else data, "" if in_item else kind)
    (found,) = root.iter("{syncml:metinf}Type")
    assert names_a_document(found)
    assert type_in_wbxml("a/b+xml") == "a/b+wbxml"


@pytest.mark.parametrize(
    "item", [f"{meta('a/b+xml')}<Data>x</Data>", f"{meta('text/plain')}<Data>{DEVINF}</Data>"]
)
def test_other_types_stay(item: str) -> None:
    (found,) = results(item).iter("{syncml:metinf}Type")
    assert not names_a_document(found)


def test_meta_is_looked_for_among_the_first_parts_only() -> None:
    """It is looked for from each of many items, and must not be found late each time."""
    format_bin = WbxmlElement(name="Format", page=1, content=(Text(text=" bin "),))
    found = WbxmlElement(name="Meta", page=0, content=(format_bin,))
    filler = WbxmlElement(name="Item", page=0)
    near = WbxmlElement(name="Add", page=0, content=(filler, found))
    far = WbxmlElement(name="Add", page=0, content=(*[filler] * 20, found))
    assert (meta_text(near, "Format"), meta_text(far, "Format")) == ("bin", "")
