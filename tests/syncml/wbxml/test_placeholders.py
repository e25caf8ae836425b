"""Names that lead back to their tokens."""

from __future__ import annotations

import pytest

from mdmcore.syncml.wbxml.placeholders import (
    attribute_of_placeholder,
    attribute_placeholder,
    extension_name,
    extension_token,
    tag_of_placeholder,
    tag_placeholder,
)
from mdmcore.syncml.wbxml.tokens import EXTENSIONS
from mdmcore.xml import NCNAME


@pytest.mark.parametrize("page", [0, 1, 10, 255])
def test_every_token_has_a_name_of_its_own(page: int) -> None:
    for token in range(0x05, 0x40):
        name = tag_placeholder(page, token)
        assert NCNAME.fullmatch(name)
        assert tag_of_placeholder(name) == (page, token)
    for token in (*range(0x05, 0x40), *range(0x45, 0x80)):
        name = attribute_placeholder(page, token)
        assert NCNAME.fullmatch(name)
        assert attribute_of_placeholder(name) == (page, token)


def test_extensions_have_names() -> None:
    assert {extension_token(extension_name(token)) for token in EXTENSIONS} == EXTENSIONS


@pytest.mark.parametrize(
    "name",
    ["Data", "Page00Token04", "Page00Token45", "Page0Token05", "Page00Token0a", "xPage00Token05"],
)
def test_other_names_lead_nowhere(name: str) -> None:
    assert tag_of_placeholder(name) is None
    assert extension_token(name) is None


@pytest.mark.parametrize(
    "name", ["a", "Page00Attribute04", "Page00Attribute42", "Page00Attribute80"]
)
def test_other_attributes_lead_nowhere(name: str) -> None:
    assert attribute_of_placeholder(name) is None
