"""Bytes that are text, and bytes that are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.syncml.wbxml import Opaque, Text, WbxmlElement
from mdmcore.syncml.wbxml.opaque_data import Base64, base64_of, utf8_text


class Silent:
    """Takes any note."""

    def note(self, message: str, offset: int) -> None:
        pass


@pytest.mark.parametrize("data", [b"\x00", b"a\x00b", b"\xff", b"\xc3", b"\x1b", "\ufffe".encode()])
def test_what_xml_cannot_carry_is_no_text(data: bytes) -> None:
    assert utf8_text(data) is None


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")))
def test_text_is_text(text: str) -> None:
    assert utf8_text(text.encode()) == text


def data(*content: object) -> WbxmlElement:
    return WbxmlElement(name="Data", page=0, content=content)  # type: ignore[arg-type]


CRED = WbxmlElement(name="Cred", page=0)


@pytest.mark.parametrize(
    ("element", "around", "expected"),
    [
        (data(Text(text="a")), (), None),
        (data(Opaque(data=b"a")), (), None),
        (data(Opaque(data=b"\x00")), (), Base64(text="AA==", is_marked=True)),
        (data(Text(text="a"), Opaque(data=b"\x00")), (), Base64(text="YQA=", is_marked=True)),
        (data(Opaque(data=b"\x00"), data()), (), None),
        (data(Opaque(data=b"x" * 16)), (CRED,), Base64(text="eHh4" * 5 + "eA==", is_marked=False)),
        (data(Opaque(data=b"x" * 24)), (CRED,), None),
    ],
)
def test_what_becomes_base64(
    element: WbxmlElement, around: tuple[WbxmlElement, ...], expected: Base64 | None
) -> None:
    assert base64_of(element, around, Silent()) == expected
