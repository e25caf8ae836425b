"""The README gives the commands that CI runs and that the package installs."""

from __future__ import annotations

import re

import pytest

from tests.support.requirements import CHECKOUT

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command", ["pip install uv && uv run pytest", "pip install uv && uv run mdmproxy demo"]
)
def test_a_first_command_stands_alone_in_a_block(command: str) -> None:
    assert re.search(rf"^```\n{re.escape(command)}\n```$", README, re.MULTILINE)


def test_ci_runs_the_test_command_word_for_word() -> None:
    last_line = (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
    assert "'pip install uv && uv run pytest'" in last_line
