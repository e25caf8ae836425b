"""Peeling: which layers are named, what is left inside, and that it always ends."""

from __future__ import annotations

import base64
import html
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.layers import MAX_LAYERS, MAX_PIECES, Piece, unwrap
from mdmcore.pki.pem import encode_pem
from tests.support.artifacts import jwt, rstrc
from tests.support.asn_dump import certutil_asn
from tests.support.story import certificate, document, phone_csr

WAP = document()
TEXT = WAP.decode()


def one(data: bytes) -> Piece:
    (piece,) = unwrap(data)
    return piece


@pytest.mark.parametrize(
    ("data", "layers"),
    [
        (WAP, ()),
        (b"\n\n" + WAP + b"\n", ()),
        (b"\xef\xbb\xbf" + WAP, ("UTF-8 BOM",)),
        (TEXT.encode("utf-16"), ("UTF-16",)),
        ("\ufeff".encode("utf-16-be") + TEXT.encode("utf-16-be"), ("UTF-16",)),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n" + WAP, ("HTTP headers",)),
        (b"Content-Type: text/xml\n\n" + WAP, ("HTTP headers",)),
        (b"12:00 DEBUG doc=" + WAP + b" (5128 bytes)", ("text around it",)),
        (WAP + b" -- end of log", ("text behind it",)),
        (html.escape(TEXT).encode(), ("XML entities",)),
        (html.escape(html.escape(TEXT)).encode(), ("XML entities", "XML entities")),
        (
            b"<log>" + html.escape(TEXT).encode() + b"</log>",
            ("XML entities", "text around it"),
        ),
        (json.dumps({"body": TEXT}).encode(), ("JSON string", "text around it")),
        (
            json.dumps(TEXT).replace("<", "\\u003c").replace(">", "\\u003e").encode(),
            ("JSON string", "text around it"),
        ),
        (base64.b64encode(WAP), ("base64",)),
        (base64.encodebytes(WAP), ("base64",)),
        (base64.b64encode(base64.encodebytes(WAP)), ("base64", "base64")),
        (WAP.hex().encode(), ("hex",)),
        (
            b"HTTP/1.1 200 OK\r\n\r\n" + base64.b64encode(b"\xef\xbb\xbf" + WAP),
            ("HTTP headers", "base64", "UTF-8 BOM"),
        ),
        (
            b"\xff\xfe" + base64.b64encode(WAP).decode().encode("utf-16-le"),
            ("UTF-16", "base64"),
        ),
    ],
)
def test_a_document_comes_out_of_its_layers(data: bytes, layers: tuple[str, ...]) -> None:
    piece = one(data)
    assert piece.layers == layers
    assert piece.data.strip() == WAP
    assert piece.kind is ArtifactKind.PROVISIONING


@pytest.mark.parametrize(
    ("data", "layers", "inside"),
    [
        (certificate(), (), certificate()),
        (encode_pem("CERTIFICATE", certificate()), ("PEM CERTIFICATE",), certificate()),
        (
            base64.b64encode(encode_pem("CERTIFICATE", certificate())),
            ("base64", "PEM CERTIFICATE"),
            certificate(),
        ),
        (certutil_asn(phone_csr()).encode(), ("certutil -asn dump",), phone_csr()),
        (
            certutil_asn(phone_csr()).encode("utf-16"),
            ("UTF-16", "certutil -asn dump"),
            phone_csr(),
        ),
        (phone_csr().hex(":").encode(), ("hex",), phone_csr()),
        (base64.b64encode(jwt(upn="a")), ("base64",), jwt(upn="a")),
    ],
)
def test_der_and_tokens_come_out_of_their_layers(
    data: bytes, layers: tuple[str, ...], inside: bytes
) -> None:
    piece = one(data)
    assert (piece.layers, piece.data) == (layers, inside)


def test_blanks_are_judged_only_where_no_layer_changed_them() -> None:
    assert one(WAP).is_verbatim
    assert one(b"HTTP/1.1 200 OK\r\n\r\n" + WAP).is_verbatim
    assert one(base64.b64encode(WAP)).is_verbatim
    assert not one(b"log: " + WAP).is_verbatim
    assert not one(html.escape(TEXT).encode()).is_verbatim


def test_a_mistake_behind_the_document_is_left_to_be_found() -> None:
    assert one(WAP + b"</wap-provisioningdoc>").layers == ()
    for before in (b"\n<?xml version='1.0'?>", b'<!DOCTYPE a [<!ENTITY b "c">]>', b"<!-- -- -->"):
        assert one(before + WAP).data == before + WAP
    assert one(b"<?xml version='1.0'?><log>" + WAP + b"</log>").layers == ("text around it",)


def test_a_letter_word_is_no_base64() -> None:
    piece = one(b"sometextthatisnothingofoursatall")
    assert piece.layers == ()
    assert piece.kind is ArtifactKind.UNKNOWN


def test_broken_base64_is_a_problem_with_its_place() -> None:
    text = base64.b64encode(certificate())
    problem = one(text[:501]).problem
    assert problem is not None
    assert problem.where == "offset 501"
    inner = one(base64.b64encode(text[:501])).problem
    assert inner is not None
    assert "cut off" in inner.message


def test_several_documents_and_blocks_are_told_with_their_lines() -> None:
    log = b"one\n" + WAP + b"\ntwo\nthree " + rstrc() + b"\n"
    pieces = unwrap(log)
    assert [piece.line for piece in pieces] == [2, 4]
    assert {piece.layers for piece in pieces} == {("text with 2 documents",)}
    pem = encode_pem("CERTIFICATE", certificate())
    assert [piece.line for piece in unwrap(b"x\n" + pem + pem)] == [2, 2 + pem.count(b"\n")]


def test_depth_and_width_are_bounded() -> None:
    data = WAP
    for _ in range(MAX_LAYERS + 3):
        data = base64.b64encode(data)
    (piece,) = unwrap(data)
    assert len(piece.layers) <= MAX_LAYERS
    for many in (b"<SyncML/>\n" * 500, encode_pem("CERTIFICATE", b"0") * 500):
        *pieces, last = unwrap(many)
        assert len(pieces) == MAX_PIECES
        assert last.problem is not None
        assert "the rest is not read" in last.problem.message


@pytest.mark.parametrize(
    "data",
    [
        b"<SyncML" * 200_000,
        b"<?xml " * 200_000 + b"<SyncML/>",
        b"&lt;" * 300_000,
        b"-----BEGIN CERTIFICATE-----\n" * 20_000,
        b"0000: 30 82 ; SEQUENCE\n" * 20_000,
        b"A" * 1_000_000,
        b"30" * 500_000,
        b"eyJ" * 300_000,
        b"Content-Type: x\n" * 50_000,
        b"<!--" * 300_000,
        b"\\" * 1_000_000,
        b"=" * 1_000_000,
    ],
    ids=range(12),
)
def test_hostile_texts_end(data: bytes) -> None:
    assert unwrap(data)


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_any_bytes_have_pieces(data: bytes) -> None:
    for piece in unwrap(data):
        assert len(piece.layers) <= MAX_LAYERS
