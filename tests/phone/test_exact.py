"""Reading by exact names; near misses are quoted."""

from __future__ import annotations

import pytest

from mdmcore.phone import Refusal, Step
from mdmcore.phone.exact import Exact, need_uri
from mdmcore.xml import parse_strict

DOCUMENT = b"""<r xmlns="urn:a" xmlns:b="urn:b"><x> one </x><b:x b:k="v" j="w">two</b:x>
<x>three</x><y><z>deep</z></y></r>"""


def root() -> Exact:
    return Exact(element=parse_strict(DOCUMENT), step=Step.POLICY)


def test_children_are_found_by_name_and_namespace() -> None:
    assert [found.text for found in root().all("urn:a", "x")] == ["one", "three"]
    assert root().need("urn:b", "x").text == "two"
    assert root().need("urn:a", "y", "z").text == "deep"
    assert root().find("urn:a", "y", "nothing", "more") is None


def test_text_is_trimmed_for_values_and_raw_for_uris() -> None:
    found = root().need("urn:a", "x")
    assert (found.text, found.raw_text) == ("one", " one ")


def test_attributes_with_and_without_namespace() -> None:
    found = root().need("urn:b", "x")
    assert (found.attribute("j"), found.attribute("k"), found.attribute("k", "urn:b")) == (
        "w",
        None,
        "v",
    )


def test_a_missing_element_quotes_the_near_miss() -> None:
    with pytest.raises(Refusal) as caught:
        root().need("urn:c", "X")
    error = caught.value
    assert "but x in 'urn:a'" in error.reason
    assert (error.step, error.place, error.evidence) == ("policy", "/r/x[1]", "urn:a")


def test_a_missing_element_without_near_miss_lists_what_is_there() -> None:
    with pytest.raises(Refusal) as caught:
        root().need("urn:a", "y", "q")
    assert (caught.value.place, caught.value.evidence) == ("/r/y/q", "z")
    with pytest.raises(Refusal) as caught:
        root().need("urn:a", "y", "z", "q")
    assert caught.value.evidence == "nothing"


def test_a_uri_must_be_right_to_the_blank() -> None:
    found = root().need("urn:a", "x")
    need_uri(found, " one ")
    with pytest.raises(Refusal, match="but for blanks around it"):
        need_uri(found, "one")
    with pytest.raises(Refusal, match="is not 'two'"):
        need_uri(found, "two")
