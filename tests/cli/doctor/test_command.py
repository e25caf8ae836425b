"""The command: what it prints, what it exits with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mdmcore.cli.doctor import command, network, proxy_ca, state, tls, versions
from mdmcore.cli.doctor.result import Check, Setup
from mdmcore.cli.main import run
from tests.cli.doctor.setups import authority, setup, write_proxy_ca


def arguments(folder: Path, *more: str) -> list[str]:
    return [
        *("doctor", "--state", str(folder / "state"), "--confdir", str(folder / "conf")),
        *("--listen-port", "0", *more),
    ]


def test_a_fresh_computer_has_no_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments(tmp_path)) == 0
    out = capsys.readouterr().out
    assert "  ok       python: mdmproxy" in out
    assert out.splitlines()[-1].endswith(" 0 problems")
    assert list(tmp_path.iterdir()) == []


def test_a_problem_is_exit_1_and_has_its_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_bytes(b"")
    assert run(arguments(tmp_path)) == 1
    out = capsys.readouterr().out
    assert "  problem  state-folder: " in out
    assert "fix: name another folder with --state" in out
    assert run(arguments(tmp_path, "--fail-on", "never")) == 0


def test_warnings_count_when_asked(tmp_path: Path) -> None:
    # The proxy would listen on loopback only, which is a warning.
    assert run(arguments(tmp_path, "--fail-on", "warning")) == 1


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_proxy_ca(tmp_path / "conf", authority())
    assert run(arguments(tmp_path, "--format", "json")) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "mdmproxy-doctor/1"
    assert document["tool"]["name"] == "mdmproxy"
    by_name = {check["check"]: check for check in document["checks"]}
    assert by_name["proxy-ca"]["facts"]["thumbprint"] == authority().parsed.thumbprint
    assert {check["level"] for check in document["checks"]} <= {"ok", "warning", "problem"}


def test_a_file_gets_the_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "doctor.txt"
    assert run(arguments(tmp_path, "-o", str(target))) == 0
    assert capsys.readouterr().out == ""
    assert "problems" in target.read_text("utf-8")


@pytest.mark.parametrize("domain", ["a b", "", "-x", "a..b", "x" * 300])
def test_a_domain_that_is_none_is_usage(
    domain: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments(tmp_path, "--domain", domain)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "example.test" in line


def test_a_check_that_cannot_look_says_so(tmp_path: Path) -> None:
    def refused(_setup: Setup) -> None:
        raise PermissionError(13, "Permission denied", "file")

    result = command._checked(Check(name="x", group="y", function=refused), setup(tmp_path))
    assert result is not None
    assert result.message == "cannot be checked: file: permission denied"


def test_names_of_checks_are_unique() -> None:
    names = [
        check.name
        for module in (versions, tls, state, proxy_ca, network)
        for check in module.CHECKS
    ]
    assert len(set(names)) == len(names) > 15
