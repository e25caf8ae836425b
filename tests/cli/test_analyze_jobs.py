"""Captures that are judged in processes of their own."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdmcore.capture.source import Reading
from mdmcore.cli import analyze_jobs, analyze_worker
from mdmcore.cli.analyze_jobs import judged
from mdmcore.cli.analyze_settings import AnalyzeSettings
from mdmcore.cli.analyze_worker import CaptureJudge, Step, Task
from mdmcore.cli.main import run
from mdmcore.http import Exchange
from mdmcore.inspector import Inspector
from mdmcore.report.outcome import Outcome
from mdmcore.report.sieve import Sieve
from tests.cli import crashing_worker
from tests.report.material import capture_of, dm_flow, exchange_flow


def tasks_of(folder: Path, *names: str) -> list[Task]:
    (folder / "spools").mkdir(exist_ok=True)
    for number, name in enumerate(names):
        capture_of(folder / name, dm_flow(device=f"urn:uuid:{number}".encode()))
    return [
        Task(
            number=number,
            path=folder / name,
            format="flows",
            spool=folder / "spools" / f"{number}",
        )
        for number, name in enumerate(names, 1)
    ]


def outcomes(tasks: list[Task], jobs: int) -> list[Outcome]:
    return list(judged(tasks, AnalyzeSettings(), Sieve(), jobs=jobs, tell=lambda step: None))


def test_the_result_is_the_same_whatever_the_number_of_jobs_and_a_crash_costs_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = tasks_of(tmp_path, "a", "deadly", "b", "c", "deadly-too")
    alone = outcomes(tasks, 1)
    lines = [task.spool.read_bytes() for task in tasks]
    monkeypatch.setattr(analyze_jobs, "work", crashing_worker.work)
    together = outcomes(tasks, 2)
    for number in (0, 2, 3):
        assert together[number] == alone[number]
        assert tasks[number].spool.read_bytes() == lines[number]
    for number in (1, 4):
        (capture,) = together[number].captures
        (error,) = capture.errors
        assert error.message == "the process that read it has died (exit code 41)"
        assert capture.path == str(tasks[number].path)
        assert tasks[number].spool.read_bytes() == b""
    assert multiprocessing.active_children() == []


def test_ctrl_c_ends_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b", "c"):
        capture_of(tmp_path / name, dm_flow())

    def interrupted(connections: object) -> list[object]:
        raise KeyboardInterrupt

    monkeypatch.setattr(analyze_jobs, "wait", interrupted)
    assert run(["analyze", str(tmp_path), "--jobs", "2"]) == 130
    captured = capsys.readouterr()
    assert captured.err in ("", "mdmproxy: interrupted\n")  # typer may have said all there is
    assert captured.out == ""
    assert multiprocessing.active_children() == []


def test_a_fault_of_ours_costs_one_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = tasks_of(tmp_path, "a", "b")
    inspect = Inspector.inspect

    def fail(self: Inspector, exchange: Exchange) -> object:
        if exchange.capture.endswith("a"):
            raise TypeError("not\nwhat was thought")
        return inspect(self, exchange)

    monkeypatch.setattr(Inspector, "inspect", fail)
    first, second = outcomes(tasks, 1)
    assert first.captures[0].errors[0].message == (
        "mdmproxy failed on it, please report this: TypeError: not what was thought"
    )
    assert second.findings


def test_a_capture_that_goes_away_is_an_error_of_it(tmp_path: Path) -> None:
    tasks = tasks_of(tmp_path, "a", "b")
    tasks[0].path.unlink()
    first, second = outcomes(tasks, 1)
    assert first.captures[0].errors[0].message == "No such file or directory"
    assert second.findings


def test_how_far_it_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyze_worker, "EACH", 2)
    (task,) = tasks_of(tmp_path, "a")
    capture_of(task.path, *(exchange_flow(f"/{number}") for number in range(5)))
    steps: list[Step] = []
    CaptureJudge(AnalyzeSettings(), Sieve()).outcome(task, steps.append)
    assert [step.exchanges for step in steps] == [2, 4]
    assert 0 < steps[0].position <= steps[1].position <= task.path.stat().st_size


def held() -> int:
    """How much of what captures are judged with is in memory; other tests may have left some."""
    gc.collect()
    kinds = (type(each) for each in gc.get_objects())
    return sum(kind in (Inspector, Exchange, Reading) for kind in kinds)


def test_three_hundred_captures_are_not_held_in_memory(tmp_path: Path) -> None:
    tasks = tasks_of(tmp_path, *(f"{number:03}" for number in range(300)))
    before = held()
    most = 0
    found = judged(tasks, AnalyzeSettings(), Sieve(), jobs=1, tell=lambda step: None)
    for number, outcome in enumerate(found, 1):
        assert outcome.captures[0].exchanges == 1
        if number % 100 == 0:
            most = max(most, held())
    assert most - before < 10


def test_files_that_are_left_open_are_none(tmp_path: Path) -> None:
    """Warnings are errors here: a spool that stays open would be one."""

    def some() -> Iterator[Outcome]:
        yield from judged(
            tasks_of(tmp_path, "a", "b"), AnalyzeSettings(), Sieve(), jobs=1, tell=lambda _: None
        )

    next(some())
    gc.collect()
