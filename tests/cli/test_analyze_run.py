"""Running an analysis in a format that is written from the analysis itself."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import pytest

from mdmcore.cli import analyze_run
from mdmcore.cli.analyze_output import AnalyzeFormat, ReportSettings
from mdmcore.cli.main import run
from mdmcore.report import Analysis
from mdmcore.report.spool import ExchangeLines
from tests.report.material import capture_of, dm_flow


def lives(out: TextIO, analysis: Analysis, lines: ExchangeLines, settings: ReportSettings) -> None:
    """A format of nothing but names."""
    analysis.run()
    out.write(" ".join(str(life.id) for life in analysis.lives))


@pytest.mark.parametrize(
    ("joined", "said"), [("--joined", "life-1"), ("--separate", "life-1.1 life-2.1")]
)
def test_captures_are_joined_or_apart_there_too(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    joined: str,
    said: str,
) -> None:
    monkeypatch.setattr(analyze_run, "STREAMS", {AnalyzeFormat.MARKDOWN: lives})
    monkeypatch.setattr(analyze_run, "write_stream", lives)
    for name in ("a", "b"):
        capture_of(tmp_path / name, dm_flow())
    assert run(["analyze", str(tmp_path), joined, "--format", "markdown"]) == 1
    assert capsys.readouterr().out == said
