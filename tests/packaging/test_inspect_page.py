"""``docs/inspect.md`` names each symptom, and nothing that does not exist."""

from __future__ import annotations

import re

from mdmcore.rules import catalogue
from mdmcore.rules.causes import SYMPTOMS
from tests.support.requirements import CHECKOUT

TEXT = (CHECKOUT / "docs" / "inspect.md").read_text("utf-8")


def test_each_symptom_is_told() -> None:
    table = TEXT.partition("## Symptoms and causes")[2]
    assert set(re.findall(r"`([a-z0-9-]+)`", table)) >= SYMPTOMS


def test_rules_that_are_named_exist() -> None:
    named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", TEXT))
    assert named <= {item.id for item in catalogue()}


def test_the_example_is_there() -> None:
    (link,) = re.findall(r"\]\((examples/[^)]+)\)", TEXT)
    assert (CHECKOUT / "docs" / link).is_file()
