"""What payloads are called."""

from __future__ import annotations

import pytest

from mdmcore.mitm.payload_names import payload_name
from mdmcore.xml import parse_strict


@pytest.mark.parametrize(
    ("root", "name"),
    [
        (b'<w:WLANProfile xmlns:w="urn:w"/>', "Wi-Fi profile"),
        (b"<mgmttree/>", "management tree (DDF/TNDS)"),
        (b"<Unknown/>", "Unknown document"),
    ],
)
def test_a_payload_goes_by_its_root(root: bytes, name: str) -> None:
    assert payload_name(parse_strict(root)) == name


def test_without_a_root_there_is_no_name() -> None:
    assert payload_name(None) == ""
