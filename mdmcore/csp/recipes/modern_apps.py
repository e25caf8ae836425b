"""Recipes for apps from APPX packages and the store (EnterpriseModernAppManagement CSP)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import USER_SCOPE, Kind, Parameter, Recipe, in_profiles

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_STATUS = ("Status", "LastError", "LastErrorDesc")
_SOURCES = {"store": "AppStore", "company": "nonStore", "system": "System"}


def _installation(values: Values, draft: Draft) -> Draft:
    family = values.text("package-family")
    return draft.at("EnterpriseModernAppManagement", "AppInstallation", family)


def _install(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.payloads import xml_text
    from mdmcore.xml import Node

    dependencies = [
        Node("Dependency", attributes={"PackageUri": url}) for url in values.items("dependencies")
    ]
    application = Node(
        "Application",
        attributes={
            "PackageUri": values.text("url"),
            "DeploymentOptions": "1" if values.flag("force") else "0",
        },
        children=(Node("Dependencies", children=dependencies),) if dependencies else (),
    )
    return _added(values, draft, "HostedInstall", xml_text(application))


def _store_install(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.payloads import xml_text
    from mdmcore.xml import Node

    attributes = {"id": values.text("store-id"), "flags": "0", "skuid": values.text("sku")}
    return _added(values, draft, "StoreInstall", xml_text(Node("install", attributes=attributes)))


def _added(values: Values, draft: Draft, name: str, job: str) -> tuple[AnyCommand, ...]:
    """The app's node first, so that unenrolment removes the app; then the work."""
    from mdmcore.csp.recipes.draft import sequence

    app = _installation(values, draft)
    return (sequence(app.write("Add"), app.execute(name, data=job, format="xml")),)


def _remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    source = _SOURCES[values.text("source")]
    apps = draft.at("EnterpriseModernAppManagement", "AppManagement", source)
    return (apps.delete(values.text("package-family")),)


def _status(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    app = _installation(values, draft)
    return tuple(app.get(name) for name in _STATUS)


def _inventory(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    source = _SOURCES[values.text("source")]
    return (draft.get("EnterpriseModernAppManagement", "AppManagement", source),)


def _scan(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.execute("EnterpriseModernAppManagement", "AppManagement", "UpdateScan"),)


_FAMILY = Parameter(
    name="package-family", help="package family name", kind=Kind.NAME, required=True
)
_SOURCE_OF_APP = Parameter(
    name="source",
    help="where it came from",
    kind=Kind.CHOICE,
    values=tuple(_SOURCES),
    default="company",
)
_SOURCE = "session.md 7: EnterpriseModernAppManagement; Enterprise app management"
_PHONES = MappingProxyType(
    {
        **dict.fromkeys(("wp8", "wp81"), "app-install and its like do apps of phones"),
        "win81": "no source names a CSP for apps of Windows 8.1",
    }
)
_NAME = "ExampleApp_8wekyb3d8bbwe"
_EXAMPLE = MappingProxyType({"package-family": _NAME})

RECIPES = (
    Recipe(
        name="modern-app-install",
        summary="Install an app from an APPX package on a server.",
        profiles=in_profiles("win10"),
        build=_install,
        source=_SOURCE,
        parameters=(
            _FAMILY,
            Parameter(name="url", help="where the package is", kind=Kind.URL, required=True),
            Parameter(
                name="dependencies", help="packages that it needs", kind=Kind.URL, is_list=True
            ),
            Parameter(
                name="force", help="close the app if it runs", kind=Kind.SWITCH, default="no"
            ),
            USER_SCOPE,
        ),
        example=MappingProxyType(
            {"package-family": _NAME, "url": "https://apps.example.test/ExampleApp.appx"}
        ),
        alternatives=_PHONES,
    ),
    Recipe(
        name="store-app-install",
        summary="Install an app of the store.",
        profiles=in_profiles("win10"),
        build=_store_install,
        source=_SOURCE,
        parameters=(
            _FAMILY,
            Parameter(name="store-id", help="product id of the store", maximum=64, required=True),
            Parameter(name="sku", help="its SKU", maximum=16, default="0010"),
            USER_SCOPE,
        ),
        example=MappingProxyType({"package-family": _NAME, "store-id": "9WZDNCRFJ3TJ"}),
        alternatives=_PHONES,
    ),
    Recipe(
        name="modern-app-remove",
        summary="Remove an app.",
        profiles=in_profiles("win10"),
        build=_remove,
        source=_SOURCE,
        parameters=(_FAMILY, _SOURCE_OF_APP, USER_SCOPE),
        example=_EXAMPLE,
        alternatives=_PHONES,
    ),
    Recipe(
        name="modern-app-status",
        summary="Read how far the install of an app is: 0 done, 2 failed.",
        profiles=in_profiles("win10"),
        build=_status,
        source=_SOURCE,
        parameters=(_FAMILY, USER_SCOPE),
        example=_EXAMPLE,
        alternatives=_PHONES,
    ),
    Recipe(
        name="modern-app-inventory",
        summary="Read the package families of the apps that are installed.",
        profiles=in_profiles("win10"),
        build=_inventory,
        source=_SOURCE,
        parameters=(_SOURCE_OF_APP, USER_SCOPE),
        example=MappingProxyType({"source": "store"}),
        alternatives=_PHONES,
    ),
    Recipe(
        name="modern-app-scan",
        summary="Let the device look for updates of its apps.",
        profiles=in_profiles("win10"),
        build=_scan,
        source=_SOURCE,
        parameters=(USER_SCOPE,),
        alternatives=_PHONES,
    ),
)
