"""Policy of Windows 10: Config and Result, and policies of ingested ADMX files."""

from __future__ import annotations

import pytest

from mdmcore.phone.device import policy
from tests.csp.test_admx import ADMX
from tests.phone.device.trees import MSFT, device_of, read, tree_of

CONFIG = f"{MSFT}/Policy/Config"
RESULT = f"{MSFT}/Policy/Result"
INSTALL = f"{MSFT}/Policy/ConfigOperations/ADMXInstall"
FILE = f"{INSTALL}/Example/Policy/ExampleAdmx"
DEEP = "Example~Policy~Outer~Inner/Deep"


def test_what_is_configured_is_the_result() -> None:
    tree = tree_of("win10")
    assert tree.add(f"{CONFIG}/Camera/AllowCamera", "0", "int") == 200
    assert read(tree, f"{RESULT}/Camera/AllowCamera") == "0"
    assert tree.delete(f"{CONFIG}/Camera/AllowCamera") == 200
    assert read(tree, f"{RESULT}/Camera/AllowCamera") == 404


def test_a_policy_backed_by_admx_wants_its_text() -> None:
    tree = tree_of("win10")
    uri = f"{CONFIG}/CredentialProviders/AllowPINLogon"
    assert tree.add(uri, "1", "chr") == 500
    assert tree.add(uri, "<enabled/>", "chr") == 200
    got = tree.get(f"{RESULT}/CredentialProviders/AllowPINLogon")
    assert (got.value, got.format) == ("<enabled/>", "chr")


def test_a_policy_exists_once_its_file_is_ingested() -> None:
    phone = device_of("win10")
    tree = tree_of(phone)
    assert tree.add(f"{CONFIG}/{DEEP}", "<enabled/>", "chr") == 404
    assert tree.add(FILE, ADMX.decode(), "chr") == 200
    tree = tree_of(tree.leave(phone))
    assert tree.add(f"{CONFIG}/{DEEP}", "1", "int") == 415
    assert tree.add(f"{CONFIG}/{DEEP}", "1", "chr") == 500
    assert tree.add(f"{CONFIG}/{DEEP}", "<enabled/>", "chr") == 200
    assert tree.add(f"{CONFIG}/Example~Policy~Outer/Lost", "<enabled/>", "chr") == 404


@pytest.mark.parametrize("context", ["./Device", "./User"])
def test_each_context_has_its_own(context: str) -> None:
    tree = tree_of("win10")
    uri = f"{context}/Vendor/MSFT/Policy/Config/Camera/AllowCamera"
    assert tree.add(uri, "0", "int") == 200
    other = "./User" if context == "./Device" else "./Device"
    assert read(tree, uri.replace(context, other)) == 404
    result = uri.replace("Config", "Result")
    assert read(tree, result) == "0"
    assert read(tree, result.replace(context, other)) == 404


def test_when_the_file_is_deleted_its_policies_go() -> None:
    tree = tree_of("win10")
    tree.add(FILE, ADMX.decode(), "chr")
    tree.add(f"{CONFIG}/{DEEP}", "<enabled/>", "chr")
    assert tree.delete(f"{INSTALL}/Example") == 200
    assert read(tree, f"{CONFIG}/{DEEP}") == 404
    assert read(tree, f"{RESULT}/{DEEP}") == 404
    assert tree.add(f"{CONFIG}/{DEEP}", "<enabled/>", "chr") == 404


@pytest.mark.parametrize(
    "text",
    [
        "no document",
        "<other/>",
        ADMX.decode().replace(r"Software\Policies\Example", r"Software\Microsoft\Example"),
        ADMX.decode().replace("<", "&lt;"),
    ],
)
def test_a_file_that_windows_refuses(text: str) -> None:
    tree = tree_of("win10")
    assert tree.add(FILE, text, "chr") == 500
    assert tree.device.ingested == ()


def test_a_text_of_several_strings_is_kept_as_it_is() -> None:
    tree = tree_of("win10")
    text = "one\uf000two\uf000\uf000"
    assert tree.add(f"{CONFIG}/Privacy/LetAppsAccessCamera_ForceAllowTheseApps", text, "chr") == 200
    assert read(tree, f"{RESULT}/Privacy/LetAppsAccessCamera_ForceAllowTheseApps") == text


def test_files_without_end_fill_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "MAX_INGESTED", 1)
    assert tree_of("win10").add(FILE, ADMX.decode(), "chr") == 420
