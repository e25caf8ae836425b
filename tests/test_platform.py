"""Who else may read a file, and who holds it, on POSIX and on Windows."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

import pytest

from mdmcore.platform import hold_alone, hold_together, interrupts_held, others_may_read


@pytest.mark.skipif(sys.platform == "win32", reason="file modes")
@pytest.mark.parametrize(
    ("mode", "open_to_others"),
    [(0o600, False), (0o400, False), (0o700, False), (0o640, True), (0o604, True), (0o620, True)],
)
def test_mode_decides_on_posix(mode: int, open_to_others: bool, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"")
    with path.open("rb") as file:
        path.chmod(mode)
        assert others_may_read(file.fileno(), platform="linux") is open_to_others


def test_modes_mean_nothing_on_windows(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"")
    path.chmod(0o666)
    with path.open("rb") as file:
        assert not others_may_read(file.fileno(), platform="win32")


@pytest.mark.skipif(sys.platform == "win32", reason="flock")
def test_a_file_is_held_alone_or_together_on_posix(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_bytes(b"")
    with path.open("rb") as first, path.open("rb") as second, path.open("rb") as third:
        assert hold_together(first.fileno())
        assert hold_together(second.fileno())
        assert not hold_alone(third.fileno())
        first.close()
        second.close()
        assert hold_alone(third.fileno())
        with path.open("rb") as fourth:
            assert not hold_together(fourth.fileno())


@pytest.mark.skipif(sys.platform == "win32", reason="flock")
def test_a_file_system_without_locks_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(descriptor: int, kind: int) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr("fcntl.flock", unknown)
    path = tmp_path / "file"
    path.write_bytes(b"")
    with path.open("rb") as file:
        assert hold_alone(file.fileno())
        assert hold_together(file.fileno())


class Msvcrt(ModuleType):
    """Windows' locks on bytes: in vain where another file holds one of them."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.held: dict[int, int] = {}

    def locking(self, descriptor: int, mode: int, count: int) -> None:
        assert mode == self.LK_NBLCK
        start = os.lseek(descriptor, 0, os.SEEK_CUR)
        wanted = range(start, start + count)
        if any(byte in self.held for byte in wanted):
            raise PermissionError("locked")
        self.held.update(dict.fromkeys(wanted, descriptor))

    def closed(self, descriptor: int) -> None:
        self.held = {byte: owner for byte, owner in self.held.items() if owner != descriptor}


def test_a_file_is_held_by_its_bytes_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = Msvcrt()
    monkeypatch.setitem(sys.modules, "msvcrt", module)
    path = tmp_path / "lock"
    path.write_bytes(b"content")
    with path.open("rb") as first, path.open("rb") as second, path.open("rb") as third:
        assert hold_together(first.fileno(), platform="win32")
        assert hold_together(second.fileno(), platform="win32")
        assert not hold_alone(third.fileno(), platform="win32")
        module.closed(first.fileno())
        module.closed(second.fileno())
        assert hold_alone(third.fileno(), platform="win32")
        assert not hold_together(first.fileno(), platform="win32")
    # Reading what is in the file is never in the way of a lock.
    assert min(module.held) > 2**32


@pytest.mark.skipif(sys.platform == "win32", reason="signals of processes")
def test_an_interrupt_waits_until_the_end_of_the_block() -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt), interrupts_held():  # noqa: PT012 - the block is what is tested
        os.kill(os.getpid(), signal.SIGINT)
        steps.append("still here")
    assert steps == ["still here"]


def test_windows_holds_no_interrupt_back() -> None:
    with interrupts_held(platform="win32"):
        pass
