"""How tshark is found and run: in a room of its own, for so long, and never left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mdmcore.capture.pcap.tshark import Room, find_tshark
from mdmcore.errors import CaptureError


def program(folder: Path, script: str) -> Path:
    """A program of that name, in place of the real one."""
    path = folder / "tshark"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'TShark (Wireshark) 3.6.2 (Git)'", "is version 3.6, and 4.0 is needed"),
        ("echo nothing", "does not say its version"),
    ],
)
def test_a_program_that_will_not_do(
    script: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(CaptureError, match=words):
        find_tshark()


def test_the_users_own_settings_stay_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRESHARK_CONFIG_DIR", "/elsewhere")
    monkeypatch.setenv("WIRESHARK_PLUGIN_DIR", "/elsewhere")
    tool = program(tmp_path, 'env; pwd; printf "%s|" "$@"; echo "tshark: said" >&2; exit 3')
    with Room(tool, seconds=60) as room:
        with room.run(["-r", "a b"]) as run:
            lines = [line.decode().strip() for line in run.lines]
        home = lines[-2]
        assert os.listdir(home) == []
    assert f"WIRESHARK_CONFIG_DIR={home}" in lines
    assert f"HOME={home}" in lines
    assert not any("elsewhere" in line for line in lines)
    assert lines[-1] == "-n|-r|a b|"
    assert (run.code, run.said, run.was_stopped) == (3, ("said",), False)
    assert not Path(home).exists()


def test_one_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    tool = program(tmp_path, "echo first; exec sleep 600")
    with Room(tool, seconds=0.2) as room, room.run([]) as run:
        assert list(run.lines) == [b"first\n"]
    assert run.was_stopped


def test_one_whose_reader_leaves_is_stopped(tmp_path: Path) -> None:
    tool = program(tmp_path, "echo $$; exec sleep 600")

    def leave(room: Room) -> None:
        with room.run([]) as run:
            raise KeyboardInterrupt(int(next(run.lines)))

    with Room(tool, seconds=600) as room, pytest.raises(KeyboardInterrupt) as caught:
        leave(room)
    (number,) = caught.value.args
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_key_is_linked_and_never_copied(tmp_path: Path) -> None:
    key = tmp_path / 'a "key", of mine'
    key.write_text("secret")
    with Room(tmp_path, seconds=1) as room:
        linked = Path(room.linked(key))
        assert linked.is_symlink()
        assert linked.read_text() == "secret"
    assert not linked.exists()
    assert key.exists()
