"""What ``emulate`` and ``inspect`` make of the end of a proxy: report, complaint, exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.cli.live import run_live
from mdmcore.cli.options import FailOn
from mdmcore.errors import ConfigError
from mdmcore.http import Exchange, Request
from mdmcore.inspector import Inspector
from mdmcore.mitm import runner
from mdmcore.mitm.runner import ProxyOutcome, ProxySettings
from mdmcore.rules.model import Finding, Severity

OUTCOME = ProxyOutcome(host="127.0.0.1", port=8080)
FINDING = Finding(
    rule="answer-truncated",
    severity=Severity.WARNING,
    message="too short",
    effect="",
    fix="",
    sources=(),
    life=None,
    count=1,
    places=(),
    caused_by=(),
)


def run(
    monkeypatch: pytest.MonkeyPatch,
    outcome: ProxyOutcome,
    *passed: Exchange,
    fail_on: FailOn | None = None,
    report: Path | None = None,
) -> int:
    """Run with a proxy that has ended already, after these exchanges."""

    def ended(settings: ProxySettings, **_: object) -> ProxyOutcome:
        inspector = Inspector()
        for exchange in passed:
            assert settings.on_inspected is not None
            settings.on_inspected(exchange, inspector.inspect(exchange))
        return outcome

    monkeypatch.setattr(runner, "run_until_signal", ended)
    settings = ProxySettings(scripts=(), record=Path("a.mitm"))
    return run_live(settings, hints=lambda port: [], fail_on=fail_on, report=report)


def test_the_exit_code_is_that_of_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = replace(OUTCOME, findings=(FINDING,))
    assert run(monkeypatch, found) == 0
    assert run(monkeypatch, found, fail_on=FailOn.ERROR) == 0
    assert run(monkeypatch, found, fail_on=FailOn.WARNING) == 1


def test_a_recording_with_gaps_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, replace(OUTCOME, unrecorded=3)) == 2
    line = "mdmproxy: error: a.mitm: not everything could be written; 3 of the flows that passed"
    assert capsys.readouterr().err.startswith(line)


def test_the_report_is_an_analysis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    path.write_text("of yesterday", encoding="utf-8")
    request = Request(method="GET", url="https://mdm.example.test/x")
    exchange = Exchange(id="live:1", index=1, capture="live", request=request, error="gone")
    outcome = replace(OUTCOME, findings=(FINDING,))
    assert run(monkeypatch, outcome, exchange, report=path) == 0
    document = json.loads(path.read_text("utf-8"))
    assert list(document) == ["schema", "tool", "captures", "exchanges", "lives", "findings"]
    assert [one["id"] for one in document["exchanges"]] == ["live:1"]
    assert [one["rule"] for one in document["findings"]] == ["answer-truncated"]
    assert (document["captures"][0]["path"], document["captures"][0]["exchanges"]) == ("live", 1)


def test_a_report_that_cannot_be_written_is_told_before_it_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"--report .*: is a directory"):
        run(monkeypatch, OUTCOME, report=tmp_path)


def test_no_report_is_left_of_a_proxy_that_did_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(settings: ProxySettings, **_: object) -> ProxyOutcome:
        raise ConfigError("cannot listen")

    monkeypatch.setattr(runner, "run_until_signal", refuse)
    for before in (None, "of yesterday"):
        path = tmp_path / "live.json"
        if before is not None:
            path.write_text(before, encoding="utf-8")
        settings = ProxySettings(scripts=())
        with pytest.raises(ConfigError):
            run_live(settings, hints=lambda port: [], fail_on=None, report=path)
        assert (path.read_text("utf-8") if path.exists() else None) == before
