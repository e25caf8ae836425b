"""Where operating systems differ: who else may read a file that holds a secret, and who has it.

Only what one system does otherwise than another belongs here. A lock lasts until its file is
closed, however its process ends.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})
_FAR = 1 << 40
"""Windows locks bytes, and locked ones cannot be read: so they lie where no file has any."""
_SHARES = 64
"""How many can hold a file together on Windows."""


def others_may_read(descriptor: int, *, platform: str = sys.platform) -> bool:
    """Whether the mode of an open file lets its group or everybody read or change it.

    Windows has no such modes: Python reports the same one for every file there. Access follows
    from the folder, which for the user's data folder is the user, so nothing is found.
    """
    if platform == "win32":
        return False
    return bool(stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077)


def hold_alone(descriptor: int, *, platform: str = sys.platform) -> bool:
    """Hold an open file that nobody else holds; False where somebody does."""
    if platform == "win32":
        return _hold_bytes(descriptor, _FAR, _SHARES)
    return _hold_file(descriptor, "LOCK_EX")


def hold_together(descriptor: int, *, platform: str = sys.platform) -> bool:
    """Hold an open file beside others who do the same; False where somebody holds it alone."""
    if platform == "win32":
        return any(_hold_bytes(descriptor, _FAR + share, 1) for share in range(_SHARES))
    return _hold_file(descriptor, "LOCK_SH")


@contextmanager
def interrupts_held(*, platform: str = sys.platform) -> Iterator[None]:
    """Let Ctrl-C wait until the end of the block; processes started in it never see one.

    A terminal sends it to all processes at once, and one that still starts would print a traceback.
    Windows can hold none back, there a process that was started has to ignore it itself.
    """
    if platform == "win32":
        yield
        return
    mask: Any = signal.pthread_sigmask  # type: ignore[attr-defined,unused-ignore]
    before = mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, before)


def _hold_file(descriptor: int, kind: str) -> bool:
    # Neither module is on every system, so neither is imported with this one.
    fcntl: Any = import_module("fcntl")
    try:
        fcntl.flock(descriptor, getattr(fcntl, kind) | fcntl.LOCK_NB)
    except OSError as error:
        # Some network file systems know no locks: nobody is in the way there.
        return error.errno in _NO_LOCKS
    return True


def _hold_bytes(descriptor: int, start: int, count: int) -> bool:
    msvcrt: Any = import_module("msvcrt")
    os.lseek(descriptor, start, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, count)
    except OSError:
        return False
    return True
