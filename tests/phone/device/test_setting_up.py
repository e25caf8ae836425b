"""A device that is being set up takes nothing for its user in its first sessions (F#49134)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.phone.device.trees import device_of, read, tree_of

POLICY = "Vendor/MSFT/Policy/Config/Camera/AllowCamera"


@pytest.mark.parametrize(("sessions", "code"), [(0, 405), (1, 405), (2, 200)])
def test_writes_for_the_user_are_not_allowed_yet(sessions: int, code: int) -> None:
    phone = replace(device_of("win10", oobe_sessions=2), sessions=sessions)
    tree = tree_of(phone)
    assert tree.add(f"./User/{POLICY}", "0", "int") == code
    assert tree.add(f"./Device/{POLICY}", "0", "int") == 200
    assert read(tree, f"./User/{POLICY}") == ("0" if code == 200 else 404)
