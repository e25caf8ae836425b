"""The table of behaviours."""

from __future__ import annotations

from mdmcore.csp import csps
from mdmcore.phone.device.behaviours import BEHAVIOURS


def test_each_behaviour_is_of_a_csp_and_there_is_one_for_each() -> None:
    names = [behaviour.csp for behaviour in BEHAVIOURS]
    assert len(set(names)) == len(names)
    assert set(names) <= {csp.name for csp in csps()}
