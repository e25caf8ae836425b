"""Recipes that end something: reset a device, or let it leave (session.md 7: RemoteWipe, DMClient).

The Status of a wipe says only that the Exec was taken; Unenroll has none at all.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import Recipe, in_profiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.model import Build
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand


def _executing(*names: str) -> Build:
    def build(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
        return (draft.execute("RemoteWipe", *names, format="chr"),)

    return build


def _unenroll(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    # The form that Windows Phone 8 knows and all later ones accept; Data counts on phones.
    return (draft.execute("DMClient", "Unenroll", data=draft.provider_id, format="chr"),)


def _wipe_instead(*profiles: str) -> Mapping[str, str]:
    return MappingProxyType(dict.fromkeys(profiles, "wipe resets all of it"))


RECIPES = (
    Recipe(
        name="wipe",
        aliases=("full-wipe",),
        summary="Reset the device to how it left the factory; all data is lost.",
        profiles=in_profiles("wp8 wp81 win81? win10"),
        build=_executing("doWipe"),
        source="session.md 7: RemoteWipe",
    ),
    Recipe(
        name="wipe-keep-provisioning",
        summary="Reset the device, but keep what provisioning packages brought.",
        profiles=in_profiles("wp81? win10"),
        build=_executing("doWipePersistProvisionedData"),
        source="session.md 7: RemoteWipe; 8.1 from GDR2 [U]",
        alternatives=_wipe_instead("wp8", "win81"),
    ),
    Recipe(
        name="wipe-keep-user-data",
        summary="Reset the device, but keep the accounts and files of its users.",
        profiles=in_profiles("win10"),
        build=_executing("doWipePersistUserData"),
        source="RemoteWipe CSP: Windows 10 1709",
        alternatives=_wipe_instead("wp8", "wp81", "win81"),
    ),
    Recipe(
        name="wipe-protected",
        summary="Reset the device even if someone tries to stop it; it may not start again.",
        profiles=in_profiles("win10"),
        build=_executing("doWipeProtected"),
        source="RemoteWipe CSP: Windows 10 1703",
        alternatives=_wipe_instead("wp8", "wp81", "win81"),
    ),
    Recipe(
        name="redeploy",
        summary="Reset the device for its next user: it stays enrolled and joined.",
        profiles=in_profiles("win10"),
        build=_executing("AutomaticRedeployment", "doAutomaticRedeployment"),
        source="RemoteWipe CSP: AutomaticRedeployment, Windows 10 1809",
        alternatives=_wipe_instead("wp8", "wp81", "win81"),
    ),
    Recipe(
        name="unenroll",
        aliases=("unenrol", "selective-wipe"),
        summary="Let the device leave: company apps, accounts and policies go, the rest stays.",
        profiles=in_profiles("wp8 wp81 win81 win10"),
        build=_unenroll,
        source="session.md 7: DMClient, Unenroll",
    ),
)
