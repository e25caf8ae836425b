"""Apps from APPX packages and the store (Enterprise app management)."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from tests.support.recipes import built, items, sent_values

ROOT = "./User/Vendor/MSFT/EnterpriseModernAppManagement"
FAMILY = "ExampleApp_8wekyb3d8bbwe"


@pytest.mark.parametrize(
    ("values", "job"),
    [
        ({}, '<Application PackageUri="https://a.test/a.appx?x=1&amp;y=2" DeploymentOptions="0"/>'),
        (
            {"force": "yes", "dependencies": "https://a.test/b.appx,https://a.test/c.appx"},
            '<Application PackageUri="https://a.test/a.appx?x=1&amp;y=2" DeploymentOptions="1">'
            '<Dependencies><Dependency PackageUri="https://a.test/b.appx"/>'
            '<Dependency PackageUri="https://a.test/c.appx"/></Dependencies></Application>',
        ),
    ],
)
def test_a_package_is_added_and_then_installed(values: dict[str, str], job: str) -> None:
    url = "https://a.test/a.appx?x=1&y=2"
    made = built("modern-app-install", "win10", package_family=FAMILY, url=url, **values)
    assert [(name, item.target, item.data) for name, item in items(made)] == [
        ("Add", f"{ROOT}/AppInstallation/{FAMILY}", None),
        ("Exec", f"{ROOT}/AppInstallation/{FAMILY}/HostedInstall", job),
    ]


def test_an_app_of_the_store() -> None:
    made = built("store-app-install", "win10", package_family=FAMILY, store_id='9W"<')
    job = sent_values(made)[f"{ROOT}/AppInstallation/{FAMILY}/StoreInstall"]
    assert job == '<install id="9W&quot;&lt;" flags="0" skuid="0010"/>'


@pytest.mark.parametrize(
    ("source", "node"), [("company", "nonStore"), ("store", "AppStore"), ("system", "System")]
)
def test_an_app_is_removed_where_it_came_from(source: str, node: str) -> None:
    made = built("modern-app-remove", "win10", package_family=FAMILY, source=source)
    assert list(sent_values(made)) == [f"{ROOT}/AppManagement/{node}/{FAMILY}"]


def test_apps_are_listed_followed_and_updated() -> None:
    read = [item.target for _, item in items(built("modern-app-inventory", "win10"))]
    assert read == [f"{ROOT}/AppManagement/nonStore"]
    made = built("modern-app-status", "win10", package_family=FAMILY)
    assert f"{ROOT}/AppInstallation/{FAMILY}/Status" in [item.target for _, item in items(made)]
    made = built("modern-app-scan", "win10", scope="device")
    assert list(sent_values(made)) == [
        "./Device/Vendor/MSFT/EnterpriseModernAppManagement/AppManagement/UpdateScan"
    ]


def test_phones_have_company_apps() -> None:
    with pytest.raises(ConfigError, match="not for wp81: app-install and its like"):
        built("modern-app-scan", "wp81")
