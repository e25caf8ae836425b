"""Archives as Fiddler and others write them: laid out by hand from the public descriptions."""

from __future__ import annotations

import gzip
import io
import subprocess
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.capture import open_capture
from mdmcore.capture.limits import Limits
from mdmcore.capture.options import CaptureOptions
from mdmcore.capture.saz import read_saz
from mdmcore.capture.source import Reading
from mdmcore.connection import HandshakeEnd
from mdmcore.errors import CaptureError
from tests.capture.archives import exchange, from_saz, saz_bytes
from tests.support.requirements import require_program

REQUEST = b"POST https://mdm.test/omadm?x=1 HTTP/1.1\r\nHost: mdm.test\r\nA: b\r\n\r\n<SyncML/>"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<a/>"
TIMERS = (
    '<SessionTimers ClientConnected="2018-03-31T12:43:33.0122988+09:00"'
    ' ClientBeginRequest="2018-03-31T12:43:34.0122988+09:00"'
    ' ServerDoneResponse="2018-03-31T12:43:35.5122988+09:00"'
    ' ClientDoneResponse="0001-01-01T00:00:00" GatewayTime="0" />'
)


def metadata(*, bits: str = "1", sid: str = "7", timers: str = TIMERS, **flags: str) -> bytes:
    """A session's metadata; ``_`` in a flag's name stands for ``-``."""
    shown = "".join(f'<SessionFlag N="{k.replace("_", "-")}" V="{v}" />' for k, v in flags.items())
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\r\n<Session SID="{sid}" BitFlags="{bits}">'
        f"{timers}<PipeInfo /><SessionFlags>{shown}</SessionFlags></Session>"
    ).encode()


def archive(files: Mapping[str, bytes], *, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def one(files: Mapping[str, bytes]):
    """The only exchange of an archive."""
    (read,), reading = from_saz(archive(files))
    assert reading.problems == []
    return read


def test_a_session():
    read = one(
        {
            "_index.htm": b"<html>",
            "raw/": b"",
            "raw/1_c.txt": REQUEST,
            "raw/1_s.txt": ANSWER,
            "raw/1_m.xml": metadata(ui_comments="look here", x_clientip="::ffff:10.0.0.9"),
        }
    )
    assert (read.request.method, read.request.url) == ("POST", "https://mdm.test/omadm?x=1")
    assert (read.request.body, read.response.status, read.response.body) == (
        b"<SyncML/>",
        200,
        b"<a/>",
    )
    assert read.started.isoformat() == "2018-03-31T12:43:34.012298+09:00"
    assert read.ended.isoformat() == "2018-03-31T12:43:35.512298+09:00"
    assert (read.peer, read.notes.comment) == ("10.0.0.9", "look here")


def test_fiddlers_own_number_is_no_comment():
    files = {"raw/1_c.txt": REQUEST, "raw/1_m.xml": metadata(ui_comments="[#7]")}
    assert one(files).notes.comment == ""
    files["raw/1_m.xml"] = metadata(ui_comments="[#8]")
    assert one(files).notes.comment == "[#8]"


def test_sessions_come_by_their_numbers_and_names_may_be_odd():
    files = {
        "/RAW/10_C.TXT": REQUEST.replace(b"x=1", b"x=10"),
        "raw\\2_c.txt": REQUEST.replace(b"x=1", b"x=2"),
        "raw/0_c.txt": REQUEST.replace(b"x=1", b"x=0"),
    }
    read, _ = from_saz(archive(files))
    assert [each.request.query for each in read] == ["x=0", "x=2", "x=10"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "holds no response"),
        (b"", "holds no response"),
        (b"HTTP/1.1 0 FIDDLER GENERATED - RESPONSE DATA WAS MISSING\r\n\r\n", "holds no response"),
    ],
)
def test_without_an_answer(answer: bytes | None, said: str):
    files = {"raw/1_c.txt": REQUEST} | ({} if answer is None else {"raw/1_s.txt": answer})
    read = one(files)
    assert read.response is None
    assert said in read.error


