"""Versions and programs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mdmcore import __version__
from mdmcore.cli.doctor.result import Level
from mdmcore.cli.doctor.versions import (
    check_mitmproxy,
    check_openssl_library,
    check_program,
    check_python,
)
from tests.cli.doctor.setups import setup


def test_what_runs_is_named(tmp_path: Path) -> None:
    made = setup(tmp_path)
    python = check_python(made)
    assert python.level is Level.OK
    assert __version__ in python.message
    assert ".".join(map(str, sys.version_info[:2])) in python.message
    assert "OpenSSL " in check_openssl_library(made).message


@pytest.mark.parametrize(
    ("version", "level"), [("12.2.3", Level.OK), ("12.9", Level.OK), ("13.0.0", Level.WARNING)]
)
def test_another_mitmproxy_is_warned_of(version: str, level: Level, tmp_path: Path) -> None:
    result = check_mitmproxy(setup(tmp_path), version=version)
    assert result.level is level
    assert version in result.message
    assert bool(result.fix) == (level is Level.WARNING)


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script as program")
def test_programs_are_found_by_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = check_program(setup(tmp_path), name="tshark")
    assert missing.level is Level.WARNING
    assert "packet captures" in missing.message
    assert "Wireshark" in missing.fix
    program(tmp_path, "tshark", "echo 'TShark (Wireshark) 4.0.17 (Git v4.0.17 packaged).'; exit 1")
    found = check_program(setup(tmp_path), name="tshark")
    assert found.level is Level.OK
    assert found.message.startswith("TShark (Wireshark) 4.0.17; for ")
    assert found.facts["path"] == str(tmp_path / "tshark")
    program(tmp_path, "tshark", "echo 'TShark (Wireshark) 3.6.2 (Git v3.6.2 packaged).'")
    old = check_program(setup(tmp_path), name="tshark")
    assert old.level is Level.WARNING
    assert "too old for reading packet captures: 4.0 is needed" in old.message


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script as program")
def test_a_program_that_says_nothing_is_shown_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "openssl", "exit 3")
    assert str(tmp_path / "openssl") in check_program(setup(tmp_path), name="openssl").message
