"""What the device is beyond the values of its nodes: one value, replaced by what changes it.

Kept from session to session in ``EnrolledPhone.device``, and part of what an Atomic brings back
when it fails.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """The device. ``has_card_slot``: there is a storage card to be switched off.

    ``is_leaving``: the server has executed Unenroll.
    """

    has_card_slot: bool = True
    is_leaving: bool = False
