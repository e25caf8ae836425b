"""Recipes against the samples that stand in the digests, word for word."""

from __future__ import annotations

import re

import pytest

from tests.support.recipes import body, built
from tests.support.requirements import protocol_file
from tests.support.syncml_text import normal

_COMMAND = re.compile(r"<(Add|Replace|Delete|Get|Exec|Atomic|Sequence)>.*?</\1>", re.DOTALL)

#: The first LocURI of a sample, and the recipe that it is a sample of.
RECIPES = {
    "./DevDetail/SwV": "device-information",
    "./Vendor/MSFT/DMClient/Unenroll": "unenroll",
}


@pytest.mark.parametrize("digest", ["session.md", "enrollment.md", "field-problems.md"])
def test_a_recipe_sends_what_the_digest_shows(digest: str) -> None:
    text = protocol_file(digest).read_text(encoding="utf-8")
    for sample in _COMMAND.finditer(text):
        uri = re.search(r"<LocURI>(.*?)</LocURI>", sample.group())
        assert uri is not None
        recipe = RECIPES[uri[1]]
        for profile in ("wp8", "wp81", "win10"):
            made = [normal(body((each,))) for each in built(recipe, profile)]
            assert normal(sample.group()) in made, (uri[1], profile)


def test_the_digest_of_the_session_has_both_samples() -> None:
    text = protocol_file("session.md").read_text(encoding="utf-8")
    found = {uri for sample in _COMMAND.finditer(text) for uri in RECIPES if uri in sample.group()}
    assert found == set(RECIPES)
