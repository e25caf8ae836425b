"""Recordings that are written to: added to, put right after a kill, refused where they are none."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mdmcore.capture import open_capture
from mdmcore.capture.recording import open_recording
from mdmcore.errors import ConfigError
from tests.capture.flow_files import flow_bytes, http_flow

FIRST, SECOND, THIRD = (flow_bytes(http_flow(f"/{number}")) for number in (1, 2, 3))


def record(path: Path, *flows: bytes) -> tuple[int, Path | None]:
    """Add flows; what was known of the file before."""
    with open_recording(path) as recording:
        for flow in flows:
            recording.append(flow)
        return recording.flows_before, recording.set_aside


def test_a_file_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.mitm"
    assert record(path, FIRST) == (0, None)
    assert path.read_bytes() == FIRST


def test_flows_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "a.mitm"
    record(path, FIRST, SECOND)
    assert record(path, THIRD) == (2, None)
    assert path.read_bytes() == FIRST + SECOND + THIRD


def test_a_flow_is_in_the_file_before_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.mitm"
    with open_recording(path) as recording:
        for number, flow in enumerate((FIRST, SECOND), 1):
            recording.append(flow)
            assert path.read_bytes() == (FIRST + SECOND)[: path.stat().st_size]
            assert len(list(open_capture(path).exchanges())) == number


@pytest.mark.parametrize("cut", [1, 3, 7, 200, len(SECOND) - 1])
def test_an_unfinished_end_is_put_aside(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.mitm"
    path.write_bytes(FIRST + SECOND[:cut])
    before, aside = record(path, THIRD)
    assert before == 1
    assert aside == tmp_path / "a.mitm.broken-1"
    assert aside.read_bytes() == SECOND[:cut]
    assert path.read_bytes() == FIRST + THIRD
    capture = open_capture(path)
    assert len(list(capture.exchanges())) == 2
    assert capture.errors == ()


def test_each_unfinished_end_has_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.mitm"
    for number in (1, 2):
        with path.open("ab") as file:
            file.write(SECOND[: 100 + number])
        record(path, FIRST)
        assert (tmp_path / f"a.mitm.broken-{number}").read_bytes() == SECOND[: 100 + number]
    assert path.read_bytes() == FIRST * 2


def test_a_file_that_is_nothing_but_an_unfinished_flow(tmp_path: Path) -> None:
    path = tmp_path / "a.mitm"
    path.write_bytes(FIRST[:300])
    assert record(path, SECOND) == (0, tmp_path / "a.mitm.broken-1")
    assert path.read_bytes() == SECOND


def test_damage_further_up_stays_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.mitm"
    path.write_bytes(FIRST + SECOND[:200] + THIRD)
    assert record(path, FIRST) == (2, None)
    assert path.read_bytes() == FIRST + SECOND[:200] + THIRD + FIRST


@pytest.mark.parametrize(
    "content", [b"my notes\n", b'{"log": {}}', b"PK\x03\x04", b"\n", b"12:not a flow,"]
)
def test_what_is_no_flow_file_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="no flow file and stays as it is"):
        open_recording(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_only_one_process_records_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mitm"
    with open_recording(path), pytest.raises(ConfigError, match="another mdmproxy records there"):
        open_recording(path)
    assert record(path, FIRST) == (0, None)


@pytest.mark.parametrize("name", [".", "file/a.mitm"])
def test_a_place_that_cannot_be_recorded_to(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match="cannot record there"):
        open_recording(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="this is not a file"):
        open_recording(tmp_path / "pipe")


def test_what_cannot_be_put_aside_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mitm"
    path.write_bytes(FIRST + SECOND[:200])

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="no space left on device"):
        open_recording(path)
    assert path.read_bytes() == FIRST + SECOND[:200]


def test_a_full_disk_leaves_no_half_flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mitm"
    write, left = os.write, [300]

    def filling(descriptor: int, data: memoryview) -> int:
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data[: left.pop()])

    with open_recording(path) as recording:
        recording.append(FIRST)
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", filling)
            with pytest.raises(OSError, match="No space"):
                recording.append(SECOND)
        assert path.read_bytes() == FIRST
        recording.append(THIRD)
    assert path.read_bytes() == FIRST + THIRD
