"""What a file is that is no capture, and what to do with it."""

from __future__ import annotations

import io
import sqlite3
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.capture import open_capture
from mdmcore.capture.refusal import refusal
from mdmcore.errors import NoCapture


def a_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("x")
        archive.addfile(info, io.BytesIO())
    return out.getvalue()


KNOWN: dict[str, tuple[bytes, str]] = {
    "evtx": (b"ElfFile\0" + bytes(100), r"event log \(.evtx\).*wevtutil qe FILE /lf:true"),
    "cab": (b"MSCF\0\0\0\0", "cabinet.*expand FILE"),
    "rar": (b"Rar!\x1a\x07\x01\0", "RAR archive.*unpack"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "7z archive.*unpack"),
    "tar": (a_tar(), "tar archive.*unpack"),
    "bzip2": (b"BZh91AY&SY", "bzip2"),
    "xz": (b"\xfd7zXZ\0\0", "xz file"),
    "zstd": (b"\x28\xb5\x2f\xfd\0", "zstd"),
    "sqlite": (b"SQLite format 3\0" + bytes(84), "SQLite"),
    "registry hive": (b"regf" + bytes(60), "registry hive"),
    "pdf": (b"%PDF-1.7\n", "PDF"),
    "png": (b"\x89PNG\r\n\x1a\n", "image.*mdmproxy explain"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF", "image"),
    "outlook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Outlook"),
    "program": (b"MZ\x90\0", "program"),
    "certificate": (b"-----BEGIN CERTIFICATE-----\n", "mdmproxy lint"),
    "ca of mitmproxy": (
        b"-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n"
        b"-----BEGIN CERTIFICATE-----\n",
        "private key.*keep it secret",
    ),
    "key log": (b"# SSL/TLS secrets\nCLIENT_RANDOM " + b"ab" * 32 + b" 00\n", "TLS key log"),
    "burp": (b'<?xml version="1.0"?>\n<items burpVersion="2024.1">', "Burp.*HAR"),
    "svclog": (b'<E2ETraceEvent xmlns="x">', "WCF trace"),
    "failed request": (b"<?xml version='1.0'?><failedRequest url='x'>", "failed request trace"),
    "provisioning": (b'<wap-provisioningdoc version="1.1">', "provisioning document.*lint"),
    "report page": (b"<html><title>MDM Diagnostic Information</title>", "MDMDiagReport.xml"),
    "certutil": (b"X509 Certificate:\nVersion: 3\n", "certutil.*lint"),
    "postman": (b'{"info": {"_postman_id": "1"}}', "Postman"),
    "ours": (b'{"schema": "mdmproxy-analysis/1"}', "an analysis of ours"),
    "sarif": (b'{"version": "2.1.0", "runs": []}', "SARIF"),
    "registry text": (b"Windows Registry Editor Version 5.00\r\n", "registry"),
    "access log": (
        b'192.0.2.1 - - [24/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200',
        "access log",
    ),
    "html": (b"<!DOCTYPE html><p>", "XML or HTML"),
}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_says_what_it_is_and_what_to_do(tmp_path: Path, name: str):
    data, words = KNOWN[name]
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(NoCapture, match=words) as caught:
        open_capture(path)
    assert "\n" not in str(caught.value)


def test_text_of_windows_is_told_in_utf16(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes("X509 Certificate:\nVersion: 3\n".encode("utf-16"))
    with pytest.raises(NoCapture, match="certutil"):
        open_capture(path)


def test_a_database_of_the_real_program(tmp_path: Path):
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as base:
        base.execute("create table x (y)")
    base.close()
    with pytest.raises(NoCapture, match="SQLite"):
        open_capture(path)


@given(st.binary(max_size=500))
def test_any_bytes_get_one_line(data: bytes):
    assert "\n" not in refusal(data)
