"""Recipes for policies (session.md 7: PolicyManager, Storage; Policy CSP).

All policies of one area of PolicyManager stand in one Atomic. Those backed by ADMX have recipes
of their own in ``admx``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, SCOPE, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError
from mdmcore.namespaces import APP_POLICY

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand, Command

_MY = ("PolicyManager", "My")
_CONFIG = ("Policy", "Config")


def _settings(values: Values, draft: Draft) -> tuple[Command, ...]:
    """A command for each assignment, in the Format that the catalogue has; a policy that it does
    not know is a number where its value is one."""
    found = []
    for name, value in values.pairs("settings"):
        if not draft.is_known(name) and re.fullmatch(r"-?[0-9]{1,10}", value):
            found.append(draft.write(values.command, name, value=int(value)))
        else:
            found.append(draft.write(values.command, name, value=value, parameter=name))
    return tuple(found)


def _policy_manager(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    return (atomic(*_settings(values, draft.at(*_MY, values.text("area")))),)


def _policy(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    commands = _settings(values, draft.at(*_CONFIG, values.text("area")))
    return (atomic(*commands),) if values.flag("atomic") else commands


def _policy_values(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    branch = ("PolicyManager", "Device") if draft.has("PolicyManager") else ("Policy", "Result")
    area = draft.at(*branch, values.text("area"))
    names = values.items("policies")
    return tuple(area.get(name) for name in names) if names else (area.get(),)


def _policy_remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    area = draft.at(*(_MY if draft.has("PolicyManager") else _CONFIG), values.text("area"))
    names = values.items("policies")
    return tuple(area.delete(name) for name in names) if names else (area.delete(),)


def _storage_encryption(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return _one_policy("Security", "RequireDeviceEncryption", 1, values, draft)


def _storage_card(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    allows = values.flag("allow")
    if draft.has("Storage"):
        return (draft.write("Replace", "Storage", "Disable", value=not allows),)
    return _one_policy("System", "AllowStorageCard", int(allows), values, draft)


def _app_restrictions(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    given = [name for name in ("allow", "deny", "policy") if name in values]
    if len(given) != 1:
        raise ConfigError("app-restrictions needs one of allow, deny and policy")
    text = values.get("policy") or _app_policy(given[0], values.items(given[0]))
    return _one_policy("ApplicationManagement", "ApplicationRestrictions", text, values, draft)


def _app_policy(kind: str, product_ids: tuple[str, ...]) -> str:
    """AppPolicy (ApplicationRestrictions XSD): ids in lower case, each once."""
    from mdmcore.csp.recipes.payloads import xml_text
    from mdmcore.xml import Node, qname

    unique = dict.fromkeys(f"{{{each.lower()}}}" for each in product_ids)
    apps = [Node(qname(APP_POLICY, "App"), attributes={"ProductId": each}) for each in unique]
    chosen = Node(qname(APP_POLICY, kind.capitalize()), children=apps)
    root = Node(
        qname(APP_POLICY, "AppPolicy"),
        attributes={"Version": "1"},
        children=(chosen,),
        nsmap={None: APP_POLICY},
    )
    return xml_text(root)


def _one_policy(
    area: str, name: str, value: object, values: Values, draft: Draft
) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    if draft.has("PolicyManager"):
        return (atomic(draft.write(values.command, *_MY, area, name, value=value)),)
    return (draft.write(values.command, *_CONFIG, area, name, value=value),)


_AREA = Parameter(
    name="area", help="a group of policies, such as Connectivity", kind=Kind.NAME, required=True
)
_SETTINGS = Parameter(
    name="settings", help="policies of the area", kind=Kind.ASSIGNMENTS, required=True
)
_NAMES = Parameter(
    name="policies", help="names of policies; all of the area without", kind=Kind.NAME, is_list=True
)
_DEVICE_LOCK = "there is no PolicyManager; device-lock sets a password, storage-card the card"
_NO_POLICY = "no source names a CSP of policies for it"

RECIPES = (
    Recipe(
        name="policy-manager",
        summary="Set policies of one area of Windows Phone 8.1, all or none of them.",
        profiles=in_profiles("wp81"),
        build=_policy_manager,
        source="session.md 7: PolicyManager",
        parameters=(_AREA, _SETTINGS, COMMAND),
        example=MappingProxyType(
            {"area": "Connectivity", "settings": "AllowNFC=0;AllowUSBConnection=0"}
        ),
        alternatives=MappingProxyType(
            {"wp8": _DEVICE_LOCK, "win81": _NO_POLICY, "win10": "policy does it there"}
        ),
    ),
    Recipe(
        name="policy",
        summary="Set policies of one area of Windows 10, each for itself.",
        profiles=in_profiles("win10"),
        build=_policy,
        source="Policy CSP",
        parameters=(
            _AREA,
            _SETTINGS,
            Parameter(name="atomic", help="all or none of them", kind=Kind.SWITCH, default="no"),
            COMMAND,
            SCOPE,
        ),
        example=MappingProxyType({"area": "Camera", "settings": "AllowCamera=0"}),
        alternatives=MappingProxyType(
            {"wp8": _DEVICE_LOCK, "wp81": "policy-manager does it there", "win81": _NO_POLICY}
        ),
    ),
    Recipe(
        name="policy-values",
        summary="Read the policies that are in force, or the names of those of an area.",
        profiles=in_profiles("wp81 win10"),
        build=_policy_values,
        source="session.md 7: PolicyManager/Device; Policy/Result",
        parameters=(_AREA, _NAMES, SCOPE),
        example=MappingProxyType({"area": "Connectivity", "policies": "AllowBluetooth"}),
        alternatives=MappingProxyType({"wp8": "device-lock-values", "win81": _NO_POLICY}),
    ),
    Recipe(
        name="policy-remove",
        summary="Take policies back.",
        profiles=in_profiles("wp81 win10"),
        build=_policy_remove,
        source="session.md 7: PolicyManager/My; Policy/Config",
        parameters=(_AREA, _NAMES, SCOPE),
        example=MappingProxyType({"area": "Connectivity", "policies": "AllowBluetooth"}),
        alternatives=MappingProxyType({"wp8": "device-lock-remove", "win81": _NO_POLICY}),
    ),
    Recipe(
        name="storage-encryption",
        summary="Encrypt the device's storage; a phone never takes that back.",
        profiles=in_profiles("wp81 win10"),
        build=_storage_encryption,
        source="session.md 7: PolicyManager, Security/RequireDeviceEncryption",
        parameters=(COMMAND,),
        alternatives=MappingProxyType(
            {"wp8": "no source names a node for it", "win81": _NO_POLICY}
        ),
    ),
    Recipe(
        name="storage-card",
        summary="Allow the storage card, or switch it off; 404 says that there is no slot.",
        profiles=in_profiles("wp8 wp81 win10"),
        build=_storage_card,
        source="session.md 7: Storage; Policy CSP: System/AllowStorageCard",
        parameters=(
            Parameter(name="allow", help="whether it may be used", kind=Kind.SWITCH, required=True),
            replace(COMMAND, profiles=("win10",)),
        ),
        example=MappingProxyType({"allow": "no"}),
        alternatives=MappingProxyType({"win81": _NO_POLICY}),
    ),
    Recipe(
        name="app-restrictions",
        summary="Say which apps may run, or which may not.",
        profiles=in_profiles("wp81 win10"),
        build=_app_restrictions,
        source="session.md 7: PolicyManager, ApplicationRestrictions; its XSD",
        parameters=(
            Parameter(
                name="allow", help="product ids of those that may", kind=Kind.GUID, is_list=True
            ),
            Parameter(
                name="deny", help="product ids of those that may not", kind=Kind.GUID, is_list=True
            ),
            Parameter(name="policy", help="a whole AppPolicy", kind=Kind.XML, file="text"),
            COMMAND,
        ),
        example=MappingProxyType({"deny": "A558FEBA-85D7-4665-B5D8-A2FF9C19799B"}),
        alternatives=MappingProxyType({"wp8": _DEVICE_LOCK, "win81": _NO_POLICY}),
    ),
)
