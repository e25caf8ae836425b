"""Recipes that only read: what a device says of itself (session.md 7: DevInfo, DevDetail)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import Kind, Parameter, Recipe, in_profiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mdmcore.csp.model import CspNode
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_DEV_INFO = ("DevId", "Man", "Mod", "DmV", "Lang")
_DEV_DETAIL = ("DevTyp", "OEM", "FwV", "SwV", "HwV", "LrgObj")
_EXT_MICROSOFT = (
    "Resolution",
    "ProcessorArchitecture",
    "ProcessorType",
    "OSPlatform",
    "LocalTime",
    "DeviceName",
)


def _device_information(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    info, detail = draft.root("DevInfo"), draft.root("DevDetail")
    if values.text("detail") == "basic":
        commands = [info.get(name) for name in _DEV_INFO]
        commands += [detail.get(name) for name in _DEV_DETAIL]
        commands += [detail.get("Ext", "Microsoft", name) for name in _EXT_MICROSOFT]
        return tuple(commands)
    found = [draft.root(*node.path).get() for node in _readable("DevInfo", draft)]
    found += [draft.root(*node.path).get() for node in _readable("DevDetail", draft)]
    provider = draft.provider
    depth = len(provider.below)
    for node in _readable("DMClient", draft):
        if len(node.path) == depth + 1 and "{provider}" in node.path:
            found.append(provider.get(node.path[-1]))
    return tuple(found)


def _device_status(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return tuple(draft.root(*node.path).get() for node in _readable("DeviceStatus", draft))


def _readable(csp: str, draft: Draft) -> Iterator[CspNode]:
    """The values of a CSP that such a device has, none that is run or that a build lacks."""
    from mdmcore.csp.catalogue import csps
    from mdmcore.csp.model import Access

    build = draft.context.build
    for node in next(each for each in csps() if each.name == csp).nodes:
        is_value = not node.is_interior and node.is_readable and Access.EXEC not in node.access
        is_new = node.first_build is not None and (build is None or build < node.first_build)
        if is_value and not is_new and node.is_for(draft.context.profile):
            yield node


RECIPES = (
    Recipe(
        name="device-information",
        aliases=("info",),
        summary="Read who the device is: maker, model, versions, language.",
        profiles=in_profiles("wp8 wp81 win81 win10"),
        build=_device_information,
        source="session.md 7: DevInfo, DevDetail, DMClient",
        parameters=(
            Parameter(
                name="detail",
                help="full adds what many devices lack (404): mobile and Wi-Fi, the account",
                kind=Kind.CHOICE,
                values=("basic", "full"),
                default="basic",
            ),
        ),
        example=MappingProxyType({"detail": "full"}),
    ),
    Recipe(
        name="device-status",
        summary="Read how the device protects itself: encryption, firewall, antivirus, edition.",
        profiles=in_profiles("win10"),
        build=_device_status,
        source="DeviceStatus CSP",
        alternatives=MappingProxyType(
            dict.fromkeys(("wp8", "wp81", "win81"), "device-information tells what they know")
        ),
    ),
)
