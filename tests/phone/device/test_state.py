"""The device's own state, kept from session to session."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.tree import Behaviour, DeviceTree, Outcome
from mdmcore.phone.unenrollment import erased
from tests.phone.tree import trees


def test_a_session_leaves_the_state_as_it_has_become() -> None:
    changing = Behaviour(
        csp="RemoteWipe",
        execute=lambda target, value, view: Outcome(
            device=replace(view.device, has_card_slot=False)
        ),
    )
    phone = trees.phone_of()
    tree = DeviceTree(phone, behaviours=[changing])
    assert tree.execute(f"{trees.MSFT}/RemoteWipe/doWipe", None) == 200
    after = tree.leave(phone)
    assert (phone.device, after.device) == (DeviceState(), DeviceState(has_card_slot=False))
    assert DeviceTree(after).get(f"{trees.MSFT}/Storage/Disable").code == 404


def test_a_phone_that_has_left_can_enrol_again() -> None:
    leaving = replace(trees.phone_of(), device=DeviceState(is_leaving=True, has_card_slot=False))
    assert erased(leaving).device == DeviceState(has_card_slot=False)
