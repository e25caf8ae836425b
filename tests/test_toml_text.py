"""TOML files that people write: read strictly, refused with file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import pytest

from mdmcore.errors import ConfigError
from mdmcore.toml_text import MAX_FILE_BYTES, read_toml


class Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    way: Literal["up", "down"]
    steps: int = 1


class Whole(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    parts: tuple[Part, ...] = ()


def written(folder: Path, data: bytes) -> Path:
    path = folder / "x.toml"
    path.write_bytes(data)
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, b'parts = [{ way = "up" }]')
    assert read_toml(path, Whole) == Whole(parts=(Part(way="up"),))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"parts = [{ way = 'left' }]", "$.parts[0].way: use down or up"),
        (b"parts = [{ way = 'up', steps = 'x' }]", "$.parts[0].steps: expected `int`, got `str`"),
        (b"parts = [{ steps = 1 }]", "$.parts[0].way: missing"),
        (b"whole = 1", "$.whole: no such key"),
        (b"\xff", "not UTF-8 at offset 0"),
        (b"parts = [", "not TOML: Invalid value (at end of document)"),
        (b"x=" + b"[" * 100_000, "not TOML that anybody would write: nested too deeply"),
        (b"#" * (MAX_FILE_BYTES + 1), f"more than {MAX_FILE_BYTES} bytes are not read"),
    ],
    ids=["choice", "type", "missing", "unknown", "bytes", "syntax", "depth", "size"],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, data: bytes, said: str) -> None:
    path = written(tmp_path, data)
    with pytest.raises(ConfigError) as caught:
        read_toml(path, Whole)
    assert str(caught.value) == f"{path}: {said}"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file or directory"):
        read_toml(tmp_path / "none.toml", Whole)
