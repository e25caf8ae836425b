"""The catalogue's words for what a device answers, read for each kind of device."""

from __future__ import annotations

import pytest

from mdmcore.rules import entry
from tests.matrix.reactions import promised_codes


@pytest.mark.parametrize(
    ("rule", "profile", "codes"),
    [
        ("atomic-contains-get", "win10", {"500", "507"}),
        ("atomic-contains-get", "win81", {"500", "507"}),
        # Phones answer the Get (field-problems.md 1).
        ("atomic-contains-get", "wp8", set()),
        ("missing-format", "wp8", {"415", "500"}),
        ("cdata-in-data", "win10", set()),
    ],
)
def test_codes_that_a_device_is_to_answer(rule: str, profile: str, codes: set[str]) -> None:
    assert promised_codes(entry(rule).reaction, profile) == codes
