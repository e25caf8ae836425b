"""``mdmproxy inspect``: what it hands to the proxy, without starting one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mdmcore.cli import inspect as command
from mdmcore.cli.main import run
from tests.support.requirements import CHECKOUT

EXAMPLE = CHECKOUT / "docs" / "examples" / "secrets.toml"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The settings that a proxy would be started with."""
    found: list[Any] = []

    def kept(settings: Any, **_: Any) -> int:
        found.append(settings)
        return 0

    monkeypatch.setattr(command, "run_live", kept)
    return found


def test_secrets_go_to_the_proxy_by_their_full_path(
    started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLE.parent)
    assert run(["inspect", "--secrets", EXAMPLE.name]) == 0
    assert run(["inspect"]) == 0
    told = [settings.options["mdm_secrets"] for settings in started]
    assert told == [str(EXAMPLE), ""]


def test_secrets_that_are_none_end_it_before_it_begins(
    started: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text("accounts = 1", "utf-8")
    assert run(["inspect", "--secrets", str(path)]) == 2
    said = capsys.readouterr().err
    assert said == f"mdmproxy: error: {path}: $.accounts: expected `array`, got `int`\n"
    assert started == []
