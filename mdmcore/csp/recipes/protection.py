"""Recipes for what guards a computer, and for its restart (Defender, AppLocker, Reboot CSPs)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_SCANS = {"quick": "1", "full": "2"}
_HEALTH = (
    "ProductStatus",
    "ComputerState",
    "DefenderEnabled",
    "RtpEnabled",
    "QuickScanOverdue",
    "FullScanOverdue",
    "SignatureOutOfDate",
    "RebootRequired",
    "SignatureVersion",
    "QuickScanTime",
    "FullScanTime",
)
_GUARDED = ("EXE", "MSI", "Script", "StoreApps", "DLL")


def _scan(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    kind = values.text("kind")
    if kind == "offline":
        return (draft.execute("Defender", "OfflineScan"),)
    return (draft.execute("Defender", "Scan", data=_SCANS[kind], format="chr"),)


def _signatures(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.execute("Defender", "UpdateSignature"),)


def _health(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return tuple(draft.get("Defender", "Health", name) for name in _HEALTH)


def _detections(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.get("Defender", "Detections"),)


def _applocker(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    place = draft.at("AppLocker", "ApplicationLaunchRestrictions", values.text("group"))
    policy = values.text("policy")
    return (place.write(values.command, values.text("kind"), "Policy", value=policy),)


def _applocker_remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.delete("AppLocker", "ApplicationLaunchRestrictions", values.text("group")),)


def _reboot(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.execute("Reboot", "RebootNow"),)


def _reboot_schedule(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    given = [name for name in ("at", "daily") if name in values]
    if len(given) != 1:
        raise ConfigError("reboot-schedule needs one of at and daily")
    node = {"at": "Single", "daily": "DailyRecurrent"}[given[0]]
    moment = values.text(given[0])
    return (draft.write(values.command, "Reboot", "Schedule", node, value=moment),)


_GROUP = Parameter(name="group", help="name of the set of rules", kind=Kind.NAME, required=True)
_NONE = MappingProxyType(dict.fromkeys(("wp8", "wp81", "win81"), "no source names a CSP for it"))
_NO_APPLOCKER = MappingProxyType({**_NONE, "wp81": "app-restrictions does it there"})
_DEFENDER = "Defender CSP"

RECIPES = (
    Recipe(
        name="defender-scan",
        summary="Look for malware.",
        profiles=in_profiles("win10"),
        build=_scan,
        source=_DEFENDER,
        parameters=(
            Parameter(
                name="kind",
                help="offline restarts the device for it",
                kind=Kind.CHOICE,
                values=(*_SCANS, "offline"),
                default="quick",
            ),
        ),
        example=MappingProxyType({"kind": "full"}),
        alternatives=_NONE,
    ),
    Recipe(
        name="defender-update",
        summary="Fetch new signatures of malware.",
        profiles=in_profiles("win10"),
        build=_signatures,
        source=_DEFENDER,
        alternatives=_NONE,
    ),
    Recipe(
        name="defender-health",
        summary="Read whether Defender is on and up to date.",
        profiles=in_profiles("win10"),
        build=_health,
        source=_DEFENDER,
        alternatives=_NONE,
    ),
    Recipe(
        name="defender-detections",
        summary="Read the ids of what Defender found.",
        profiles=in_profiles("win10"),
        build=_detections,
        source=_DEFENDER,
        alternatives=_NONE,
    ),
    Recipe(
        name="applocker",
        summary="Say by rules which programs may run.",
        profiles=in_profiles("win10"),
        build=_applocker,
        source="AppLocker CSP",
        parameters=(
            _GROUP,
            Parameter(
                name="kind",
                help="of programs",
                kind=Kind.CHOICE,
                values=_GUARDED,
                required=True,
            ),
            Parameter(
                name="policy",
                help="a RuleCollection",
                kind=Kind.XML,
                file="text",
                required=True,
            ),
            COMMAND,
        ),
        example=MappingProxyType({"group": "Example", "kind": "EXE", "policy": "@applocker.xml"}),
        alternatives=_NO_APPLOCKER,
    ),
    Recipe(
        name="applocker-remove",
        summary="Remove a set of rules for programs.",
        profiles=in_profiles("win10"),
        build=_applocker_remove,
        source="AppLocker CSP",
        parameters=(_GROUP,),
        example=MappingProxyType({"group": "Example"}),
        alternatives=_NO_APPLOCKER,
    ),
    Recipe(
        name="reboot",
        summary="Restart the device; queue it alone, later answers may not come.",
        profiles=in_profiles("win10"),
        build=_reboot,
        source="Reboot CSP, Windows 10 1607",
        alternatives=_NONE,
    ),
    Recipe(
        name="reboot-schedule",
        summary="Restart the device at a time, or daily.",
        profiles=in_profiles("win10"),
        build=_reboot_schedule,
        source="Reboot CSP, Windows 10 1607",
        parameters=(
            Parameter(name="at", help="once", kind=Kind.DATE_TIME),
            Parameter(name="daily", help="daily, from then on", kind=Kind.DATE_TIME),
            COMMAND,
        ),
        example=MappingProxyType({"at": "2026-12-01T22:00:00Z"}),
        alternatives=_NONE,
    ),
)
