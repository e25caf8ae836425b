"""Trees of devices with all their behaviours, by profile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mdmcore.phone import EnrolledPhone
from mdmcore.phone.device.behaviours import BEHAVIOURS
from mdmcore.phone.tree import DeviceTree
from tests.phone.generations import phone_of, script_for
from tests.phone.scripted import enrolled
from tests.support.server import NOW, counted_random

MSFT = "./Vendor/MSFT"


def device_of(profile: str, **settings: Any) -> EnrolledPhone:
    """An enrolled device of that generation."""
    return enrolled(script_for(profile), phone=phone_of(profile, **settings))


def tree_of(phone: EnrolledPhone | str, *, now: datetime = NOW, **settings: Any) -> DeviceTree:
    """The tree of a device, or of a new one of that profile."""
    device = device_of(phone, **settings) if isinstance(phone, str) else phone
    return DeviceTree(device, behaviours=BEHAVIOURS, now=now, random=counted_random("tree"))


def read(tree: DeviceTree, uri: str) -> str | int:
    """The value of a leaf or the names below a node; the code when there is none."""
    got = tree.get(uri)
    return got.value if got.code == 200 else got.code
