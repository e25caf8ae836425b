"""Recipes for MSI packages (EnterpriseDesktopAppManagement CSP).

Exec answers 200 at once and the job goes on; ``msi-status`` tells how far it is.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import SCOPE, Kind, Parameter, Recipe, in_profiles

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_STATUS = ("Status", "LastError", "LastErrorDesc")


def _product(values: Values, draft: Draft) -> Draft:
    from mdmcore.csp.recipes.draft import braced

    return draft.at("EnterpriseDesktopAppManagement", "MSI", braced(values.text("product-id")))


def _install(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import sequence

    product = _product(values, draft)
    # Exec before Add answers 404 and leaves a node that never works.
    execute = product.execute("DownloadInstall", data=_job(values), format="xml")
    return (sequence(product.write("Add", "DownloadInstall"), execute),)


def _job(values: Values) -> str:
    from mdmcore.csp.recipes.draft import braced
    from mdmcore.csp.recipes.payloads import xml_text
    from mdmcore.xml import Node, sub_node

    urls = [sub_node("ContentURL", url) for url in values.items("url")]
    enforcement = [
        sub_node(name, values.text(parameter))
        for name, parameter in (
            ("CommandLine", "command-line"),
            ("TimeOut", "timeout-minutes"),
            ("RetryCount", "retry-count"),
            ("RetryInterval", "retry-minutes"),
        )
    ]
    product = Node(
        "Product",
        attributes={"Version": values.text("version")},
        children=(
            sub_node("Download", sub_node("ContentURLList", *urls)),
            sub_node("Validation", sub_node("FileHash", values.text("sha256"))),
            sub_node("Enforcement", *enforcement),
        ),
    )
    code = braced(values.text("product-id"))
    return xml_text(Node("MsiInstallJob", attributes={"id": code}, children=(product,)))


def _remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (_product(values, draft).delete(),)


def _status(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    product = _product(values, draft)
    return tuple(product.get(name) for name in _STATUS)


def _inventory(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.get("EnterpriseDesktopAppManagement", "MSI"),)


_PRODUCT = Parameter(
    name="product-id", help="product code of the package", kind=Kind.GUID, required=True
)
_SOURCE = "EnterpriseDesktopAppManagement CSP"
_PHONES = MappingProxyType(
    {
        **dict.fromkeys(("wp8", "wp81"), "app-install and its like do apps of phones"),
        "win81": "no source names a CSP for apps of Windows 8.1",
    }
)
_ID = "1803A630-3C38-4D2B-9B9A-0CB37243539C"
_EXAMPLE = MappingProxyType({"product-id": _ID})

RECIPES = (
    Recipe(
        name="msi-install",
        summary="Install an MSI package.",
        profiles=in_profiles("win10"),
        build=_install,
        source=_SOURCE,
        parameters=(
            _PRODUCT,
            Parameter(name="url", help="where it is", kind=Kind.URL, is_list=True, required=True),
            Parameter(name="sha256", help="digest of the file", kind=Kind.SHA256, required=True),
            Parameter(name="version", help="of it", kind=Kind.VERSION, required=True),
            Parameter(name="command-line", help="for msiexec", default="/quiet", maximum=1024),
            Parameter(
                name="timeout-minutes",
                help="until the install counts as failed",
                kind=Kind.INTEGER,
                default="5",
                minimum=1,
                maximum=1440,
            ),
            Parameter(
                name="retry-count",
                help="attempts",
                kind=Kind.INTEGER,
                default="3",
                minimum=0,
                maximum=100,
            ),
            Parameter(
                name="retry-minutes",
                help="minutes between them",
                kind=Kind.INTEGER,
                default="5",
                minimum=0,
                maximum=1440,
            ),
            SCOPE,
        ),
        example=MappingProxyType(
            {
                "product-id": _ID,
                "url": "https://apps.example.test/myApp.msi",
                "sha256": "134D8F1F7C3C036DC3DCDA9F97515C8C7951DB154B73365C9C22962BD23E3EB3",
                "version": "1.0.0",
            }
        ),
        alternatives=_PHONES,
    ),
    Recipe(
        name="msi-remove",
        summary="Remove an MSI package that this server installed.",
        profiles=in_profiles("win10"),
        build=_remove,
        source=_SOURCE,
        parameters=(_PRODUCT, SCOPE),
        example=_EXAMPLE,
        alternatives=_PHONES,
    ),
    Recipe(
        name="msi-status",
        summary="Read how far the install of an MSI package is: 70 done, 60 and 30 failed.",
        profiles=in_profiles("win10"),
        build=_status,
        source=_SOURCE,
        parameters=(_PRODUCT, SCOPE),
        example=_EXAMPLE,
        alternatives=_PHONES,
    ),
    Recipe(
        name="msi-inventory",
        summary="Read which MSI packages are installed.",
        profiles=in_profiles("win10"),
        build=_inventory,
        source=_SOURCE,
        parameters=(SCOPE,),
        alternatives=_PHONES,
    ),
)
