"""The table of orders against the DTD itself."""

from __future__ import annotations

import re

import pytest

from mdmcore.syncml.element_order import CHILD_ORDER
from tests.support.requirements import shared_file

WITHOUT_CONTENT_MODEL = {"Meta"}
"""The DTD of whole messages lets the children of Meta stand in any order."""


@pytest.mark.parametrize("name", sorted(set(CHILD_ORDER) - WITHOUT_CONTENT_MODEL))
def test_the_order_is_that_of_the_dtd(name: str) -> None:
    dtd = shared_file("schemas", "dtd", "syncml-1.2-message.dtd").read_text()
    found = re.search(rf"<!ELEMENT {name} \((.*?)\)>", dtd)
    assert found is not None
    expected = [part.strip("?*+ ") for part in found[1].split(",")]
    assert [part for part in CHILD_ORDER[name] if (name, part) != ("Results", "Cmd")] == expected


def test_meta_has_the_order_of_metinf() -> None:
    dtd = shared_file("schemas", "dtd", "syncml-1.2-message.dtd").read_text()
    found = re.search(r"<!ELEMENT MetInf \((.*?)\)>", dtd)
    assert found is not None
    expected = [part.strip("?*+ ") for part in found[1].split(",")]
    assert list(CHILD_ORDER["Meta"]) == ["MetInf", *expected, "FieldLevel"]
