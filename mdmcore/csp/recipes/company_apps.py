"""Recipes for company apps of phones, and their hub (session.md 7: EnterpriseAppManagement).

An install is one Atomic: the nodes of the download, then Exec of DownloadInstall. A download's
nodes stay for seven days, so an app that was installed within them is updated, not added.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand


def _enterprise(values: Values, draft: Draft) -> Draft:
    """The branch of the enterprise."""
    number = values.get("enterprise-id") or draft.context.enterprise_id
    if not number:
        raise ConfigError("enterprise-id is needed: the server has no company hub")
    return draft.at("EnterpriseAppManagement", number)


def _app(values: Values, draft: Draft, branch: str, product_id: str) -> Draft:
    """An app's node in Inventory or Download."""
    from mdmcore.csp.recipes.draft import braced

    return _enterprise(values, draft).at("EnterpriseApps", branch, braced(product_id))


def _install(
    values: Values, draft: Draft, *, command: str, product_id: str, url: str
) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic, items_in_one

    app = _app(values, draft, "Download", product_id)
    download = items_in_one(
        command,
        app.item("Name", value=values.text("name")),
        app.item("URL", value=url),
        app.item("Version", value=values.text("version")),
        app.item("DownloadInstall", value=0),
    )
    return (atomic(download, app.execute("DownloadInstall", data="0", format="int")),)


def _app_install(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    product_id, url = values.text("product-id"), values.text("url")
    return _install(values, draft, command="Add", product_id=product_id, url=url)


def _app_update(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    product_id, url = values.text("product-id"), values.text("url")
    return _install(values, draft, command="Replace", product_id=product_id, url=url)


def _hub_install(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    product_id = values.get("product-id") or draft.context.product_id
    url = values.get("url") or draft.context.hub_url
    for name, text in (("product-id", product_id), ("url", url)):
        if not text:
            raise ConfigError(f"{name} is needed: the server has no company hub")
    command = values.command
    return _install(values, draft, command=command, product_id=product_id, url=url)


def _app_remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (_app(values, draft, "Inventory", values.text("product-id")).delete(),)


def _app_inventory(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    inventory = _enterprise(values, draft).at("EnterpriseApps", "Inventory")
    return (inventory.get(listing="StructData"),)


def _app_status(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    app = _app(values, draft, "Download", values.text("product-id"))
    return tuple(app.get(name) for name in ("Status", "LastError", "LastErrorDesc"))


def _hub_token(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    branch = _enterprise(values, draft)
    return (branch.write(values.command, "EnrollmentToken", value=values.text("token")),)


def _hub_status(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (_enterprise(values, draft).get("Status"),)


_ENTERPRISE = Parameter(
    name="enterprise-id",
    help="number of the enterprise; that of the server's hub without",
    kind=Kind.INTEGER,
    minimum=0,
    maximum=0xFFFF_FFFF,
)
_PRODUCT = Parameter(name="product-id", help="id of the app", kind=Kind.GUID, required=True)
_URL = Parameter(name="url", help="where the XAP or APPX is", kind=Kind.URL, required=True)
_NAME = Parameter(name="name", help="what the app is called", maximum=256, required=True)
_VERSION = Parameter(name="version", help="version of the app", kind=Kind.VERSION, required=True)
_APP = (_PRODUCT, _NAME, _URL, _VERSION, _ENTERPRISE)
_ID = "B316008A-141D-4A79-810F-8B764C4CFDFB"
_EXAMPLE = MappingProxyType(
    {
        "product-id": _ID,
        "name": "ContosoApp1",
        "url": "https://apps.example.test/ContosoApp1.xap",
        "version": "2.0.0.0",
    }
)
_SOURCE = "session.md 7: EnterpriseAppManagement"


def _instead(recipe: str) -> Mapping[str, str]:
    missing = "no source names a CSP for apps of Windows 8.1"
    return MappingProxyType({"win10": f"{recipe} does it there", "win81": missing})


RECIPES = (
    Recipe(
        name="app-install",
        summary="Install a company app; app-status tells how far it is.",
        profiles=in_profiles("wp8 wp81"),
        build=_app_install,
        source=_SOURCE,
        parameters=_APP,
        example=_EXAMPLE,
        alternatives=_instead("msi-install or modern-app-install"),
    ),
    Recipe(
        name="app-update",
        summary="Install an app anew or update it, within seven days of an install.",
        profiles=in_profiles("wp8 wp81"),
        build=_app_update,
        source=_SOURCE,
        parameters=_APP,
        example=_EXAMPLE,
        alternatives=_instead("msi-install or modern-app-install"),
    ),
    Recipe(
        name="app-remove",
        summary="Remove a company app; those of the store cannot be removed.",
        profiles=in_profiles("wp8 wp81"),
        build=_app_remove,
        source=_SOURCE,
        parameters=(_PRODUCT, _ENTERPRISE),
        example=MappingProxyType({"product-id": _ID}),
        alternatives=_instead("msi-remove or modern-app-remove"),
    ),
    Recipe(
        name="app-inventory",
        summary="Read which company apps are installed, with version and title.",
        profiles=in_profiles("wp8 wp81"),
        build=_app_inventory,
        source=_SOURCE,
        parameters=(_ENTERPRISE,),
        alternatives=_instead("modern-app-inventory"),
    ),
    Recipe(
        name="app-status",
        summary="Read how far the install of an app is, and what went wrong.",
        profiles=in_profiles("wp8 wp81"),
        build=_app_status,
        source=f"{_SOURCE}, Download",
        parameters=(_PRODUCT, _ENTERPRISE),
        example=MappingProxyType({"product-id": _ID}),
        alternatives=_instead("msi-status or modern-app-status"),
    ),
    Recipe(
        name="hub-install",
        summary="Install the company hub of this server, or another one.",
        profiles=in_profiles("wp8 wp81"),
        build=_hub_install,
        source=_SOURCE,
        parameters=(
            _VERSION,
            Parameter(name="name", help="what it is called", maximum=256, default="Company Hub"),
            Parameter(name="product-id", help="id of the hub, else the server's", kind=Kind.GUID),
            Parameter(name="url", help="where it is, else the server's hub", kind=Kind.URL),
            _ENTERPRISE,
            COMMAND,
        ),
        example=MappingProxyType({"version": "1.0.0.0"}),
        alternatives=_instead("modern-app-install"),
    ),
    Recipe(
        name="hub-token",
        summary="Give the device a new enrolment token of the enterprise, before the old one ends.",
        profiles=in_profiles("wp8 wp81"),
        build=_hub_token,
        source=f"{_SOURCE}; enrollment.md 9.7, 12",
        parameters=(
            Parameter(
                name="token",
                help="base64, or an .aetx file",
                kind=Kind.TOKEN,
                file="text",
                is_secret=True,
                required=True,
            ),
            _ENTERPRISE,
            replace(COMMAND, help="add where the device has no token yet", default="replace"),
        ),
        example=MappingProxyType({"token": "@enterprise.aetx"}),
        alternatives=_instead("no token is needed; modern-app-install"),
    ),
    Recipe(
        name="hub-status",
        summary="Read whether the enterprise's token holds: 0 enabled, 1 no installs, 2 revoked.",
        profiles=in_profiles("wp8 wp81"),
        build=_hub_status,
        source=_SOURCE,
        parameters=(_ENTERPRISE,),
        alternatives=_instead("modern-app-inventory"),
    ),
)
