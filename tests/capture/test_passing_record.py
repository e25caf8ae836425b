"""How an answer passed, as a flow keeps it."""

from __future__ import annotations

import pytest

from mdmcore.capture.passing_record import Passing, passing_fields, passing_of


@pytest.mark.parametrize(
    "passing",
    [Passing(), Passing(is_begun=True), Passing(has_left=True), Passing(is_begun=True, crash="x")],
)
def test_it_comes_back(passing: Passing) -> None:
    assert passing_of({"mdmproxy": {"passing": passing_fields(passing)}}) == passing


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"mdmproxy": "x"},
        {"mdmproxy": {}},
        {"mdmproxy": {"passing": []}},
        {"mdmproxy": {"passing": {"begun": 1, "crash": 5}}},
    ],
)
def test_what_is_damaged_counts_as_not_noted(metadata: dict[str, object]) -> None:
    assert passing_of(metadata) == Passing()


def test_words_are_bounded() -> None:
    assert passing_fields(Passing(crash="x" * 9999)) == {"crash": "x" * 500}
    assert len(passing_of({"mdmproxy": {"passing": {"crash": "x" * 9999}}}).crash) == 500
