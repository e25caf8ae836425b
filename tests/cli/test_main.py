"""The command line as such: help, usage errors, exit codes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mdmcore import __version__
from mdmcore.cli.main import COMMANDS, run
from mdmcore.cli.output import width_of


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"mdmproxy {__version__}\n"


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", out, re.MULTILINE), name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"Usage: mdmproxy {command}" in out
    assert "Example: m" in out


LISTING = """
import sys
from mdmcore.cli.main import run
run(["--help"])
print(*sys.modules, file=sys.stderr)
"""


def test_the_list_of_commands_waits_for_nothing_that_a_command_needs() -> None:
    done = subprocess.run([sys.executable, "-c", LISTING], capture_output=True, check=True)
    loaded = set(done.stderr.decode().split())
    assert "mdmcore.cli.rules" in loaded
    rooms = {"mdmcore.rules", "mdmcore.inspector", "mdmcore.server", "mdmcore.store"}
    libraries = {"mitmproxy", "sqlalchemy", "httpx", "lxml", "pyasn1", "cryptography", "msgspec"}
    assert loaded & (rooms | libraries) == set()


def test_without_a_command_help_is_shown_and_the_code_is_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([]) == 2
    assert "Commands:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["analyze"],
        ["analyze", "--nonsense", "x"],
        ["analyze", "missing.mitm"],
        ["analyze", "x", "--format", "xml"],
        ["lint"],
        ["lint", "missing.cer"],
        ["inspect", "--upstream", "mdm.example.test"],
        ["inspect", "--upstream", "ftp://mdm.example.test"],
        ["inspect", "--upstream", "https://[::1"],
        ["emulate", "--profile", "wp7"],
        ["addon-path", "nonsense"],
    ],
    ids=" ".join,
)
def test_bad_usage_is_one_line_and_exit_2(
    arguments: list[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("mdmproxy: error: ")


def test_addon_path_names_folder_and_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["addon-path"]) == 0
    folder = Path(capsys.readouterr().out.strip())
    assert (folder / "mdm_emulate.py").is_file()
    assert run(["addon-path", "mdm_inspect"]) == 0
    assert Path(capsys.readouterr().out.strip()) == folder / "mdm_inspect.py"


def test_output_that_is_no_terminal_has_a_fixed_width(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w") as out:
        assert width_of(out) == 140
