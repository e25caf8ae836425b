"""The bar while captures are read."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mdmcore.cli.analyze_progress import Nobody, progress_of
from mdmcore.cli.analyze_worker import Step
from mdmcore.cli.main import run
from tests.report.material import capture_of, dm_flow


class Terminal(io.StringIO):
    """What says that it is one."""

    def isatty(self) -> bool:
        return True


@contextmanager
def terminal() -> Iterator[Terminal]:
    """Stderr, as a terminal of 120 columns. No fixture: pytest sets stderr anew for the test."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "120")
        yield screen


def test_captures_bytes_and_exchanges_are_counted(tmp_path: Path) -> None:
    paths = [tmp_path / "a[b]", tmp_path / "c", tmp_path / "gone"]
    for path in paths[:2]:
        path.write_bytes(b"x" * 1000)
    with terminal() as screen, progress_of(paths, is_wanted=True) as audience:
        audience.step(Step(number=1, exchanges=50, position=500))
        audience.step(Step(number=2, exchanges=50, position=9000))
        audience.ended(2, 70)
        audience.ended(1, 60)
        audience.ended(3, 0)
    assert "3 of 3 captures, 130 exchanges" in screen.getvalue()
    assert "2.0/2.0 kB" in screen.getvalue()


def test_none_where_nobody_looks(tmp_path: Path) -> None:
    with terminal() as screen, progress_of([tmp_path], is_wanted=False) as audience:
        assert isinstance(audience, Nobody)
        audience.step(Step(number=1, exchanges=1, position=1))
        audience.ended(1, 1)
    assert screen.getvalue() == ""


@pytest.mark.parametrize("joined", ["--joined", "--separate"])
@pytest.mark.parametrize("format", ["text", "json"])
def test_it_is_on_stderr_alone(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    joined: str,
    format: str,
) -> None:
    for name in ("a", "b"):
        capture_of(tmp_path / name, dm_flow())
    with terminal() as screen:
        assert run(["analyze", str(tmp_path), joined, "--format", format]) == 1
    assert "of 2 captures" in screen.getvalue()
    assert "of 2 captures, 0 exch" not in capsys.readouterr().out


def test_no_bar_where_stderr_is_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture_of(tmp_path / "a", dm_flow())
    run(["analyze", str(tmp_path), "--format", "json"])
    assert capsys.readouterr().err == ""
