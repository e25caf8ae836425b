"""Values and targets as hooks get them."""

from __future__ import annotations

import pytest

from mdmcore.csp import find_node
from mdmcore.phone.tree.behaviour import Path, Target, Value


def test_a_value_is_text_or_bytes() -> None:
    assert (Value(content="ä").text, Value(content="ä").data) == ("ä", b"\xc3\xa4")
    assert (Value(content=b"\0\1\2").text, Value(content=b"\0\1\2").data) == ("AAEC", b"\0\1\2")


@pytest.mark.parametrize(
    ("path", "pattern", "found"),
    [
        (("Provider", "E", "Unenroll"), ("Provider", "*", "Unenroll"), ("E",)),
        (("Unenroll",), ("Unenroll",), ()),
        (("Unenroll",), ("Provider", "*", "Unenroll"), None),
        (("Provider", "E", "Poll"), ("Provider", "*", "Unenroll"), None),
        (("a", "b"), ("*", "*"), ("a", "b")),
        ((), (), ()),
    ],
)
def test_a_target_is_known_by_its_pattern(path: Path, pattern: Path, found: Path | None) -> None:
    node = find_node("./Vendor/MSFT/DMClient")
    assert node is not None
    target = Target(path=path, node=node)
    assert target.match(*pattern) == found
    assert target.name == (path[-1] if path else "")
