"""The scripts that mitmproxy loads only register hooks: of ours, they import mdmcore.mitm alone."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.requirements import CHECKOUT

SCRIPTS = sorted((CHECKOUT / "addons").glob("*.py"))


def imported_modules(source: str) -> Iterator[str]:
    """Every module that an import statement names; `from a import b` counts as a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_allowed(module: str) -> bool:
    """The standard library, mitmproxy, and mdmcore.mitm."""
    top = module.partition(".")[0]
    return (
        top == "mitmproxy"
        or top in sys.stdlib_module_names
        or module == "mdmcore.mitm"
        or module.startswith("mdmcore.mitm.")
    )


def test_there_are_scripts() -> None:
    assert SCRIPTS


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_imports_mdmcore_mitm_only(script: Path) -> None:
    modules = imported_modules(script.read_text(encoding="utf-8"))
    assert [module for module in modules if not is_allowed(module)] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_hides_no_module(script: Path) -> None:
    """mitmproxy puts the scripts' folder first on sys.path, so a plain name could hide a module."""
    assert script.name.startswith("mdm_")


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("from mdmcore.mitm.engine import register", True),
        ("from mdmcore import mitm", True),
        ("import logging", True),
        ("from mdmcore.rules import check", False),
        ("from mdmcore import rules", False),
        ("import mdmcore", False),
        ("import httpx", False),
    ],
)
def test_the_check_sees_every_form_of_import(statement: str, allowed: bool) -> None:
    assert all(is_allowed(module) for module in imported_modules(statement)) is allowed
