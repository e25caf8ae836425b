"""APPX packages on Windows 10, hosted by the enterprise; the Store is out of reach."""

from __future__ import annotations

import pytest

from mdmcore.phone import EnrolledPhone, run
from mdmcore.phone.background import work_off
from tests.phone.device.packages import Files, appx, xap
from tests.phone.device.trees import MSFT, device_of, read, tree_of
from tests.support.server import NOW

FAMILY = "Example.Expenses_1a2b3c4d5e6f7"
ROOT = f"{MSFT}/EnterpriseModernAppManagement"
NODE = f"{ROOT}/AppInstallation/{FAMILY}"
URL = "https://apps.example.test/expenses.appx"
HOSTED = f'<Application PackageUri="{URL}"/>'


def ordered(name: str, text: str, code: int = 200) -> EnrolledPhone:
    phone = device_of("win10")
    tree = tree_of(phone)
    assert tree.add(NODE, None, "node") == 200
    assert tree.execute(f"{NODE}/{name}", text, "xml") == code
    return tree.leave(phone)


def test_a_hosted_package_is_installed_and_can_be_removed() -> None:
    phone = ordered("HostedInstall", HOSTED)
    assert read(tree_of(phone), f"{NODE}/Status") == "3"
    phone = run(work_off(phone, NOW), Files({URL: appx()}))
    tree = tree_of(phone)
    assert read(tree, f"{NODE}/Status") == "0"
    assert read(tree, f"{NODE}/ProgressStatus") == "100"
    package = f"{ROOT}/AppManagement/nonStore/{FAMILY}"
    assert read(tree, package) == "Example.Expenses_2.0.0.0_neutral__1a2b3c4d5e6f7"
    assert read(tree, f"{package}/{read(tree, package)}/Version") == "2.0.0.0"
    assert tree.delete(package) == 200
    assert tree.leave(phone).device.apps == ()


def test_a_package_is_removed_by_its_full_name() -> None:
    phone = run(work_off(ordered("HostedInstall", HOSTED), NOW), Files({URL: appx()}))
    tree = tree_of(phone)
    remove = f"{ROOT}/AppManagement/RemovePackage"
    full = "Example.Expenses_2.0.0.0_neutral__1a2b3c4d5e6f7"
    assert tree.execute(remove, '<Package Name="Other_1"/>', "xml") == 404
    assert tree.execute(remove, f'<Package Name="{full}"/>', "xml") == 200
    assert tree.device.apps == ()
    assert tree.execute(remove, f'<Package Name="{full}"/>', "xml") == 404
    assert tree.execute(f"{ROOT}/AppManagement/UpdateScan", None, "null") == 200


@pytest.mark.parametrize("package", [xap(), b"no package", None])
def test_another_package_fails(package: bytes | None) -> None:
    files = Files({} if package is None else {URL: package})
    phone = run(work_off(ordered("HostedInstall", HOSTED), NOW), files)
    tree = tree_of(phone)
    assert read(tree, f"{NODE}/Status") == "2"
    assert read(tree, f"{NODE}/LastError") != "0"
    assert read(tree, f"{NODE}/LastErrorDesc")


def test_the_store_cannot_be_reached() -> None:
    phone = ordered("StoreInstall", '<install id="9WZDNCRFJ3TJ" flags="0" skuid="0016"/>')
    files = Files()
    tree = tree_of(run(work_off(phone, NOW), files))
    assert read(tree, f"{NODE}/Status") == "2"
    assert "Store" in str(read(tree, f"{NODE}/LastErrorDesc"))
    assert files.requests == []


@pytest.mark.parametrize("text", ["", "<Application/>", "<install/>", "&lt;Application/&gt;"])
def test_what_names_no_package_is_refused(text: str) -> None:
    ordered("HostedInstall", text, code=500)
