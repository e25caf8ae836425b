"""A capture that begins in the middle: what was not seen is nobody's mistake."""

from __future__ import annotations

import pytest

from mdmcore.rules import Severity
from tests.inspector.correlation.recorded import DEVICES, at, inspected, recorded


@pytest.mark.slow
@pytest.mark.parametrize("is_known", [True, False], ids=["address", "no address"])
@pytest.mark.parametrize("number", range(len(DEVICES)))
def test_whatever_is_left_is_one_life(number: int, is_known: bool) -> None:
    whole = recorded(number) if is_known else at(None, recorded(number))
    mistakes = {one.rule for one in inspected(whole).findings()}
    for start in range(1, len(whole)):
        found = inspected(whole[start:])
        assert len(found.lives()) == 1, f"from exchange {start + 1}"
        grave = {one.rule for one in found.findings() if one.severity is not Severity.INFO}
        assert grave <= mistakes, f"from exchange {start + 1}"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(DEVICES)))
def test_whatever_came_until_then_is_no_mistake_either(number: int) -> None:
    whole = recorded(number)
    mistakes = {one.rule for one in inspected(whole).findings()}
    for end in range(1, len(whole)):
        found = inspected(whole[:end])
        assert len(found.lives()) == 1, f"up to exchange {end}"
        grave = {one.rule for one in found.findings() if one.severity is not Severity.INFO}
        assert grave <= mistakes, f"up to exchange {end}"
