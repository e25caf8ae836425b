"""Recipes for policies that are backed by ADMX (Policy CSP; Understanding ADMX-backed policies)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, SCOPE, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_INSTALL = ("Policy", "ConfigOperations", "ADMXInstall")
_KINDS = {"policy": "Policy", "preference": "Preference"}


def _admx_install(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    app = values.text("app")
    place = draft.at(*_INSTALL, app, _KINDS[values.text("kind")])
    return (place.write("Add", values.get("file-id") or app, value=values.text("admx")),)


def _admx_policy(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.payloads import policy_text

    is_enabled = values.text("state") == "enabled"
    data = values.pairs("data")
    if data and not is_enabled:
        raise ConfigError("data counts only with state=enabled")
    area = draft.at("Policy", "Config", values.text("area"))
    text = policy_text(is_enabled=is_enabled, data=data)
    return (area.write(values.command, values.text("policy"), value=text),)


def _admx_remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.delete(*_INSTALL, values.text("app")),)


_APP = Parameter(name="app", help="name of the app", kind=Kind.NAME, maximum=64, required=True)
_NONE = MappingProxyType(
    {
        "wp8": "device-lock and storage-card are what it has",
        "wp81": "policy-manager does policies there",
        "win81": "no source names a CSP of policies for it",
    }
)

RECIPES = (
    Recipe(
        name="admx-install",
        summary="Teach the device the policies of an app from its ADMX file.",
        profiles=in_profiles("win10"),
        build=_admx_install,
        source="Policy CSP: ConfigOperations/ADMXInstall, Windows 10 1703",
        parameters=(
            _APP,
            Parameter(name="admx", help="the file", kind=Kind.XML, file="text", required=True),
            Parameter(
                name="kind",
                help="of its settings",
                kind=Kind.CHOICE,
                values=tuple(_KINDS),
                default="policy",
            ),
            Parameter(
                name="file-id", help="name of the file; that of the app without", kind=Kind.NAME
            ),
        ),
        example=MappingProxyType({"app": "ExampleApp", "admx": "@example.admx"}),
        alternatives=_NONE,
    ),
    Recipe(
        name="admx-policy",
        summary="Set a policy that is backed by ADMX, built in or of an ingested file.",
        profiles=in_profiles("win10"),
        build=_admx_policy,
        source="Policy CSP: ADMX-backed policies",
        parameters=(
            Parameter(
                name="area",
                help="App~Policy~Category, or a built-in area",
                kind=Kind.NAME,
                required=True,
            ),
            Parameter(name="policy", help="its name", kind=Kind.NAME, required=True),
            Parameter(
                name="state",
                help="what it is",
                kind=Kind.CHOICE,
                values=("enabled", "disabled"),
                default="enabled",
            ),
            Parameter(name="data", help="ids of its elements with values", kind=Kind.ASSIGNMENTS),
            COMMAND,
            SCOPE,
        ),
        example=MappingProxyType(
            {
                "area": "ExampleApp~Policy~ExampleCategory",
                "policy": "ExamplePolicy",
                "data": "Mode=2;Server=https://example.test",
            }
        ),
        alternatives=_NONE,
    ),
    Recipe(
        name="admx-remove",
        summary="Let the device forget an ADMX file, and all that was set by it.",
        profiles=in_profiles("win10"),
        build=_admx_remove,
        source="Policy CSP: ConfigOperations/ADMXInstall",
        parameters=(_APP,),
        example=MappingProxyType({"app": "ExampleApp"}),
        alternatives=_NONE,
    ),
)
