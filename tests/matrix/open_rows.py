"""Rows of the matrix that do not come out yet, and what is missing: nothing else may fail, and each
of these must (strictly), so that this list can only grow shorter."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_ANSWERS = "phones answer the Get, the verdict looks for what Windows 10 does"

_FAULTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "atomic-contains-get": ("wp8", _ANSWERS),
    }
)

OPEN: Mapping[str, str] = MappingProxyType(
    {
        f"{fault}-{profile}": why
        for fault, (profiles, why) in _FAULTS.items()
        for profile in profiles.split()
    }
)
"""Row -> why it is open."""
