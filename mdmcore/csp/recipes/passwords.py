"""Recipes for the device's password (session.md 7: DeviceLock, PolicyManager; Policy CSP).

DevicePasswordEnabled is inverted on the wire: 0 switches the password on, and the other policies
count only then. Here a person says ``password=required``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand, Command

_ENABLED = {"required": 0, "off": 1}
_CHARACTERS = {"alphanumeric": 0, "either": 1, "any": 2}
_NUMBERS = {
    "min-length": "MinDevicePasswordLength",
    "complex-characters": "MinDevicePasswordComplexCharacters",
    "expiration-days": "DevicePasswordExpiration",
    "history": "DevicePasswordHistory",
    "max-failed-attempts": "MaxDevicePasswordFailedAttempts",
    "idle-minutes": "MaxInactivityTimeDeviceLock",
}
_CHARACTERS_NAME = "AlphanumericDevicePasswordRequired"
_SIMPLE_NAME = "AllowSimpleDevicePassword"
_NAMES = ("DevicePasswordEnabled", _SIMPLE_NAME, _CHARACTERS_NAME, *_NUMBERS.values())


def _commands(values: Values, draft: Draft) -> tuple[Command, ...]:
    others = {*_NUMBERS, "characters", "allow-simple"}
    given = [name for name in values.texts if name in others]
    if values.text("password") == "off" and given:
        raise ConfigError(f"{given[0]} counts only with password=required")
    enabled = _ENABLED[values.text("password")]
    found = [draft.write(values.command, "DevicePasswordEnabled", value=enabled)]
    if "allow-simple" in values:
        allows = values.flag("allow-simple")
        found.append(draft.write(values.command, _SIMPLE_NAME, value=allows))
    if "characters" in values:
        code = _CHARACTERS[values.text("characters")]
        found.append(draft.write(values.command, _CHARACTERS_NAME, value=code))
    return (*found, *draft.write_given(values.command, values, _NUMBERS))


def _device_lock(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return _commands(values, draft.at("DeviceLock", "Provider", draft.provider_id))


def _device_lock_values(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return tuple(draft.get("DeviceLock", "DeviceValue", name) for name in _NAMES)


def _device_lock_remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.delete("DeviceLock", "Provider", draft.provider_id),)


def _password_policy(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    branch = ("PolicyManager", "My") if draft.has("PolicyManager") else ("Policy", "Config")
    return (atomic(*_commands(values, draft.at(*branch, "DeviceLock"))),)


def _parameters(root: str) -> tuple[Parameter, ...]:
    def number(name: str, help: str) -> Parameter:
        return Parameter(name=name, help=help, kind=Kind.INTEGER, node=f"{root}/{_NUMBERS[name]}")

    return (
        Parameter(
            name="password",
            help="whether one must be set; the rest counts only if it must",
            kind=Kind.CHOICE,
            values=tuple(_ENABLED),
            default="required",
        ),
        number("min-length", "least length"),
        Parameter(
            name="characters",
            help="letters and digits, digits or both, or any at all",
            kind=Kind.CHOICE,
            values=tuple(_CHARACTERS),
        ),
        number("complex-characters", "how many kinds of characters"),
        Parameter(name="allow-simple", help="whether 1111 will do", kind=Kind.SWITCH),
        number("expiration-days", "days until a new one is needed, 0 never"),
        number("history", "how many old ones may not come again"),
        number("max-failed-attempts", "failures until the device wipes itself, 0 never"),
        number("idle-minutes", "minutes until the device locks, 0 never"),
        COMMAND,
    )


_EXAMPLE = MappingProxyType(
    {"min-length": "6", "characters": "alphanumeric", "allow-simple": "no", "idle-minutes": "5"}
)
_POLICY = MappingProxyType(
    dict.fromkeys(("win10",), "password-policy does it there")
    | {"win81": "no source names a CSP for it"}
)

RECIPES = (
    Recipe(
        name="device-lock",
        summary="Require a password of a phone, and say what it must be like.",
        profiles=in_profiles("wp8 wp81"),
        build=_device_lock,
        source="session.md 7: DeviceLock",
        parameters=_parameters("./Vendor/MSFT/DeviceLock/Provider/*"),
        example=_EXAMPLE,
        alternatives=_POLICY,
    ),
    Recipe(
        name="device-lock-values",
        summary="Read the password policies that are in force, whoever set them.",
        profiles=in_profiles("wp8 wp81"),
        build=_device_lock_values,
        source="session.md 7: DeviceLock/DeviceValue",
        alternatives=MappingProxyType({"win10": "policy-values area=DeviceLock"}),
    ),
    Recipe(
        name="device-lock-remove",
        summary="Take back all that device-lock set.",
        profiles=in_profiles("wp8 wp81"),
        build=_device_lock_remove,
        source="session.md 7: DeviceLock, Delete of the provider",
        alternatives=MappingProxyType({"win10": "policy-remove area=DeviceLock"}),
    ),
    Recipe(
        name="password-policy",
        summary="Require a password by policy: PolicyManager on 8.1, Policy on Windows 10.",
        profiles=in_profiles("wp81 win10"),
        build=_password_policy,
        source="session.md 7: PolicyManager; Policy CSP: DeviceLock",
        parameters=_parameters("./Vendor/MSFT/PolicyManager/My/DeviceLock"),
        example=_EXAMPLE,
        alternatives=MappingProxyType({"wp8": "device-lock", "win81": _POLICY["win81"]}),
    ),
)
