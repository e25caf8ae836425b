"""Storage/Disable: the exact words, and no node without a slot (WP-615)."""

from __future__ import annotations

import pytest

from tests.phone.device.trees import MSFT, read, tree_of

DISABLE = f"{MSFT}/Storage/Disable"


@pytest.mark.parametrize(
    ("value", "code"), [("True", 200), ("False", 200), ("true", 500), ("FALSE", 500), ("1", 500)]
)
def test_the_words_are_true_and_false_with_a_capital(value: str, code: int) -> None:
    tree = tree_of("wp8")
    assert read(tree, DISABLE) == "False"
    assert tree.replace(DISABLE, value, "bool") == code
    assert read(tree, DISABLE) == (value if code == 200 else "False")


def test_another_format_is_refused() -> None:
    assert tree_of("wp8").replace(DISABLE, "True", "chr") == 415


def test_a_device_without_card_slot_has_no_such_node() -> None:
    tree = tree_of("wp8", has_storage_card=False)
    assert read(tree, DISABLE) == 404
    assert tree.replace(DISABLE, "True", "bool") == 404
