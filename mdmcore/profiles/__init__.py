"""What differs between generations of devices: one table of data for server, phone and rules.

Nobody asks for a profile's name to decide something; all read its values. ``docs/profiles.md`` is
generated from this table.
"""

from __future__ import annotations

from mdmcore.profiles.model import (
    CERTIFICATE,
    FEDERATED,
    ON_PREMISE,
    DeviceProfile,
    PollScheme,
    RenewalWay,
    Store,
    columns,
)
from mdmcore.profiles.table import PROFILES, device_profile

__all__ = [
    "CERTIFICATE",
    "FEDERATED",
    "ON_PREMISE",
    "PROFILES",
    "DeviceProfile",
    "PollScheme",
    "RenewalWay",
    "Store",
    "columns",
    "device_profile",
]
