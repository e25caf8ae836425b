"""Recipes for the encryption of drives (BitLocker CSP; all its settings go in one message)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_METHODS = {"aes-cbc-128": "3", "aes-cbc-256": "4", "xts-aes-128": "6", "xts-aes-256": "7"}
# The data elements of EncryptionMethodByDriveType, with what Windows does by itself: all three
# must be there where one is.
_DRIVES = {
    "system-method": ("EncryptionMethodWithXtsOsDropDown_Name", "xts-aes-128"),
    "fixed-method": ("EncryptionMethodWithXtsFdvDropDown_Name", "xts-aes-128"),
    "removable-method": ("EncryptionMethodWithXtsRdvDropDown_Name", "aes-cbc-128"),
}
_SWITCHES = {
    "require": "RequireDeviceEncryption",
    "warn": "AllowWarningForOtherDiskEncryption",
    "standard-users": "AllowStandardUserEncryption",
}
_ROTATION = {"off": 0, "joined": 1, "joined-and-hybrid": 2}
_STATUS = ("DeviceEncryptionStatus", "RotateRecoveryPasswordsStatus")


def _bitlocker(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.payloads import policy_text

    drives, command = draft.at("BitLocker"), values.command
    commands = [
        drives.write(command, name, value=values.flag(parameter))
        for parameter, name in _SWITCHES.items()
        if parameter in values
    ]
    if any(name in values for name in _DRIVES):
        data = [
            (element, _METHODS[values.get(name) or usual])
            for name, (element, usual) in _DRIVES.items()
        ]
        text = policy_text(is_enabled=True, data=data)
        commands.append(drives.write(command, "EncryptionMethodByDriveType", value=text))
    if "min-pin-length" in values:
        data = [("MinPINLength", values.text("min-pin-length"))]
        text = policy_text(is_enabled=True, data=data)
        commands.append(drives.write(command, "SystemDrivesMinimumPINLength", value=text))
    if "rotation" in values:
        code = _ROTATION[values.text("rotation")]
        commands.append(drives.write(command, "ConfigureRecoveryPasswordRotation", value=code))
    if not commands:
        raise ConfigError("bitlocker needs one of its settings")
    return tuple(commands)


def _rotate(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    request = draft.context.new_guid().strip("{}")
    return (draft.execute("BitLocker", "RotateRecoveryPasswords", data=request, format="chr"),)


def _status(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return tuple(draft.get("BitLocker", "Status", name) for name in _STATUS)


def _method(name: str, drives: str) -> Parameter:
    return Parameter(
        name=name, help=f"cipher of {drives} drives", kind=Kind.CHOICE, values=tuple(_METHODS)
    )


_SOURCE = "BitLocker CSP"
_OTHERS = MappingProxyType(
    {
        "wp8": "no source names a node for it",
        "wp81": "storage-encryption does it there",
        "win81": "no source names a CSP for it",
    }
)

RECIPES = (
    Recipe(
        name="bitlocker",
        summary="Encrypt the drives of a computer, and say how.",
        profiles=in_profiles("win10"),
        build=_bitlocker,
        source=_SOURCE,
        parameters=(
            Parameter(name="require", help="encrypt", kind=Kind.SWITCH),
            Parameter(name="warn", help="warn of other encryption; no is silent", kind=Kind.SWITCH),
            Parameter(
                name="standard-users", help="also where no administrator is", kind=Kind.SWITCH
            ),
            _method("system-method", "system"),
            _method("fixed-method", "fixed"),
            _method("removable-method", "removable"),
            Parameter(
                name="min-pin-length",
                help="digits of a PIN at start",
                kind=Kind.INTEGER,
                minimum=4,
                maximum=20,
            ),
            Parameter(
                name="rotation",
                help="of recovery passwords after use, by how the device is joined",
                kind=Kind.CHOICE,
                values=tuple(_ROTATION),
            ),
            COMMAND,
        ),
        example=MappingProxyType(
            {"require": "yes", "warn": "no", "system-method": "xts-aes-256", "min-pin-length": "6"}
        ),
        alternatives=_OTHERS,
    ),
    Recipe(
        name="bitlocker-rotate",
        summary="Make new recovery passwords.",
        profiles=in_profiles("win10"),
        build=_rotate,
        source=f"{_SOURCE}: RotateRecoveryPasswords, Windows 10 1909",
        alternatives=_OTHERS,
    ),
    Recipe(
        name="bitlocker-status",
        summary="Read how far encryption is.",
        profiles=in_profiles("win10"),
        build=_status,
        source=f"{_SOURCE}: Status, Windows 10 1903",
        alternatives=_OTHERS,
    ),
)
