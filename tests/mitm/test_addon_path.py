"""The mitmproxy scripts are found in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

import pytest

import mdmcore
from mdmcore.errors import ConfigError
from mdmcore.mitm.addon_path import addon_directory


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder of this test's own, taken for that of mdmcore."""
    folder = tmp_path.resolve() / "site" / "mdmcore"
    folder.mkdir(parents=True)
    monkeypatch.setattr(mdmcore, "__file__", str(folder / "__init__.py"))
    return folder


def add_script(folder: Path, name: str = "mdm_inspect.py") -> Path:
    folder.mkdir()
    (folder / name).write_text("")
    return folder


def test_a_checkout_has_them_beside_the_package() -> None:
    assert addon_directory() == Path(__file__).resolve().parents[2] / "addons"


def test_a_wheel_has_them_in_the_package(package: Path) -> None:
    add_script(package.parent / "addons")
    inside = add_script(package / "_addons")
    assert addon_directory() == inside


def test_a_folder_of_someone_else_is_not_taken(package: Path) -> None:
    add_script(package.parent / "addons", name="other.py")
    with pytest.raises(ConfigError, match="install mdmproxy again"):
        addon_directory()
