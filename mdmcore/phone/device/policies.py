"""The policies in force: what servers have set by DeviceLock, PolicyManager and Policy.

Of two values for the password the stricter counts, whichever CSP set it (DeviceLock CSP).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from mdmcore.csp import find_csp
from mdmcore.phone.device.state import DeviceState, PolicyValue

LOCK_AREA = "DeviceLock"
PASSWORD_ENABLED = "DevicePasswordEnabled"
_ON = "0"
_MIN_PIN = 4
_ENCRYPTION = ("Security", "RequireDeviceEncryption")


def _shortest(values: Iterable[int]) -> int:
    """The smallest number that is not 0, which stands for never."""
    return min((value for value in values if value), default=0)


_STRICTEST: Mapping[str, Callable[[list[int]], int]] = {
    PASSWORD_ENABLED: min,
    "AllowSimpleDevicePassword": min,
    "MinDevicePasswordLength": max,
    "AlphanumericDevicePasswordRequired": min,
    "DevicePasswordExpiration": _shortest,
    "DevicePasswordHistory": max,
    "MaxDevicePasswordFailedAttempts": _shortest,
    "MaxInactivityTimeDeviceLock": _shortest,
    "MinDevicePasswordComplexCharacters": max,
}


def with_policy(device: DeviceState, policy: PolicyValue) -> DeviceState:
    """The device with that policy, which stands for an earlier one of the same source.

    Encryption, once required, stays on (PolicyManager CSP).
    """
    key = (policy.source, policy.area, policy.name)
    kept = (old for old in device.policies if (old.source, old.area, old.name) != key)
    policies = tuple(sorted((*kept, policy), key=lambda each: (each.source, each.area, each.name)))
    encrypts = (policy.area, policy.name) == _ENCRYPTION and policy.value == "1"
    is_encrypted = device.is_encrypted or encrypts
    return replace(device, policies=policies, is_encrypted=is_encrypted)


def without_policies(
    device: DeviceState, source: str, area: str = "", name: str = ""
) -> DeviceState:
    """The device without the policies of a source, of one area, or without a single one."""
    kept = tuple(
        policy
        for policy in device.policies
        if policy.source != source
        or policy.area != (area or policy.area)
        or policy.name != (name or policy.name)
    )
    return replace(device, policies=kept)


def lock_values(device: DeviceState) -> dict[str, str]:
    """Every password policy as it is in force: the defaults where none is set, and as long as no
    policy switches the password on."""
    set_values: dict[str, list[int]] = {}
    for policy in device.policies:
        if policy.area == LOCK_AREA and policy.name in _STRICTEST:
            set_values.setdefault(policy.name, []).append(int(policy.value))
    effective = dict(_defaults())
    is_on = min(set_values.get(PASSWORD_ENABLED, [1])) == int(_ON)
    if is_on:
        effective |= {name: str(_STRICTEST[name](values)) for name, values in set_values.items()}
    return effective


def effective_policies(device: DeviceState, source: str) -> Iterable[PolicyValue]:
    """What a source has set, as it is in force."""
    lock = lock_values(device)
    for policy in device.policies:
        if policy.source != source:
            continue
        if policy.area == LOCK_AREA and policy.name in lock:
            yield replace(policy, value=lock[policy.name])
        elif (policy.area, policy.name) == _ENCRYPTION and device.is_encrypted:
            yield replace(policy, value="1")
        else:
            yield policy


def needs_password(device: DeviceState) -> bool:
    """Whether a policy demands a password."""
    return lock_values(device)[PASSWORD_ENABLED] == _ON


def pin_length(device: DeviceState) -> int:
    """How long a new PIN is made: as short as the policies allow, four digits at least."""
    return max(_MIN_PIN, int(lock_values(device)["MinDevicePasswordLength"]))


@cache
def _defaults() -> Mapping[str, str]:
    """What holds without a policy, from the catalogue."""
    csp = find_csp("./Vendor/MSFT/DeviceLock")
    nodes = () if csp is None else csp.nodes
    return MappingProxyType(
        {
            node.path[-1]: node.default
            for node in nodes
            if node.default is not None and node.path[-1] in _STRICTEST
        }
    )
