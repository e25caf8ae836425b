"""Trees for the tests: phones of each generation as their documents have left them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from mdmcore.phone import EnrolledPhone
from mdmcore.phone.tree import DeviceTree
from tests.phone.renewing import enrolled_for
from tests.phone.scripted import PROVIDER

MSFT = "./Vendor/MSFT"
DM_CLIENT = f"{MSFT}/DMClient/Provider/{PROVIDER}"
HUB = f"{MSFT}/EnterpriseAppManagement/4000000001"
LOCK = f"{MSFT}/DeviceLock/Provider/{PROVIDER}"
WIFI = f"{MSFT}/WiFi/Profile"
ACTIVE_SYNC = f"{MSFT}/ActiveSync/Accounts/%7B0B5E4B37-E5B0-4E52-BF5E-9C1B34FD0E43%7D"
CERTIFICATES = f"{MSFT}/CertificateStore"
PRODUCT = "%7B11111111-2222-3333-4444-555555555555%7D"


@cache
def phone_of(profile: str = "wp8") -> EnrolledPhone:
    """An enrolled phone of that generation."""
    return enrolled_for(profile).phone


def with_settings(phone: EnrolledPhone, **changes: Any) -> EnrolledPhone:
    """That phone with other settings."""
    return replace(phone, settings=replace(phone.settings, **changes))


def tree_of(profile: str = "wp8", **options: Any) -> DeviceTree:
    """The tree of a phone of that generation."""
    return DeviceTree(phone_of(profile), **options)


def later(tree: DeviceTree, phone: EnrolledPhone) -> DeviceTree:
    """The tree of the next session."""
    return DeviceTree(tree.leave(phone))
