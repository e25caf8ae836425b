"""A flow file that is written to: behind what is in it already, one whole flow at a time.

What a killed process left unfinished at the end of the file would be taken for damage, and hides
what follows from other readers. So it is put aside, into ``FILE.broken-1``, before anything is
added. A file that holds anything else is refused and stays as it is. How a flow file is cut into
flows is known to ``frames``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from mdmcore.capture.frames import SIGNATURE, FrameReader
from mdmcore.errors import ConfigError
from mdmcore.platform import hold_alone

_HEAD_SIZE = 64
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


class Recording:
    """An open recording, nobody else's until it is closed.

    ``flows_before`` were in it when it was opened; ``set_aside`` is the file with the unfinished
    end that it had then, ``None`` for a whole one.
    """

    def __init__(
        self, path: Path, descriptor: int, *, flows_before: int, set_aside: Path | None
    ) -> None:
        self.path = path
        self.flows_before = flows_before
        self.set_aside = set_aside
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def append(self, flow: bytes) -> None:
        """Add a flow; it is in the file when this returns, and outlives a kill of the process.

        Raises OSError, with nothing of the flow in the file.
        """
        left = memoryview(flow)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(flow)

    def close(self) -> None:
        """Let go of the file."""
        if not self._is_closed:
            self._is_closed = True
            os.close(self._descriptor)


def open_recording(path: Path) -> Recording:
    """The recording at that path, made with its folder where there is none.

    Raises ConfigError, one line, when it cannot be written to or is no flow file; then it is as it
    was before.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A pipe would keep us waiting for its reader.
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise ConfigError(f"{path}: cannot record there: this is not a file")
        descriptor = os.open(path, _FLAGS, 0o666)
    except OSError as error:
        raise ConfigError(f"{path}: cannot record there: {_reason(error)}") from None
    try:
        if not hold_alone(descriptor):
            raise ConfigError(f"{path}: another mdmproxy records there; choose another file")
        flows, set_aside = _prepare(path, descriptor)
        return Recording(path, descriptor, flows_before=flows, set_aside=set_aside)
    except OSError as error:
        os.close(descriptor)
        raise ConfigError(f"{path}: cannot record there: {_reason(error)}") from None
    except ConfigError:
        os.close(descriptor)
        raise


def _prepare(path: Path, descriptor: int) -> tuple[int, Path | None]:
    """Count the flows that are there, and put an unfinished end aside."""
    with path.open("rb") as file:
        head = file.read(_HEAD_SIZE)
        if head and not SIGNATURE.match(head):
            raise ConfigError(
                f"{path}: this is no flow file and stays as it is; choose another file to record to"
            )
        ends = [end for _, end in FrameReader(file, lambda where, message: None).spans()]
        whole = ends[-1] if ends else 0
        if whole == os.fstat(descriptor).st_size:
            return len(ends), None
        file.seek(whole)
        set_aside = _next_name(path)
        with set_aside.open("xb") as broken:
            shutil.copyfileobj(file, broken)
            broken.flush()
            os.fsync(broken.fileno())
    os.ftruncate(descriptor, whole)
    return len(ends), set_aside


def _next_name(path: Path) -> Path:
    number = 1
    while (name := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    return name


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
