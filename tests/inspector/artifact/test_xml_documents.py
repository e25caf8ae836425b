"""Finding documents in text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.inspector.artifact.xml_documents import (
    MAX_DOCUMENTS,
    Span,
    find_documents,
    first_name,
    has_escaped_document,
    has_quoted_document,
)

SOAP = b'<s:Envelope xmlns:s="x"><s:Body/></s:Envelope>'
WAP = (
    b'<?xml version="1.0"?>\n<!-- c -->\n<wap-provisioningdoc version="1.1"></wap-provisioningdoc>'
)


def cut(data: bytes) -> list[tuple[str, bytes]]:
    return [(span.name, data[span.start : span.end]) for span in find_documents(data)]


def test_a_document_alone() -> None:
    assert cut(SOAP) == [("envelope", SOAP)]
    assert find_documents(SOAP) == (Span(start=0, end=len(SOAP), name="envelope"),)


def test_documents_among_lines_of_a_log() -> None:
    data = b"<13>Nov 23 got " + SOAP + b" took 3 ms\nsent " + WAP + b"\n<SyncML/>x"
    assert cut(data) == [
        ("envelope", SOAP),
        ("wap-provisioningdoc", WAP),
        ("syncml", b"<SyncML/>"),
    ]


def test_the_declaration_right_before_belongs_to_it() -> None:
    doctype = b'<?xml version="1.0"?><!DOCTYPE SyncML PUBLIC "a" "b"><SyncML></SyncML>'
    assert cut(b"x " + doctype) == [("syncml", doctype)]
    apart = b'<?xml version="1.0"?><other/><SyncML></SyncML>'
    assert cut(apart) == [("syncml", b"<SyncML></SyncML>")]


def test_one_without_end_goes_to_the_next_or_to_the_end() -> None:
    assert cut(b"<SyncML><SyncHdr> " + WAP) == [
        ("syncml", b"<SyncML><SyncHdr> "),
        ("wap-provisioningdoc", WAP),
    ]
    assert cut(b"a <SyncML><SyncHdr>") == [("syncml", b"<SyncML><SyncHdr>")]


def test_the_number_is_bounded() -> None:
    assert len(find_documents(b"<SyncML/>" * 100)) == MAX_DOCUMENTS


@pytest.mark.parametrize("data", [b"", b"<Enveloped/>", b"< SyncML>", b"&lt;SyncML&gt;", b"wap"])
def test_none(data: bytes) -> None:
    assert find_documents(data) == ()


@pytest.mark.parametrize(
    "data",
    [
        b"&lt;wap-provisioningdoc version=&quot;1.1&quot;&gt;",
        b"<log>&lt;?xml version=",
        b"&#60;s:Envelope ",
        b"&amp;lt;SyncML&amp;gt;",
    ],
)
def test_escaped(data: bytes) -> None:
    assert has_escaped_document(data)
    assert not has_quoted_document(data)


@pytest.mark.parametrize(
    "data",
    [
        rb'{"body":"<s:Envelope xmlns:s=\"x\">"}',
        rb'"<?xml version=\"1.0\"?>\n<SyncML>"',
        rb'"\u003cwap-provisioningdoc version=\"1.1\"\u003e"',
    ],
)
def test_quoted(data: bytes) -> None:
    assert has_quoted_document(data)
    assert not has_quoted_document(data.replace(b"\\", b""))


def test_the_name_of_the_first_element() -> None:
    assert first_name(b"<?xml version='1.0'?><!DOCTYPE x><!-- <no> --><a:Yes-1.2 b='c'>") == (
        "yes-1.2"
    )
    assert first_name(b"< a> <1> <!-- x") == ""


@given(st.binary(max_size=200), st.sampled_from([b"<SyncML", b"</SyncML>", b"<?xml", b"<!--"]))
def test_spans_lie_in_the_data_in_order(data: bytes, mark: bytes) -> None:
    text = mark.join([data[:20], b" <SyncML> ", data[20:]])
    position = 0
    for span in find_documents(text):
        assert position <= span.start < span.end <= len(text)
        position = span.end
    first_name(text)
    has_escaped_document(text)
    has_quoted_document(text)
