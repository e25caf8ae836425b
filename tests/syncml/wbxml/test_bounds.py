"""Bombs: small documents that would cost much time or memory are refused at the bounds."""

from __future__ import annotations

import tracemalloc

import pytest

from mdmcore.errors import WbxmlError
from mdmcore.syncml.wbxml import bounds, decode_document, decode_wbxml, document_element
from mdmcore.syncml.wbxml.tokens import encode_mb_u32
from tests.syncml.wbxml.vectors import wbxml


def with_table(table: bytes, body: bytes) -> bytes:
    return b"\x03\xa4\x01\x6a" + encode_mb_u32(len(table)) + table + body


def opaque(data: bytes) -> bytes:
    return b"\xc3" + encode_mb_u32(len(data)) + data


KILO = b"x" * 1023 + b"\x00"
COUNTED = {
    "deep": (wbxml(b"\x6d" * 100_000), "nested more than 64 deep"),
    "deep literals": (with_table(b"a", b"\x44\x00" * 1000), "nested more than 64 deep"),
    "wide": (wbxml(b"\x6d" + b"\x12" * 200_000), "more than 1000 elements"),
    "attributes": (wbxml(b"\xad" + b"\x05" * 200_000), "an element of more than 64 attributes"),
    "elements with attributes": (
        wbxml(b"\x6d" + b"\x8f\x05\x01" * 200_000),
        "more than 1000 elements and attributes",
    ),
    "instructions": (wbxml(b"\x43\x05\x01" * 200_000), "more than 1000 elements"),
    "strings": (wbxml(b"\x6d" + b"\x03\x00" * 200_000), "more than 4000 tokens"),
    "entities": (wbxml(b"\x6d" + b"\x02\x41" * 200_000), "more than 4000 tokens"),
    "switches": (wbxml(b"\x6d" + b"\x00\x00" * 200_000), "more than 4000 tokens"),
    "extensions": (wbxml(b"\x6d" + b"\xc0" * 200_000), "more than 4000 tokens"),
    "opaque": (wbxml(b"\x6d" + b"\xc3\x00" * 200_000), "more than 4000 tokens"),
    "table strings": (with_table(KILO, b"\x6d" + b"\x83\x00" * 1_000_000), "more than 80000"),
    "literal names": (with_table(KILO, b"\x6d" + b"\x04\x00" * 1_000_000), "more than 80000"),
    "attribute names": (
        with_table(KILO, b"\x6d" + b"\x8f\x04\x00\x01" * 200_000),
        "more than 80000",
    ),
}
"""Each would be read on for long: refused by the counts, which the test makes small."""
SIZED = {
    "one long entry": (
        with_table(b"x" * 1_000_000, b"\x6d" + b"\x83\x00" * 100),
        "more than 8388608 characters",
    ),
    "each entry once": (
        with_table(
            b"x" * 1_000_000, b"\x6d" + b"".join(b"\x83" + encode_mb_u32(n) for n in range(1000))
        ),
        "more than 8388608 characters",
    ),
    "declared table": (b"\x03\xa4\x01\x6a\x8f\xff\xff\xff\x7f", "string table of 4294967295"),
    "large table": (with_table(b"x" * 1_048_577, b"\x2d"), "string table of 1048577"),
    "declared opaque": (wbxml(b"\x6d\xc3\x8f\xff\xff\xff\x7f"), "opaque data of 4294967295"),
    "large opaque": (wbxml(b"\x6d" + opaque(bytes(4_194_305))), "opaque data of 4194305"),
}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("data", "message"), COUNTED.values(), ids=COUNTED)
def test_a_bomb_is_refused_at_a_count(
    monkeypatch: pytest.MonkeyPatch, data: bytes, message: str, strict: bool
) -> None:
    monkeypatch.setattr(bounds, "MAX_TOKENS", 4000)
    monkeypatch.setattr(bounds, "MAX_ELEMENTS", 1000)
    monkeypatch.setattr(bounds, "MAX_CHARACTERS", 80_000)
    with pytest.raises(WbxmlError, match=message):
        decode_wbxml(data, strict=strict)


