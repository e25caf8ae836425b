"""Telling what a file is by its content, and saying what to do with what is no capture."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mdmcore.capture import open_capture
from mdmcore.errors import CaptureError
from tests.capture.flow_files import flow_bytes, http_flow
from tests.capture.test_log import REQUEST, RESPONSE


def write(tmp_path: Path, data: bytes, name: str = "capture") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_the_name_of_a_file_tells_nothing(tmp_path):
    flows = open_capture(write(tmp_path, flow_bytes(http_flow()), "x.md"))
    text = open_capture(write(tmp_path, (REQUEST + RESPONSE).encode(), "x.mitm"))
    assert (flows.format, len(list(flows.exchanges()))) == ("flows", 1)
    assert (text.format, len(list(text.exchanges()))) == ("log", 1)


def test_names_exchanges_by_the_path_or_the_given_name(tmp_path):
    path = write(tmp_path, flow_bytes(http_flow()))
    (by_path,) = open_capture(path).exchanges()
    (by_name,) = open_capture(path, name="mine").exchanges()
    assert by_path.id == f"{path}:1"
    assert (by_name.id, by_name.capture) == ("mine:1", "mine")


def test_an_empty_file_is_a_recording_of_nothing(tmp_path):
    capture = open_capture(write(tmp_path, b""))
    assert list(capture.exchanges()) == []
    assert (capture.format, capture.errors) == ("flows", ())


@pytest.mark.parametrize("size", [8, 20, 300])
def test_a_flow_file_cut_in_its_first_flow_is_still_one(tmp_path, size):
    capture = open_capture(write(tmp_path, flow_bytes(http_flow())[:size]))
    assert list(capture.exchanges()) == []
    assert [error.where for error in capture.errors] == ["offset 0"]


def test_a_flow_file_with_a_broken_head_is_still_one(tmp_path):
    data = b"\0\0junk" + flow_bytes(http_flow("/a"), http_flow("/b"))
    assert len(list(open_capture(write(tmp_path, data)).exchanges())) == 2


def test_a_log_may_begin_after_a_clock_time_and_a_long_page(tmp_path):
    page = b"12:30:45 server started\n" + b"some words\n" * 20_000
    capture = open_capture(write(tmp_path, page + (REQUEST + RESPONSE).encode()))
    assert (capture.format, len(list(capture.exchanges()))) == ("log", 1)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"PK\x03\x04....", "zip archive is damaged"),
        (b'{"runs": []}', "JSON and no HAR"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"0\x82\x01\x00", "mdmproxy lint"),
        (b"-----BEGIN CERTIFICATE REQUEST-----", "mdmproxy lint"),
        (b"<SyncML/>", "XML"),
        (b"12:30:45 nothing here\n", "no capture"),
        (b"12345", "no capture"),
        (bytes(100), "no capture"),
    ],
)
def test_says_what_a_file_is_that_cannot_be_read(tmp_path, data, word):
    path = write(tmp_path, data)
    with pytest.raises(CaptureError, match=word) as caught:
        open_capture(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_opened_is_a_capture_error(tmp_path):
    with pytest.raises(CaptureError, match="No such file"):
        open_capture(tmp_path / "missing")
    with pytest.raises(CaptureError, match="not a file"):
        open_capture(tmp_path)
    with pytest.raises(CaptureError):
        open_capture("a\0b")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CaptureError, match="not a file"):
        open_capture(tmp_path / "pipe")


def test_a_file_that_goes_away_is_a_capture_error(tmp_path):
    path = write(tmp_path, flow_bytes(http_flow()))
    capture = open_capture(path)
    path.unlink()
    with pytest.raises(CaptureError, match="No such file"):
        list(capture.exchanges())
