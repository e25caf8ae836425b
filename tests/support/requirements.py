"""What a test needs from outside the checkout: shared captures and schemas, and programs.

A test asks for a thing when it runs. If the thing is absent the test is skipped, unless
``MDMPROXY_REQUIRE`` names it (comma-separated): then the test fails, so that a machine which is
meant to have everything cannot pass by skipping.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

SHARED_VARIABLE = "MDMPROXY_SHARED"
REQUIRE_VARIABLE = "MDMPROXY_REQUIRE"

CHECKOUT = Path(__file__).resolve().parents[2]

#: Folders below the shared directory.
SHARED_THINGS = ("captures", "schemas")

#: Programs by the name that MDMPROXY_REQUIRE uses, each with the executables to look for.
PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "openssl": ("openssl",),
    "curl": ("curl",),
    "wget": ("wget",),
    "nginx": ("nginx",),
    "libwbxml": ("wbxml2xml",),
    "tshark": ("tshark",),
    "zip": ("zip",),
    "chromium": ("chromium", "chromium-browser"),
    "postgresql": ("postgres", "psql"),
}

# Debian keeps servers here, outside the PATH of everyone but root.
_SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin")


def required_names() -> frozenset[str]:
    """The names in MDMPROXY_REQUIRE; a name nobody knows is a usage error of the test run."""
    names = {name.strip() for name in os.environ.get(REQUIRE_VARIABLE, "").split(",")} - {""}
    known = {*SHARED_THINGS, *PROGRAMS}
    if unknown := sorted(names - known):
        raise pytest.UsageError(
            f"{REQUIRE_VARIABLE} names {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    return frozenset(names)


def shared_directory() -> Path:
    """The folder with captures and schemas, whether or not it exists."""
    return Path(os.environ.get(SHARED_VARIABLE) or CHECKOUT.parent / "shared").resolve()


def require(name: str) -> Path:
    """The shared folder ``name`` (one of SHARED_THINGS); skips or fails when it is absent."""
    if name not in SHARED_THINGS:
        raise ValueError(f"{name!r} is none of {SHARED_THINGS}")
    path = shared_directory() / name
    return path if path.is_dir() else _absent(name, f"{path} is not a folder")


def protocol_file(name: str) -> Path:
    """A digest below the shared folder ``protocol``; skips, or fails where the captures, which lie
    beside it, are required."""
    path = shared_directory() / "protocol" / name
    return path if path.exists() else _absent("captures", f"{path} does not exist")


def shared_file(name: str, *parts: str) -> Path:
    """A file or folder below the shared folder ``name``; skips or fails when it is absent."""
    path = require(name).joinpath(*parts)
    return path if path.exists() else _absent(name, f"{path} does not exist")


def require_program(name: str) -> str:
    """The path of a program (a key of PROGRAMS); skips or fails when it is not installed."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *_SYSTEM_FOLDERS])
    for executable in PROGRAMS[name]:
        if found := shutil.which(executable, path=path):
            return found
    return _absent(name, f"no {' or '.join(PROGRAMS[name])} on this machine")


def _absent(name: str, reason: str) -> NoReturn:
    if name in required_names():
        pytest.fail(f"{REQUIRE_VARIABLE} names {name}, but {reason}", pytrace=False)
    pytest.skip(f"needs {name}: {reason}")
