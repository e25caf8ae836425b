"""What our writer makes: the layout that Fiddler reads, whole when read back."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import replace

import pytest
import pyzipper
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.http import Exchange, Headers, Notes, Request, Response
from mdmcore.xml import NOT_XML, parse_strict
from tests.capture.archives import broken_off, exchange, exchanges, from_saz, saz_bytes


def without_answer() -> Exchange:
    return exchange(response=None, error="the device left")


def not_kept() -> Exchange:
    headers = Headers([("Content-Length", "900000")])
    return exchange(response=Response(status=206, headers=headers, body=None))


EVERY_KIND = (exchange(), broken_off(), without_answer(), not_kept())
TIMES = (
    "ClientConnected",
    "ClientDoneRequest",
    "ServerGotRequest",
    "ServerDoneResponse",
    "ClientBeginResponse",
    "ClientDoneResponse",
)


def test_nothing_is_lost_on_the_way():
    read, reading = from_saz(saz_bytes(EVERY_KIND))
    assert reading.problems == []
    assert read == [replace(one, id=f"c:{n}", index=n) for n, one in enumerate(EVERY_KIND, 1)]


@given(st.lists(exchanges(), max_size=3))
@settings(max_examples=60)
def test_any_exchange_comes_back(listed):
    read, reading = from_saz(saz_bytes(listed))
    assert reading.problems == []
    for number, (one, given_) in enumerate(zip(read, listed, strict=True), 1):
        wanted = replace(given_, id=f"c:{number}", index=number)
        same = replace(one, notes=wanted.notes)
        assert replace(same, request=wanted.request, response=wanted.response) == wanted
        assert one.request.body == wanted.request.body
        assert one.response is not None
        assert wanted.response is not None
        assert one.response.body == wanted.response.body
        assert one.notes.comment == NOT_XML.sub("\ufffd", given_.notes.comment)


@pytest.mark.parametrize("count", [1, 9, 10, 100])
def test_the_names_are_as_wide_as_the_count(count: int):
    with zipfile.ZipFile(io.BytesIO(saz_bytes([exchange()] * count))) as archive:
        names = archive.namelist()
    width = len(str(count))
    assert names[0] == "[Content_Types].xml"
    assert names[1] == f"raw/{1:0{width}d}_c.txt"
    assert len(names) == 1 + 3 * count


def test_what_fiddler_needs_to_show_a_comment():
    text = 'line 1\nline 2 \x00\x1b & <b> "q"'
    notes = Notes(comment=text, marker=":red_circle:")
    with zipfile.ZipFile(io.BytesIO(saz_bytes([exchange(notes=notes)]))) as archive:
        root = parse_strict(archive.read("raw/1_m.xml"))
        assert archive.comment.startswith(b"Fiddler")
        assert all(info.compress_type == zipfile.ZIP_DEFLATED for info in archive.infolist())
    assert [each.tag for each in root] == ["SessionTimers", "PipeInfo", "SessionFlags"]
    timers = root.find("SessionTimers")
    assert timers is not None
    assert len(timers.attrib) == 16
    assert all(timers.get(name, "").startswith("2026-03-01T12:00:00") for name in TIMES)
    flags = [(each.get("N"), each.get("V")) for each in root.iterfind(".//SessionFlag")]
    names = [name for name, _ in flags]
    assert len(names) == len(set(names))
    assert ("ui-comments", 'line 1\nline 2 \ufffd\ufffd & <b> "q"') in flags
    assert ("ui-color", "red") in flags
    assert int(root.get("BitFlags") or "", 16) == 1


def test_bodies_are_as_their_headers_say():
    answer = Response(
        status=200,
        headers=Headers(
            [
                ("Content-Encoding", "gzip"),
                ("Transfer-Encoding", "chunked"),
                ("Content-Length", "9"),
            ]
        ),
        body=b"hello" * 100,
    )
    with zipfile.ZipFile(io.BytesIO(saz_bytes([exchange(response=answer)]))) as archive:
        head, _, body = archive.read("raw/1_s.txt").partition(b"\r\n\r\n")
    size, _, rest = body.partition(b"\r\n")
    packed = rest[: int(size, 16)]
    assert rest[int(size, 16) :] == b"\r\n0\r\n\r\n"
    assert b"Content-Length: %d" % len(packed) in head
    assert gzip.decompress(packed) == answer.body


def test_the_request_line_has_the_whole_url():
    with zipfile.ZipFile(io.BytesIO(saz_bytes([exchange(), broken_off()]))) as archive:
        assert archive.read("raw/1_c.txt").startswith(
            b"POST https://mdm.example.test/omadm?mode=x HTTP/1.1\r\nHost: mdm.example.test\r\n"
        )
        assert archive.read("raw/2_c.txt").startswith(b"CONNECT hub.example.test:443 HTTP/1.1\r\n")
        assert archive.read("raw/2_s.txt") == b""


def test_a_locked_archive_needs_its_password():
    data = saz_bytes([exchange()], password="s3cret")
    with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
        assert "raw/1_c.txt" in archive.namelist()
        with pytest.raises(RuntimeError):
            archive.read("raw/1_c.txt")
    (read,), _ = from_saz(data, password="s3cret")
    assert read.request == exchange().request


def test_our_annotation_is_one_flag():
    with zipfile.ZipFile(io.BytesIO(saz_bytes([exchange()]))) as archive:
        root = parse_strict(archive.read("raw/1_m.xml"))
    flags = {each.get("N"): each.get("V") for each in root.iterfind(".//SessionFlag")}
    assert json.loads(flags["addon.mdmproxy"] or "")["data"]["summary"] == "DM session"


def test_a_body_of_an_unknown_coding_stays():
    answer = Response(status=200, headers=Headers([("Content-Encoding", "x-odd")]), body=b"abc")
    request = Request(method="GET", url="https://h.test/")
    (read,), _ = from_saz(saz_bytes([exchange(request=request, response=answer)]))
    assert read.response == answer
