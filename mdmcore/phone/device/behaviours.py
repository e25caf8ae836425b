"""What the CSPs of the simulated phone do, one entry for each that does more than keep values."""

from __future__ import annotations

from mdmcore.phone.device.dm_client import DM_CLIENT
from mdmcore.phone.tree.behaviour import Behaviour

BEHAVIOURS: tuple[Behaviour, ...] = (DM_CLIENT,)
