"""Who else may read a file, on POSIX and on Windows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mdmcore.platform import others_may_read


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