def test_an_answer_of_fiddlers_own_tells_of_the_network():
    answer = (
        b"HTTP/1.1 502 Fiddler - DNS Lookup Failed\r\n\r\n[Fiddler] DNS Lookup for mdm.test failed"
    )
    files = {"raw/1_c.txt": REQUEST, "raw/1_s.txt": answer, "raw/1_m.xml": metadata(bits="101")}
    read = one(files)
    assert read.response is None
    assert "DNS Lookup for mdm.test failed" in read.error


@pytest.mark.parametrize(
    ("headers", "body", "plain"),
    [
        (b"Transfer-Encoding: chunked", b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n", b"abcde"),
        (b"Transfer-Encoding: chunked", b"<a>not framed</a>", b"<a>not framed</a>"),
        (b"Transfer-Encoding: chunked", b"5\r\nab", b"ab"),
        (b"Content-Encoding: gzip", gzip.compress(b"hello", mtime=0), b"hello"),
        (b"Content-Encoding: gzip", b"hello", b"hello"),
    ],
)
def test_bodies_are_as_on_the_wire(headers: bytes, body: bytes, plain: bytes):
    answer = b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\n" + body
    assert one({"raw/1_c.txt": REQUEST, "raw/1_s.txt": answer}).response.body == plain


@pytest.mark.parametrize(
    ("more", "scheme"),
    [
        ({}, "http"),
        ({"raw/1_m.xml": metadata(bits="1")}, "https"),
        ({"raw/1_m.xml": metadata(bits="0", https_client_sessionid="x")}, "https"),
        ({"raw/1_m.xml": metadata(bits="59")}, "https"),
    ],
)
def test_a_path_alone_takes_host_and_scheme_from_elsewhere(more: Mapping[str, bytes], scheme: str):
    request = b"GET /hub.xap HTTP/1.1\nHost: hub.test:8443\n\n"
    assert one({"raw/1_c.txt": request, **more}).request.url == f"{scheme}://hub.test:8443/hub.xap"


TUNNEL = b"CONNECT mdm.test:443 HTTP/1.1\r\nHost: mdm.test:443\r\n\r\n" + (
    b"A SSLv3-compatible ClientHello handshake was found.\r\nVersion: 3.3 (TLS/1.2)\r\n"
    b"Extensions:\r\n\tserver_name\tmdm.test\r\n"
)
ESTABLISHED = (
    b"HTTP/1.1 200 Connection Established\r\nFiddlerGateway: Direct\r\n\r\n"
    b"Secure Protocol: Tls12\r\nCipher: Aes256 256bits\r\n"
)


def test_a_tunnel_gives_its_facts_to_the_requests_in_it():
    port = {"x_clientport": "50123"}
    files = {
        "raw/1_c.txt": TUNNEL,
        "raw/1_s.txt": ESTABLISHED,
        "raw/1_m.xml": metadata(bits="2000", **port),
        "raw/2_c.txt": REQUEST,
        "raw/2_s.txt": ANSWER,
        "raw/2_m.xml": metadata(**port),
    }
    (read,), reading = from_saz(archive(files))
    assert reading.passed_over == {"tunnel": 1}
    assert read.tls is not None
    assert (read.tls.version, read.tls.cipher, read.tls.sni) == (
        "TLSv1.2",
        "Aes256 256bits",
        "mdm.test",
    )


@pytest.mark.parametrize(("bits", "is_blind"), [("1000", True), ("2000", False)])
def test_a_tunnel_without_requests_is_a_connection(bits: str, is_blind: bool):
    files = {
        "raw/1_c.txt": TUNNEL,
        "raw/1_s.txt": ESTABLISHED,
        "raw/1_m.xml": metadata(bits=bits, x_clientport="50123"),
    }
    connection = one(files).connection
    assert (connection.host, connection.port, connection.sni) == ("mdm.test", 443, "mdm.test")
    assert connection.is_passed_through is is_blind
    assert connection.end is HandshakeEnd.OK


def test_damage_to_one_session_is_named_and_the_rest_read():
    files = {
        "raw/1_c.txt": b"no end of headers",
        "raw/2_c.txt": REQUEST,
        "raw/2_m.xml": b"<Sessions/>",
        "raw/3_s.txt": ANSWER,
        "raw/4_c.txt": b"?\r\n\r\n",
        "raw/5_c.txt": REQUEST,
        "raw/5_s.txt": b"nothing\r\n\r\n",
    }
    read, reading = from_saz(archive(files))
    assert [each.response for each in read] == [None, None]
    assert [each.where for each in reading.problems] == [
        "raw/1_c.txt",
        "raw/2_m.xml",
        "raw/3_c.txt",
        "raw/4_c.txt",
        "raw/5_s.txt",
    ]


def test_a_cut_archive_gives_what_is_there():
    files = {f"raw/{n}_c.txt": REQUEST for n in range(1, 5)}
    for how in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        data = archive(files, how=how)
        cut = data[: data.index(b"PK\x01\x02")]
        read, reading = from_saz(cut)
        assert len(read) == 4
        assert "is cut" in reading.problems[0].message
    assert len(from_saz(data[: len(data) // 3])[0]) >= 1


def test_a_password(tmp_path):
    path = tmp_path / "x.saz"
    path.write_bytes(saz_bytes([exchange()], password="right"))
    with pytest.raises(CaptureError, match=r"AES-256.*--password"):
        list(open_capture(path).exchanges())
    with pytest.raises(CaptureError, match="does not open"):
        list(open_capture(path, options=CaptureOptions(password="wrong")).exchanges())
    assert len(list(open_capture(path, options=CaptureOptions(password="right")).exchanges())) == 1


def test_a_file_that_unpacks_without_end_is_not_read():
    files = {"raw/1_c.txt": REQUEST, "raw/1_s.txt": ANSWER + bytes(30_000_000)}
    reading = Reading(name="c")
    data = io.BytesIO(archive(files))
    (read,) = read_saz(data, reading, limits=Limits(entry_bytes=1_000_000))
    assert read.response is None
    assert "unpacks to more than 1000000 bytes" in reading.problems[0].message


def test_more_files_than_the_limit():
    data = archive({f"raw/{n}_c.txt": REQUEST for n in range(10)})
    reading = Reading(name="c")
    assert len(list(read_saz(io.BytesIO(data), reading, limits=Limits(entries=4)))) == 4
    assert "more than 4 files" in reading.problems[0].message


def test_the_first_of_two_files_of_one_name_is_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("raw/1_c.txt", REQUEST)
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("raw/1_c.txt", REQUEST.replace(b"POST", b"GET"))
    (read,), reading = from_saz(out.getvalue())
    assert read.request.method == "POST"
    assert "second file" in reading.problems[0].message


def test_another_archive_is_none(tmp_path):
    path = tmp_path / "x.saz"
    path.write_bytes(archive({"notes.txt": b"nothing"}))
    with pytest.raises(CaptureError, match="zip archive without"):
        open_capture(path)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=20))
@settings(max_examples=150)
def test_damage_is_told_and_never_more(at: int, junk: bytes):
    data = archive({"raw/1_c.txt": REQUEST, "raw/1_s.txt": ANSWER, "raw/1_m.xml": metadata()})
    at %= len(data)
    for changed in (data[:at] + junk + data[at + len(junk) :], data[:at]):
        try:
            from_saz(changed)
        except CaptureError:
            continue


def test_an_archive_that_another_program_has_locked_with_zipcrypto(tmp_path):
    program = require_program("zip")
    with zipfile.ZipFile(io.BytesIO(saz_bytes([exchange()]))) as archive:
        archive.extractall(tmp_path)
    names = ["[[]Content_Types].xml", "raw"]  # it takes brackets for patterns
    command = [program, "-q", "-r", "-P", "s3cret", "locked.saz", *names]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    data = (tmp_path / "locked.saz").read_bytes()
    (read,), reading = from_saz(data, password="s3cret")
    assert (read.request, reading.problems) == (exchange().request, [])
    with pytest.raises(CaptureError, match=r"by a password \(ZipCrypto\)"):
        from_saz(data)
