"""Kinds by first bytes and content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.kinds import is_text, kind_of, token_in
from tests.support.artifacts import jwt
from tests.support.story import certificate

K = ArtifactKind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b" \r\n", K.EMPTY),
        (b"<s:Envelope/>", K.SOAP),
        (b"\n <?xml version='1.0'?><!-- <SyncML> --><a:envelope xmlns:a='b'/>", K.SOAP),
        (b"\xef\xbb\xbf<SyncML/>", K.SYNCML),
        (b"<wap-provisioningdoc version='1.1'>", K.PROVISIONING),
        (b"<AET />", K.AET),
        (b"<characteristic type='x'/>", K.FRAGMENT),
        (b"<parm name='x'/>", K.FRAGMENT),
        (b"<Event xmlns='x'/>", K.EVENT_LOG),
        (b"<other/>", K.OTHER_XML),
        (b"<", K.OTHER_XML),
        (b"<!-- never ends <SyncML>", K.OTHER_XML),
        (b"<!DOCTYPE html><p>x", K.HTML),
        (b"<HTML><form action='ms-app://x'>", K.SIGN_IN_PAGE),
        (b"<form><input name=wresult></form>", K.SIGN_IN_PAGE),
        ("<?xml version='1.0' encoding='utf-16'?><SyncML/>".encode("utf-16"), K.SYNCML),
        (b"\x03\xa4\x01\x6a\x00\x6d", K.WBXML),
        (b"\x02\x00\x00\x6a\x1d-//SYNCML//DTD SyncML 1.2//EN\x6d", K.WBXML),
        (b"\x03\x9f\x53\x6a\x00\x6d", K.WBXML),
        (b"\x03\x81\x05\x6a\x00", K.UNKNOWN),
        (b"PK\x03\x04abc", K.ARCHIVE),
        (b"\x1f\x8b\x08\0", K.COMPRESSED),
        (b"ElfFile\0", K.EVENT_LOG),
        (b"\xd4\xc3\xb2\xa1\x02\0", K.CAPTURE),
        (b"1234:7:version;2:21#", K.CAPTURE),
        (b'{ "log": {"entries": []}}', K.CAPTURE),
        (b"Certificate:\n    Data:\n        Version: 3", K.OPENSSL_TEXT),
        (b"X509 Certificate:\nVersion: 3\n", K.DUMP_TEXT),
        (b"eyJhbGciOiJSU0EifQ.a.b.c.d", K.ENCRYPTED_TOKEN),
        (b"hello", K.UNKNOWN),
        (b"0000: 30 82", K.UNKNOWN),
        (certificate(), K.CERTIFICATE),
        (certificate()[:30], K.CERTIFICATE),
    ],
)
def test_the_kind_is_told_by_the_content(data: bytes, kind: ArtifactKind) -> None:
    assert kind_of(data) is kind


@pytest.mark.parametrize("around", [b"%s", b'"%s"\n', b" 'Bearer %s' "])
def test_a_token_with_what_people_copy_with_it(around: bytes) -> None:
    token = jwt(upn="a")
    assert kind_of(around % token) is K.USER_TOKEN
    assert token_in(around % token) == token.decode()


def test_what_is_to_be_read() -> None:
    assert is_text(b"0 text that begins like DER")
    assert is_text(b"<a>\0</a>")
    assert not is_text(certificate())
    assert not is_text(b"\x03\xa4\x01\x6a\x00")


@given(st.binary(max_size=200))
def test_any_bytes_have_a_kind(data: bytes) -> None:
    assert kind_of(data) in ArtifactKind


def test_many_comments_take_no_time() -> None:
    assert kind_of(b"<!--" * 500_000) is K.OTHER_XML
    assert kind_of(b"<!---->" * 5_000 + b"<SyncML/>") is K.SYNCML
