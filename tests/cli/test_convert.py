"""``mdmproxy convert``: files, names and damage, and what it says of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from mdmcore.capture import open_capture
from mdmcore.capture.flows import exchange_from_flow
from tests.capture.archives import broken_off, exchange, har_bytes, saz_bytes
from tests.capture.flow_files import flow_bytes, http_flow
from tests.support.converting import SUFFIXES, converted, flows_in


def test_captures_are_put_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.har").write_bytes(har_bytes([exchange()]))
    (tmp_path / "b.saz").write_bytes(saz_bytes([broken_off()]))
    (tmp_path / "c.mitm").write_bytes(flow_bytes(http_flow("/c")))
    out = tmp_path / "all.mitm"
    assert converted(tmp_path / "a.har", tmp_path / "b.saz", tmp_path / "c.mitm", out) == 0
    assert f"wrote {out}: 3 exchanges (flows)" in capsys.readouterr().err
    read = [exchange_from_flow(flow, id="", index=0, capture="") for flow in flows_in(out)]
    assert [one.request.path for one in read] == ["/omadm", "/", "/c"]


def test_a_name_that_tells_no_format_needs_to(tmp_path: Path, capsys: Any) -> None:
    source = tmp_path / "a.har"
    source.write_bytes(har_bytes([exchange()]))
    assert converted(source, tmp_path / "out.zip") == 2
    assert "--to" in capsys.readouterr().err
    assert converted(source, tmp_path / "out.zip", "--to", "saz") == 0
    assert open_capture(tmp_path / "out.zip").format == "saz"


def test_a_file_that_is_there_stays(tmp_path: Path, capsys: Any) -> None:
    source, out = tmp_path / "a.har", tmp_path / "out.saz"
    source.write_bytes(har_bytes([exchange()]))
    out.write_bytes(b"mine")
    assert converted(source, out) == 2
    assert "--force" in capsys.readouterr().err
    assert out.read_bytes() == b"mine"
    assert converted(source, out, "--force") == 0
    assert open_capture(out).format == "saz"


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("a.har", "this is what is read"),
        ("link.har", "this is what is read"),
        ("folder.har", "this is not a file"),
        ("none/out.har", "cannot be written: no such file or directory"),
        ("-", "a capture is written to a file"),
    ],
)
def test_where_nothing_can_be_written(out: str, said: str, tmp_path: Path, capsys: Any) -> None:
    source = tmp_path / "a.har"
    data = har_bytes([exchange()])
    source.write_bytes(data)
    (tmp_path / "link.har").symlink_to(source)
    (tmp_path / "folder.har").mkdir()
    target = out if out == "-" else str(tmp_path / out)
    assert converted(source, target, "--to", "har", "--force") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert source.read_bytes() == data
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.har", "folder.har", "link.har"]


def test_what_can_be_read_of_a_damaged_capture_is_written(tmp_path: Path, capsys: Any) -> None:
    source, out = tmp_path / "a.mitm", tmp_path / "out.har"
    source.write_bytes(flow_bytes(http_flow("/a"), http_flow("/b"))[:-20])
    assert converted(source, out) == 2
    error, wrote = capsys.readouterr().err.splitlines()
    assert error.startswith(f"mdmproxy: error: {source}: ")
    assert wrote == f"mdmproxy: wrote {out}: 1 exchange (har)"
    assert [one.request.path for one in open_capture(out).exchanges()] == ["/a"]


def test_of_nothing_nothing_is_written(tmp_path: Path, capsys: Any) -> None:
    source, out = tmp_path / "a.saz", tmp_path / "out.har"
    source.write_bytes(saz_bytes([exchange()], password="right"))
    assert converted(source, out, "--password", "wrong") == 2
    assert "the password does not open this archive" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["a.saz"]
    assert converted(source, out, "--password", "right") == 0


def test_one_that_is_no_capture_does_not_stop_the_others(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "a.har").write_bytes(har_bytes([exchange()]))
    (tmp_path / "b.txt").write_text("nothing")
    assert converted(tmp_path / "b.txt", tmp_path / "a.har", tmp_path / "o.mitm") == 2
    assert "this is no capture" in capsys.readouterr().err
    assert len(flows_in(tmp_path / "o.mitm")) == 1


def test_a_disk_that_is_full_is_one_line(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from mdmcore.capture import writing

    class Full(io.FileIO):
        def write(self, data: Any, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(path: Path) -> Any:
        part = path.with_name("part")
        return part, Full(part, "wb")

    monkeypatch.setattr(writing, "_opened", opened)
    source = tmp_path / "a.har"
    source.write_bytes(har_bytes([exchange()]))
    for suffix in SUFFIXES:
        assert converted(source, tmp_path / f"out.{suffix}") == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.endswith("cannot be written: no space left on device")
    assert [each.name for each in tmp_path.iterdir()] == ["a.har"]


def test_options_of_judging_need_annotate(tmp_path: Path, capsys: Any) -> None:
    source = tmp_path / "a.har"
    source.write_bytes(har_bytes([exchange()]))
    assert converted(source, tmp_path / "o.saz", "--profile", "wp8") == 2
    assert "--profile is for --annotate" in capsys.readouterr().err
    assert converted(source) == 2
    assert "name what to convert" in capsys.readouterr().err
