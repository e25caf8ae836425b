"""A capture inside a zip archive or a gzip file."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest
import pyzipper

from mdmcore.capture import open_capture
from mdmcore.capture.limits import Limits
from mdmcore.capture.options import CaptureOptions
from mdmcore.errors import CaptureError
from tests.capture.flow_files import flow_bytes, http_flow
from tests.capture.test_diagnostics import REPORT
from tests.capture.viewer_text import SAVE

FLOWS = flow_bytes(http_flow("/a"), http_flow("/b"))
HAR = (
    b'{"log": {"version": "1.2", "entries": [{"startedDateTime": "2026-11-24T10:00:00Z", '
    b'"request": {"method": "GET", "url": "https://a.example.test/", "headers": []}, '
    b'"response": {"status": 200, "headers": [], "content": {"size": 0, "text": ""}}}]}}'
)


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def write(tmp_path: Path, data: bytes, name: str = "x.zip") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("content", "format", "count"),
    [(FLOWS, "flows", 2), (HAR, "har", 1), (SAVE.encode(), "log", 2)],
    ids=["flows", "har", "save"],
)
@pytest.mark.parametrize("packing", ["zip", "gzip"])
def test_one_capture_is_read_by_its_content(
    tmp_path: Path, content: bytes, format: str, count: int, packing: str
):
    packed = (
        gzip.compress(content, mtime=0)
        if packing == "gzip"
        else zipped({"a/any.name": content, "a/readme.txt": b"notes", "a/.DS_Store": b"x"})
    )
    capture = open_capture(write(tmp_path, packed))
    assert (capture.format, len(list(capture.exchanges()))) == (format, count)
    assert capture.errors == ()


def test_an_archive_of_fiddler_in_an_archive(tmp_path: Path):
    saz = zipped(
        {
            "raw/1_c.txt": b"GET https://a.example.test/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "raw/1_s.txt": b"HTTP/1.1 200 OK\r\n\r\n",
        }
    )
    capture = open_capture(write(tmp_path, zipped({"mail/session.saz": saz})))
    assert (capture.format, len(list(capture.exchanges()))) == ("saz", 1)


def test_the_report_of_a_diagnostics_archive(tmp_path: Path):
    files = {"MDMDiagReport.xml": REPORT.encode(), "a.evtx": b"ElfFile\0", "s.xml": SAVE.encode()}
    capture = open_capture(write(tmp_path, zipped(files)))
    assert (capture.format, len(list(capture.exchanges()))) == ("diagnostics", 1)


def test_several_captures_are_named(tmp_path: Path):
    path = write(tmp_path, zipped({"a.mitm": FLOWS, "b.har": HAR}))
    with pytest.raises(CaptureError, match=r"holds 2 captures \(a.mitm, b.har\); unpack it"):
        open_capture(path)


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"AppxManifest.xml": b"<a/>"}, "app"),
        ({"notes.txt": b"hello"}, "zip archive without"),
        ({}, "empty zip"),
    ],
)
def test_other_archives_are_refused(tmp_path: Path, files: dict[str, bytes], word: str):
    with pytest.raises(CaptureError, match=word):
        open_capture(write(tmp_path, zipped(files)))


def test_a_locked_archive_needs_its_password(tmp_path: Path):
    path = tmp_path / "x.zip"
    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"word")
        archive.writestr("a.har", HAR)
    with pytest.raises(CaptureError, match="password"):
        open_capture(path)
    capture = open_capture(path, options=CaptureOptions(password="word"))
    assert len(list(capture.exchanges())) == 1


@pytest.mark.parametrize("packing", ["zip", "gzip"])
def test_a_bomb_ends_at_the_limit(tmp_path: Path, packing: str):
    bomb = SAVE.encode() + b"\n" * 3_000_000
    packed = gzip.compress(bomb, mtime=0) if packing == "gzip" else zipped({"a.xml": bomb})
    options = CaptureOptions(limits=Limits(entry_bytes=1_000_000))
    capture = open_capture(write(tmp_path, packed), options=options)
    with pytest.raises(CaptureError, match="unpacks to more than 1000000 bytes"):
        list(capture.exchanges())


def test_an_archive_with_too_many_files_is_refused(tmp_path: Path):
    path = write(tmp_path, zipped({f"{number}": b"x" for number in range(5)}))
    with pytest.raises(CaptureError, match="more than 3 files"):
        open_capture(path, options=CaptureOptions(limits=Limits(entries=3)))


@pytest.mark.parametrize(
    "name", ["../../evil.har", "/etc/evil.har", "a\\..\\evil.har", "C:\\x.har"]
)
def test_hostile_names_write_nothing(tmp_path: Path, name: str):
    path = write(tmp_path, zipped({name: HAR}))
    assert len(list(open_capture(path).exchanges())) == 1
    assert os.listdir(tmp_path) == ["x.zip"]


@pytest.mark.parametrize("packing", ["zip", "gzip"])
def test_cut_anywhere_it_is_told(tmp_path: Path, packing: str):
    data = gzip.compress(HAR, mtime=0) if packing == "gzip" else zipped({"a.har": HAR})
    for at in range(1, len(data), 5):
        problem = problem_of(write(tmp_path, data[:at]))
        assert problem
        assert "\n" not in problem


def problem_of(path: Path) -> str:
    try:
        capture = open_capture(path)
        list(capture.exchanges())
    except CaptureError as error:
        return str(error)
    return "".join(error.message for error in capture.errors)


def test_packets_in_an_archive_are_to_be_unpacked_first(tmp_path: Path) -> None:
    """tshark reads a file and no stream."""
    head = b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(8) + b"\xff\xff\x00\x00\x01\x00\x00\x00"
    for content in (head, gzip.compress(head, mtime=0)):
        path = write(tmp_path, zipped({"mail/trace.pcap": content}))
        with pytest.raises(CaptureError) as caught:
            open_capture(path)
        told = "mail/trace.pcap in it cannot be read there; unpack it first"
        assert str(caught.value) == f"{path}: {told}"
