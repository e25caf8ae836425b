"""Which captures paths mean."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mdmcore.cli.capture_paths import FoundPath, found_paths, has_folder


def never(_path: Path) -> bool:
    return False


def names(folder: Path, *paths: Path) -> list[str]:
    found = found_paths(paths or (folder,), is_one_capture=never)
    return [str(one.path.relative_to(folder)).replace(os.sep, "/") for one in found]


def make(folder: Path, *files: str) -> None:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_folders_are_gone_through_in_the_order_of_names(tmp_path: Path) -> None:
    make(tmp_path, "b", "a/2", "a/1", "c/d/e", "a.x")
    assert names(tmp_path) == ["a/1", "a/2", "a.x", "b", "c/d/e"]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, ".hidden", ".git/x", "a/.b", "a/c")
    assert names(tmp_path) == ["a/c"]


def test_a_file_that_is_named_may_be_hidden(tmp_path: Path) -> None:
    make(tmp_path, ".hidden")
    (found,) = found_paths([tmp_path / ".hidden"], is_one_capture=never)
    assert found == FoundPath(path=tmp_path / ".hidden", is_named=True)


def test_what_was_named_comes_as_often_as_it_was_and_not_again_in_a_folder(tmp_path: Path) -> None:
    make(tmp_path, "a", "b")
    assert names(tmp_path, tmp_path / "b", tmp_path, tmp_path / "b", tmp_path) == ["b", "a", "b"]


def test_links_are_followed_but_nothing_is_read_twice(tmp_path: Path) -> None:
    make(tmp_path, "in/a", "out/b")
    try:
        (tmp_path / "in" / "circle").symlink_to(tmp_path / "in")
        (tmp_path / "in" / "again").symlink_to(tmp_path / "in" / "a")
        (tmp_path / "in" / "out").symlink_to(tmp_path / "out")
        (tmp_path / "in" / "self").symlink_to(tmp_path / "in" / "self")
    except OSError:
        pytest.skip("no links here")
    assert names(tmp_path, tmp_path / "in") == ["in/a", "in/out/b", "in/self"]


def test_deep_folders_are_no_recursion(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(400):
        folder = folder / "d"
        folder.mkdir()
    make(folder, "a")
    assert len(names(tmp_path)) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_are_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_listed_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "closed/x", "open/y")
    listed = os.listdir

    def refuse(path: Path) -> list[str]:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "listdir", refuse)
    found = list(found_paths([tmp_path], is_one_capture=never))
    assert [(one.path.name, one.problem) for one in found] == [
        ("closed", "Permission denied"),
        ("y", ""),
    ]


def test_a_folder_may_be_one_capture(tmp_path: Path) -> None:
    make(tmp_path, "loose/1.xml", "loose/2.xml", "a")

    def is_loose(path: Path) -> bool:
        return path.name == "loose"

    found = [one.path.name for one in found_paths([tmp_path], is_one_capture=is_loose)]
    assert found == ["a", "loose"]
    (named,) = found_paths([tmp_path / "loose"], is_one_capture=is_loose)
    assert named == FoundPath(path=tmp_path / "loose", is_named=True)
    assert not has_folder([tmp_path / "loose"], is_one_capture=is_loose)
    assert has_folder([tmp_path], is_one_capture=is_loose)


def test_a_path_that_cannot_be_is_left_to_who_opens_it() -> None:
    found = list(found_paths([Path("a\x00b"), Path("missing")], is_one_capture=never))
    assert [one.is_named for one in found] == [True, True]
