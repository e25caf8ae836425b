"""The device's management tree, driven by the catalogue of CSP nodes (session.md 2, 7).

``tree`` answers operations with SyncML codes, ``behaviour`` is what a CSP may do beyond keeping
values. Several commands together (Atomic, Sequence) stand in ``mdmcore.phone.commands``.
"""

from __future__ import annotations

from mdmcore.phone.tree.behaviour import Behaviour, Outcome, Target, Value, View
from mdmcore.phone.tree.reading import Got, Part
from mdmcore.phone.tree.tree import DeviceTree, Snapshot

__all__ = [
    "Behaviour",
    "DeviceTree",
    "Got",
    "Outcome",
    "Part",
    "Snapshot",
    "Target",
    "Value",
    "View",
]