@pytest.mark.parametrize(("data", "message"), SIZED.values(), ids=SIZED)
def test_a_bomb_is_refused_at_a_size(data: bytes, message: str) -> None:
    with pytest.raises(WbxmlError, match=message):
        decode_wbxml(data)


@pytest.mark.slow
@pytest.mark.parametrize(("data", "message"), COUNTED.values(), ids=COUNTED)
def test_a_bomb_is_refused_at_the_real_counts(data: bytes, message: str) -> None:
    with pytest.raises(WbxmlError):
        decode_wbxml(data)


LONG = b"urn:" + b"a" * 100_000
NAMES = b"xmlns\x00p:x\x00xmlns:p\x00x\x00" + LONG + b"\x00"
XMLNS, P_X, XMLNS_P, X, URI = (
    encode_mb_u32(NAMES.index(name + b"\x00")) for name in NAMES.split(b"\x00")[:-1]
)
AMPLIFIED = {
    "namespace of the root": (
        b"\xed\x04" + XMLNS + b"\x83" + URI + b"\x01",
        b"\xc4" + X + b"\x04" + XMLNS + b"\x03b\x00\x01\x0f\x01",
    ),
    "namespace of a prefix": (
        b"\xed\x04" + XMLNS_P + b"\x83" + URI + b"\x01",
        b"\x04" + P_X,
    ),
}
"""A root that declares a long namespace once, and elements that write it again each time."""


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("root", "element"), AMPLIFIED.values(), ids=AMPLIFIED)
def test_a_namespace_is_not_written_without_end(root: bytes, element: bytes, strict: bool) -> None:
    data = with_table(NAMES, root + element * 20_000 + b"\x01")
    with pytest.raises(WbxmlError, match="cannot become XML: more than"):
        document_element(decode_document(data, strict=strict), strict=strict)


def test_what_is_noted_of_long_names_is_short() -> None:
    data = with_table(b"x" * 100_000, b"\x6d\x84\x00\x04\x00\x01\x01")
    (problem,) = decode_document(data).problems
    assert len(problem.message) < 400


def test_nested_documents_share_one_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_ELEMENTS", 20)
    inner = wbxml(b"\x6d" + b"\x12" * 9 + b"\x01")
    one = b"\x4f" + opaque(inner) + b"\x01"
    decode_document(wbxml(b"\x6d" + one + b"\x01"))
    with pytest.raises(WbxmlError, match="more than 20 elements and attributes"):
        decode_document(wbxml(b"\x6d" + one * 2 + b"\x01"))


def test_nested_documents_share_the_depth() -> None:
    inner = wbxml(b"\x6d" * 40 + b"\x01" * 40)
    outer = b"\x6d" * 19 + b"\x4f" + opaque(inner) + b"\x01" * 20
    decode_document(wbxml(outer))
    with pytest.raises(WbxmlError, match="nested more than 64 deep"):
        decode_document(wbxml(b"\x6d" * 6 + outer + b"\x01" * 6))


def test_what_is_noted_is_bounded() -> None:
    document = decode_document(wbxml(b"\x6d" + b"\x30" * 5000 + b"\x01"))
    assert len(document.problems) == bounds.MAX_NOTED


@pytest.mark.parametrize("name", ["declared table", "declared opaque", "each entry once"])
def test_a_bomb_takes_little_memory(name: str) -> None:
    data, _ = SIZED[name]
    tracemalloc.start()
    with pytest.raises(WbxmlError):
        decode_document(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * 1024 * 1024


def test_a_document_at_the_bounds_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_ELEMENTS", 1000)
    monkeypatch.setattr(bounds, "MAX_TOKENS", 1001)
    monkeypatch.setattr(bounds, "MAX_CHARACTERS", 3)
    body = b"\x6d" + b"\x12" * 999 + b"\x01"
    assert len(decode_document(wbxml(body)).tree.content) == 999
    assert decode_document(wbxml(b"\x6d\x03abc\x00\x01")).tree.text == "abc"
