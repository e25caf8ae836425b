"""A bar on a terminal's stderr while captures are read: how many, how much of them, exchanges."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from mdmcore.cli.analyze_worker import Step


class Audience(Protocol):
    """Who is told how far an analysis came."""

    def step(self, step: Step) -> None:
        """A capture was read so far."""
        ...

    def ended(self, number: int, exchanges: int) -> None:
        """A capture was read to its end."""
        ...


class Nobody:
    """Nobody looks."""

    def step(self, step: Step) -> None:
        """Not told."""

    def ended(self, number: int, exchanges: int) -> None:
        """Not told."""


class Bar:
    """Sums up what is read. ``sizes`` are the bytes of each capture; where the position in one is
    not known, it counts when it has ended."""

    def __init__(self, progress: Progress, sizes: Sequence[int]) -> None:
        self._progress = progress
        self._sizes = sizes
        self._positions: dict[int, int] = {}
        self._exchanges: dict[int, int] = {}
        self._bytes = 0
        self._read = 0
        self._ended = 0
        self._task: TaskID = progress.add_task(self._said(), total=max(sum(sizes), 1))

    def step(self, step: Step) -> None:
        """A capture was read so far."""
        self._positions[step.number] = min(step.position, self._sizes[step.number - 1])
        self._exchanges[step.number] = step.exchanges
        self._show()

    def ended(self, number: int, exchanges: int) -> None:
        """A capture was read to its end."""
        self._positions.pop(number, None)
        self._exchanges.pop(number, None)
        self._bytes += self._sizes[number - 1]
        self._read += exchanges
        self._ended += 1
        self._show()

    def _show(self) -> None:
        completed = self._bytes + sum(self._positions.values())
        self._progress.update(self._task, completed=completed, description=self._said())

    def _said(self) -> str:
        exchanges = self._read + sum(self._exchanges.values())
        return f"{self._ended} of {len(self._sizes)} captures, {exchanges} exchanges"


@contextmanager
def progress_of(paths: Sequence[Path], *, is_wanted: bool) -> Iterator[Audience]:
    """A bar where it is wanted and stderr is a terminal; it is gone at the end of the block."""
    if not is_wanted or not sys.stderr.isatty():
        yield Nobody()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        yield Bar(progress, [_size(path) for path in paths])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
