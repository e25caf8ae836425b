"""``mdmproxy analyze --format html``: where the page goes, what of it the command decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdmcore.cli.main import run
from tests.report.html.material import PLANTED, secret_life, wrong_life
from tests.support.flow_capture import write_flows


def test_the_page_goes_to_a_file_and_the_exit_code_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture = write_flows(tmp_path / "a.mitm", wrong_life())
    target = tmp_path / "page.html"
    assert run(["analyze", str(capture), "--format", "html", "-o", str(target)]) == 1
    assert capsys.readouterr().out == ""
    assert target.read_bytes().startswith(b"<!DOCTYPE html>")
    assert target.read_bytes().count(b'<details class="exchange item"') == 5


def test_the_page_goes_to_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = write_flows(tmp_path / "a.mitm", wrong_life())
    run(["analyze", str(capture), "--format", "html"])
    out = capsys.readouterr().out
    assert out.startswith("<!DOCTYPE html>")
    assert out.rstrip().endswith("</html>")


def test_secrets_only_when_asked(tmp_path: Path) -> None:
    capture = write_flows(tmp_path / "a.mitm", secret_life())
    target = tmp_path / "page.html"
    arguments = ["analyze", str(capture), "--format", "html", "-o", str(target)]
    run(arguments)
    assert PLANTED not in target.read_text()
    run([*arguments, "--show-secrets"])
    assert PLANTED in target.read_text()
    assert "Secrets are shown." in target.read_text()


def test_a_broken_capture_is_told_on_the_page_and_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture = write_flows(tmp_path / "a.mitm", wrong_life())
    capture.write_bytes(capture.read_bytes()[:-30])
    target = tmp_path / "page.html"
    assert run(["analyze", str(capture), "--format", "html", "-o", str(target)]) == 2
    assert "Not read to its end:" in target.read_text()
    assert capsys.readouterr().err.startswith("mdmproxy: error: ")


def test_a_comparison_is_no_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = str(write_flows(tmp_path / "a.mitm", wrong_life()))
    assert run(["analyze", "--diff", capture, capture, "--format", "html"]) == 2
    assert capsys.readouterr().err.startswith("mdmproxy: error: --diff is written as text or json")
