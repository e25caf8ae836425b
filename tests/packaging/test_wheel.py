"""The wheel works alone: installed into an empty environment, outside the checkout, offline."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import mdmcore
from tests.support.requirements import CHECKOUT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

BIN = "Scripts" if os.name == "nt" else "bin"


def run(
    *command: str | Path, cwd: Path, env: dict[str, str] | None = None, timeout_s: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run a command that must succeed; if it does not, show what it said."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def uv() -> str:
    """The uv that runs these tests."""
    found = os.environ.get("UV") or shutil.which("uv")
    assert found, "run the tests with: uv run pytest"
    return found


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the source distribution, so that both are complete."""
    dist = tmp_path_factory.mktemp("dist")
    run(
        *(uv, "build", "--offline", "--no-build-isolation", "--python", sys.executable),
        *("--out-dir", dist),
        cwd=CHECKOUT,
    )
    (built,) = dist.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and its locked dependencies, from uv's cache."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    run(uv, "venv", "--offline", "--python", sys.executable, folder, cwd=folder.parent)
    run(
        *(uv, "sync", "--active", "--offline", "--frozen", "--no-dev", "--no-install-project"),
        cwd=CHECKOUT,
        env={"VIRTUAL_ENV": str(folder)},
    )
    run(
        *(uv, "pip", "install", "--offline", "--no-deps", "--python", folder, wheel),
        cwd=folder.parent,
    )
    return folder


def outside(environment: Path) -> dict[str, str]:
    """Variables that keep the checkout and this person's state out of sight."""
    home = str(environment.parent / "home")
    return {
        "HOME": home,
        "USERPROFILE": home,
        "LOCALAPPDATA": home,
        "XDG_DATA_HOME": home,
        "PYTHONPATH": "",
        "VIRTUAL_ENV": str(environment),
        "COLUMNS": "100",
    }


def test_the_wheel_carries_the_scripts_and_the_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    scripts = {f"mdmcore/_addons/{path.name}" for path in (CHECKOUT / "addons").glob("*.py")}
    assert scripts
    assert scripts | {"mdmcore/py.typed"} <= names
    assert {name.partition("/")[0] for name in names} == {
        "mdmcore",
        f"mdmproxy-{mdmcore.__version__}.dist-info",
    }


def test_the_wheel_carries_all_of_the_package(wheel: Path) -> None:
    tracked = run("git", "ls-files", "mdmcore", cwd=CHECKOUT).stdout.split()
    present = {name for name in tracked if (CHECKOUT / name).exists()}
    assert present <= set(zipfile.ZipFile(wheel).namelist())


def test_an_installed_package_finds_its_scripts(environment: Path, tmp_path: Path) -> None:
    code = "from mdmcore.mitm.addon_path import addon_directory; print(addon_directory())"
    python = environment / BIN / "python"
    found = Path(run(python, "-c", code, cwd=tmp_path, env=outside(environment)).stdout.strip())
    assert found.name == "_addons"
    assert found.is_relative_to(environment.resolve())


def test_the_demo_runs_from_the_wheel(environment: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run(
        *(environment / BIN / "mdmproxy", "demo", "--out", out),
        cwd=elsewhere,
        env=outside(environment),
    )
    assert {path.name for path in out.iterdir()} >= {
        "session.mitm",
        "analysis.json",
        "enrollment-ca.pem",
        "device.pem",
    }
    assert (out / "session.mitm").stat().st_size > 0
    for name in ("enrollment-ca.pem", "device.pem"):
        assert "-----BEGIN CERTIFICATE-----" in (out / name).read_text(encoding="ascii")
    analysis = json.loads((out / "analysis.json").read_bytes())
    assert analysis["schema"] == "mdmproxy-analysis/1"
    assert list(elsewhere.iterdir()) == [], "the demo writes only where it is told to"
