"""A package that came whole: installed, or why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mdmcore.phone.device.installation import install_problem, installed_app
from mdmcore.phone.device.package import AppManifest
from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.device.work import Work, WorkKind

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PRODUCT = "{B1B2B3B4-0000-4000-8000-0123456789AB}"


def work(version: str = "1.0.0.0", product_id: str = PRODUCT) -> Work:
    manifest = AppManifest(
        product_id=product_id, version=version, title="Expenses", publisher="Example Org"
    )
    return Work(
        kind=WorkKind.APP,
        node=("1", "EnterpriseApps", "Download", PRODUCT),
        product=PRODUCT,
        since=NOW,
        manifest=manifest,
    )


def test_the_app_stands_in_the_inventory_beside_its_download() -> None:
    app = installed_app(work("1.2.0.0"))
    assert app.node == ("1", "EnterpriseApps", "Inventory", PRODUCT)
    assert (app.version, app.title, app.publisher) == ("1.2.0.0", "Expenses", "Example Org")


@pytest.mark.parametrize(
    ("there", "new", "is_fine"),
    [
        ("1.9.0.0", "1.10.0.0", True),
        ("1.10.0.0", "1.9.0.0", False),
        ("1.0.0.0", "1.0.0.0", True),
        ("2.0", "1.9.9.9", False),
        ("1.x", "1.0", True),
        ("9" * 40, "1", True),
    ],
)
def test_only_older_versions_are_refused(there: str, new: str, is_fine: bool) -> None:
    device = DeviceState(apps=(installed_app(work(there)),))
    problem = install_problem(work(new), device)
    assert (problem is None) is is_fine
    assert problem is None or problem.code == 0x80073D06


def test_another_product_is_refused() -> None:
    problem = install_problem(
        work(product_id="{00000000-0000-0000-0000-000000000001}"), DeviceState()
    )
    assert problem is not None
    assert problem.code == 0x80073CF2


def test_without_a_manifest_there_is_nothing_to_compare() -> None:
    msi = replace(work(), kind=WorkKind.MSI, manifest=None, version="1.4.0", node=("MSI", PRODUCT))
    assert install_problem(msi, DeviceState()) is None
    app = installed_app(msi)
    assert (app.node, app.version, app.title) == (("MSI", PRODUCT), "1.4.0", "")
