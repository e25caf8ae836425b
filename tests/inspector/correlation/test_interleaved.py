"""Several devices in one capture: each one's life and findings are those that it has alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdmcore.http import Exchange
from mdmcore.inspector import Inspector
from tests.inspector.correlation.recorded import (
    DEVICES,
    at,
    inspected,
    interleaved,
    recorded,
    told,
)

ALL = range(len(DEVICES))
OWN_USERS = tuple(number for number in ALL if number != 3)
"""Two devices of one user cannot be told apart where nobody knows from where they come."""

shuffled = settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def orders(devices: Sequence[int]) -> st.SearchStrategy[list[int]]:
    """All ways to interleave; positions in ``devices``, each as often as it has exchanges."""
    turns = [place for place, number in enumerate(devices) for _ in recorded(number)]
    return st.permutations(turns)


def alone(lives: Sequence[Sequence[Exchange]], *, with_count: bool) -> list[object]:
    return sorted(row for life in lives for row in told(inspected(life), with_count=with_count))


@pytest.mark.slow
@shuffled
@given(data=st.data())
def test_devices_with_addresses_of_their_own(data: st.DataObject) -> None:
    lives = [recorded(number) for number in ALL]
    found = inspected(interleaved(lives, data.draw(orders(ALL))))
    assert told(found) == alone(lives, with_count=True)


@pytest.mark.slow
@pytest.mark.parametrize("peer", ["192.0.2.99", None], ids=["one address", "no address"])
def test_devices_behind_one_address(peer: str | None) -> None:
    lives = [at(peer, recorded(number)) for number in OWN_USERS]
    expected = alone(lives, with_count=False)

    @shuffled
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        found = inspected(interleaved(lives, data.draw(orders(OWN_USERS))))
        assert told(found, with_count=False) == expected

    holds()


@pytest.mark.slow
def test_exchanges_name_no_other_life() -> None:
    lives = [recorded(number) for number in ALL]
    turns = [number for _ in range(max(map(len, lives))) for number in ALL]
    left = [len(life) for life in lives]
    order = []
    for number in turns:
        if left[number]:
            order.append(number)
            left[number] -= 1
    inspector = Inspector()
    owners: dict[str, set[str | None]] = {}
    for one in interleaved(lives, order):
        seen = inspector.inspect(one)
        owners.setdefault(one.id.partition(":")[0], set()).add(
            inspector.current_life(seen.life or "")
        )
    assert sorted(map(len, owners.values())) == [1] * len(DEVICES)
    assert len({life for each in owners.values() for life in each}) == len(DEVICES)
