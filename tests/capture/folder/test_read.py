"""A folder of loose messages, and a zip of one."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.capture import Capture, open_capture
from mdmcore.capture.folder import has_messages
from mdmcore.capture.folder.files import natural
from mdmcore.capture.folder.messages import message_of
from mdmcore.capture.folder.names import named
from mdmcore.capture.limits import Limits
from mdmcore.capture.options import CaptureOptions
from mdmcore.errors import CaptureError, NoCapture, ParseError
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import parse_syncml
from mdmcore.xml import parse_strict
from tests.capture.viewer_text import FIRST, FOURTH, SAVE, SECOND, SERVER, THIRD

GET = (
    b"GET /EnrollmentServer/Discovery.svc HTTP/1.1\r\n"
    b"Host: enterpriseenrollment.example.test\r\n\r\n"
)
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def fill(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def shape(capture: Capture) -> list[tuple[bool, bool]]:
    """Which sides each exchange has."""
    return [(one.request.body is not None, one.response is not None) for one in capture.exchanges()]


SESSION: dict[str, str | bytes] = {
    "1-request.xml": FIRST,
    "1-response.xml": SECOND,
    "2-request.xml": THIRD,
    "2-response.xml": FOURTH,
}


@pytest.mark.parametrize(
    "names",
    [
        ("1-request.xml", "1-response.xml", "2-request.xml", "2-response.xml"),
        ("req_001.xml", "resp_001.xml", "req_002.xml", "resp_002.xml"),
        ("sync9.in.xml", "sync9.out.xml", "sync10.in.xml", "sync10.out.xml"),
        ("requests/1.xml", "responses/1.xml", "requests/2.xml", "responses/2.xml"),
        ("1.xml", "2.xml", "3.xml", "10.xml"),
        ("DeviceRequest1", "ServerResponse1", "DeviceRequest2", "ServerResponse2"),
        ("1.req", "1.resp", "2.req", "2.resp"),
    ],
    ids=["words", "short", "in and out", "folders", "numbers", "camel", "extensions"],
)
def test_names_and_numbers_pair_messages(tmp_path: Path, names: tuple[str, ...]):
    fill(tmp_path, dict(zip(names, (FIRST, SECOND, THIRD, FOURTH), strict=True)))
    capture = open_capture(tmp_path)
    assert has_messages(tmp_path)
    assert capture.format == "folder"
    first, second = capture.exchanges()
    assert first.request.body == FIRST.encode()
    assert second.request.body == THIRD.encode()
    assert second.response is not None
    assert second.response.body == FOURTH.encode()
    assert (first.request.url, first.is_bare, first.verbatim) == (SERVER, True, True)
    assert capture.errors == ()


def test_whole_http_messages(tmp_path: Path):
    fill(tmp_path, {"1_request.http": GET, "1_response.http": NOT_FOUND})
    (found,) = open_capture(tmp_path).exchanges()
    assert found.request.url == (
        "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"
    )
    assert found.response is not None
    assert found.response.status == 404
    assert not found.is_bare


def test_binary_messages(tmp_path: Path):
    wbxml = encode_wbxml(parse_syncml(parse_strict(FIRST.encode())))
    fill(
        tmp_path,
        {"01.wbxml": wbxml, "02.bin": encode_wbxml(parse_syncml(parse_strict(SECOND.encode())))},
    )
    (found,) = open_capture(tmp_path).exchanges()
    assert found.request.body == wbxml
    assert found.request.url == SERVER
    assert found.response is not None


@pytest.mark.parametrize("prefix", ["", "raw/"])
def test_what_fiddler_unpacked(tmp_path: Path, prefix: str):
    line = GET.replace(b"GET /", b"GET https://enterpriseenrollment.example.test/")
    comment = (
        '<Session SID="1" BitFlags="1"><SessionFlags>'
        '<SessionFlag N="ui-comments" V="the phone hangs"/></SessionFlags></Session>'
    )
    fill(
        tmp_path,
        {f"{prefix}1_c.txt": line, f"{prefix}1_s.txt": NOT_FOUND, f"{prefix}1_m.xml": comment},
    )
    capture = open_capture(tmp_path)
    (found,) = capture.exchanges()
    assert capture.errors == ()
    assert found.notes.comment == "the phone hangs"
    assert found.response is not None


def test_what_cannot_be_read_is_named(tmp_path: Path):
    fill(
        tmp_path,
        {
            **SESSION,
            "3-request.bin": b"\1\2\3",
            "4-request.http": b"GET / HTTP/1.1\r\nHost: x",
            "5-save.xml": SAVE,
            "readme.md": b"notes",
            ".hidden": b"x",
            "deep/er/1-request.xml": FIRST,
        },
    )
    capture = open_capture(tmp_path)
    assert shape(capture) == [(True, True), (True, True)]
    assert [error.where for error in capture.errors] == [
        "3-request.bin",
        "4-request.http",
        "5-save.xml",
    ]
    assert capture.passed_over == {"other file": 1}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_are_not_followed(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text(FIRST)
    folder = fill(tmp_path / "folder", SESSION)
    (folder / "0-request.xml").symlink_to(secret)
    (folder / "responses").symlink_to(tmp_path)
    capture = open_capture(folder)
    assert len(shape(capture)) == 2
    assert [error.where for error in capture.errors] == ["0-request.xml", "responses"]


def test_limits_hold(tmp_path: Path):
    fill(tmp_path, SESSION)
    few = open_capture(tmp_path, options=CaptureOptions(limits=Limits(entries=2)))
    small = open_capture(tmp_path, options=CaptureOptions(limits=Limits(entry_bytes=100)))
    whole = open_capture(tmp_path, options=CaptureOptions(limits=Limits(total_bytes=1500)))
    for capture in (few, small, whole):
        list(capture.exchanges())
        assert capture.errors


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.har": b'{"log": {}}', "notes.txt": b"hello"},
        {"SyncMLStream-PC.xml": SAVE},
        {"device.cer": b"0\x82\x01\x00", "wap.xml": b"<wap-provisioningdoc/>"},
        {"sub/1-request.xml": FIRST},
    ],
    ids=["empty", "capture", "save", "documents", "further down"],
)
def test_other_folders_hold_no_messages(tmp_path: Path, files: dict[str, str | bytes]):
    fill(tmp_path, files)
    assert not has_messages(tmp_path)
    with pytest.raises(NoCapture, match="no messages lie in this folder"):
        open_capture(tmp_path)


def test_a_folder_that_is_not_there_has_none(tmp_path: Path):
    assert not has_messages(tmp_path / "missing")


@pytest.mark.parametrize("top", ["", "session/"])
def test_a_zip_of_messages_is_read_alike(tmp_path: Path, top: str):
    path = tmp_path / "session.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in SESSION.items():
            archive.writestr(f"{top}{name}", content)
        archive.writestr(f"__MACOSX/{top}._1-request.xml", b"junk")
    capture = open_capture(path)
    assert capture.format == "folder"
    assert shape(capture) == [(True, True), (True, True)]
    assert capture.errors == ()


def test_names_tell_side_and_key():
    assert named("01-request.xml") == named("1_REQ.bin")
    assert (named("7_c.txt").role, named("7_s.txt").role) == ("request", "response")
    assert named("discover.xml").role is None
    assert sorted(["10-x", "2-x", "1-x"], key=natural) == ["1-x", "2-x", "10-x"]


def test_what_a_message_says_is_surer_than_its_name():
    assert message_of(SECOND.encode(), "1-request.xml").role == "response"


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=20),
        st.sampled_from([FIRST.encode(), SECOND.encode(), GET, NOT_FOUND, b"", b"\0\1", b"<a"]),
        max_size=6,
    )
)
@settings(max_examples=100, deadline=None)
def test_hostile_names_never_raise(files: dict[str, bytes]):
    for name, content in files.items():
        named(name)
        natural(name)
        try:
            message_of(content, name)
        except (ParseError, CaptureError):
            continue
