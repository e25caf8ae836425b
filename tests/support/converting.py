"""What ``mdmproxy convert`` writes, for tests: what is found in it, and what stands on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mitmproxy.io import FlowReader

from mdmcore.capture import open_capture
from mdmcore.cli.main import run
from mdmcore.http import (
    Exchange,
    Notes,
)
from mdmcore.inspector import Inspector
from mdmcore.report import analyze
from mdmcore.rules import Finding

SUFFIXES = ("mitm", "har", "saz")


def converted(*arguments: str | Path) -> int:
    """The exit code of ``mdmproxy convert`` with these arguments."""
    return run(["convert", *map(str, arguments)])


def judged(path: Path) -> tuple[list[Exchange], tuple[Finding, ...]]:
    """Its exchanges without notes, and what is found in it, under one name for all captures."""
    capture = open_capture(path, name="c")
    analysis = analyze([capture], inspector=Inspector())
    rows = [replace(row.exchange, notes=Notes()) for row in analysis.rows()]
    assert capture.errors == ()
    return rows, analysis.findings


def flows_in(path: Path) -> list[Any]:
    """What mitmproxy itself reads."""
    with path.open("rb") as file:
        return list(FlowReader(file).stream())


def chained(source: Path, folder: Path, *suffixes: str, options: Iterable[str] = ()) -> list[Path]:
    """The source, and what it is converted to step by step."""
    paths = [source]
    for number, suffix in enumerate(suffixes):
        target = folder / f"step-{number}.{suffix}"
        assert converted(paths[-1], target, *options) == 0
        paths.append(target)
    return paths


def notes_in(path: Path) -> list[Notes]:
    """What stands on its exchanges."""
    return [one.notes for one in open_capture(path).exchanges()]


def check_every_format(source: Path, folder: Path) -> None:
    """The capture is judged alike in each format and back in its own."""
    first = judged(source)
    for path in chained(source, folder, "har", "saz", "mitm"):
        assert judged(path) == first
