"""Where results go: stdout or ``-o FILE``, as text with colour or as JSON, and what went wrong."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

import typer

from mdmcore.errors import ConfigError

_FILE_WIDTH = 140
"""Columns for files and pipes: the usual timeline lines fit uncut."""


def width_of(out: TextIO) -> int:
    """Columns of the terminal, or a fixed width for files and pipes."""
    return shutil.get_terminal_size().columns if out.isatty() else _FILE_WIDTH


def wants_colour(out: TextIO) -> bool:
    """Colour on a terminal, unless NO_COLOR is set (no-color.org: to anything but empty)."""
    return out.isatty() and not os.environ.get("NO_COLOR")


@contextmanager
def text_output(path: Path | None) -> Iterator[TextIO]:
    """The file, or stdout for ``None``. Raises ConfigError when it cannot be written."""
    if path is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with _opened(path) as raw, open(raw.fileno(), "w", encoding="utf-8", closefd=False) as out:
        yield out


@contextmanager
def binary_output(path: Path | None) -> Iterator[BinaryIO]:
    """The same for bytes."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with _opened(path) as out:
        yield out


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise ConfigError(f"-o {path}: {(error.strerror or str(error)).lower()}") from None


def complain(message: str) -> None:
    """One line on stderr about an input that was not read to its end."""
    typer.echo(f"mdmproxy: error: {' '.join(message.split())}", err=True)


def say(message: str) -> None:
    """One line on stderr that is no error."""
    typer.echo(f"mdmproxy: {' '.join(message.split())}", err=True)
