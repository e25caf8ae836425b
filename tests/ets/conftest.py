"""The table of checks, and servers with their state in the test's own folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ets.device import Bench, Device, Templates

type MakeBench = Callable[..., Bench]


@pytest.fixture(scope="session")
def templates() -> Templates:
    """Enrolments, made when first needed."""
    return {}


@pytest.fixture
def make_bench(tmp_path: Path, templates: Templates) -> Iterator[MakeBench]:
    """Makes servers with settings of one's own, each in a folder of its own."""
    made: list[Bench] = []

    def make(**settings: Any) -> Bench:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Bench(folder, templates=templates, **settings))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A server with default settings."""
    return make_bench()


@pytest.fixture
def device(bench: Bench) -> Device:
    """A Windows Phone 8.0 that is enrolled there."""
    return bench.enroll()
