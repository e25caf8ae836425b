"""The hardened parser: strict refuses with a place, lenient explains, neither can be abused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import XmlError
from mdmcore.xml import (
    MAX_XML_BYTES,
    child,
    declared_encoding,
    iter_elements,
    local_name,
    namespace_of,
    parse_lenient,
    parse_strict,
    text_of,
)

MESSAGE = (
    b'<?xml version="1.0"?>\n<a xmlns="urn:x"><b c="1">text &amp; more</b>\n<!-- note --><d/></a>'
)
BILLION_LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY e0 "'
    + b"x" * 100
    + b'">'
    + b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]>"
)


def test_strict_reads_a_wellformed_document() -> None:
    root = parse_strict(MESSAGE)
    assert (local_name(root), namespace_of(root)) == ("a", "urn:x")
    assert text_of(child(root, "b")) == "text & more"


def test_lenient_has_no_problem_with_a_wellformed_document() -> None:
    parsed = parse_lenient(MESSAGE)
    assert parsed.problems == ()
    assert [local_name(element) for element in iter_elements(parsed.root)] == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        pytest.param(b"", "empty document", 1, 1, id="empty"),
        pytest.param(b" \r\n\t", "empty document", 1, 1, id="blank"),
        pytest.param(b"hello", "Start tag expected", 1, 1, id="text"),
        pytest.param(b"<a>\n<b></a>", "tag mismatch", 2, 8, id="mismatch"),
        pytest.param(b"<a>\n<b>", "Premature end", 2, 4, id="truncated"),
        pytest.param(b"<a>x\x00y</a>", "Invalid character: Char 0x0", 1, 5, id="nul"),
        pytest.param(b"<a>\xff</a>", "Invalid bytes in character encoding", 1, 4, id="utf8"),
        pytest.param(b"<a>&#1;</a>", "invalid xmlChar value 1", 1, 8, id="control character"),
        pytest.param(b"<a/>junk", "Extra content", 1, 5, id="junk behind"),
        pytest.param(b'\n<?xml version="1.0"?><a/>', "XML declaration", 2, 6, id="blank before"),
        pytest.param(b"<p:a/>", "prefix p on a is not defined", 1, 5, id="unbound prefix"),
        pytest.param(b'<a b="1" b="2"/>', "Attribute b redefined", 1, 15, id="double attribute"),
    ],
)
def test_strict_refuses_with_the_place(data: bytes, message: str, line: int, column: int) -> None:
    with pytest.raises(XmlError, match=message) as caught:
        parse_strict(data)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert not caught.value.message.endswith(" ")


def test_a_stray_blank_in_a_namespace() -> None:
    data = b'<a xmlns=" http://example.test/ns"><b xmlns:p="http://example.test/n s"/></a>'
    with pytest.raises(XmlError, match=r"xmlns: ' http://example\.test/ns' is not a valid URI"):
        parse_strict(data)
    parsed = parse_lenient(data)
    assert namespace_of(parsed.root) == " http://example.test/ns"
    assert [problem.line for problem in parsed.problems] == [1, 1]
    assert "'http://example.test/n s' is not a valid URI" in parsed.problems[1].message


def test_the_lost_blank_of_the_policy_samples() -> None:
    data = (
        b'<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><k><m>2048</m>\n'
        b'<algorithmOIDReferencexsi:nil="true"/></k><h xsi:nil="true"/></r>'
    )
    with pytest.raises(XmlError, match=r"attribute name \(line 2, column 30\)"):
        parse_strict(data)
    parsed = parse_lenient(data)
    assert parsed.problems[0].line == 2
    assert any("algorithmOIDReferencexsi" in problem.message for problem in parsed.problems)
    assert text_of(child(parsed.root, "k", "m")) == "2048"
    assert child(parsed.root, "h") is not None


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<a><b>x", "x"),
        (b"<a><b>x</b></a>junk", "x"),
        (b" \n<?xml version='1.0'?><a><b>x</b></a>", "x"),
        (b"\x00<a><b>x</b></a>", "x"),
        (b"<a><b>x\xff</b></a>", "x\ufffd"),
    ],
)
def test_lenient_recovers_and_says_what_was_wrong(data: bytes, text: str) -> None:
    parsed = parse_lenient(data)
    assert text_of(child(parsed.root, "b")) == text
    assert parsed.problems
    with pytest.raises(XmlError) as caught:
        parse_strict(data)
    first = parsed.problems[0]
    assert first.message == caught.value.message
    assert len({problem.message for problem in parsed.problems}) == len(parsed.problems)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00", b"<", b"<!DOCTYPE a>", b"\xff\xfe"])
def test_lenient_raises_without_a_root(data: bytes) -> None:
    with pytest.raises(XmlError):
        parse_lenient(data)


def test_problems_are_bounded() -> None:
    data = b"<a>" + b"".join(b"<p%d:b/>" % n for n in range(1000)) + b"</a>"
    assert len(parse_lenient(data).problems) == 20


@pytest.mark.parametrize("parse", [parse_strict, parse_lenient])
@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a [<!ENTITY % b "c">]><a/>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
        BILLION_LAUGHS + b"<a>&e9;</a>",
        BILLION_LAUGHS + b'<a b="&e9;"/>',
    ],
)
def test_entity_declarations_are_refused(parse: object, data: bytes) -> None:
    assert callable(parse)
    with pytest.raises(XmlError, match="entity"):
        parse(data)


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a SYSTEM "a.dtd"><a>x&foo;</a>',
        b'<!DOCTYPE a SYSTEM "a.dtd"><a b="&foo;"/>',
        b"<a>&foo;</a>",
    ],
)
def test_undeclared_entities_are_refused(data: bytes) -> None:
    with pytest.raises(XmlError, match="Entity 'foo' not defined"):
        parse_strict(data)
    assert "Entity 'foo' not defined" in parse_lenient(data).problems[0].message


def test_a_bare_doctype_passes_and_nothing_is_loaded() -> None:
    data = (
        b'<!DOCTYPE SyncML PUBLIC "-//SYNCML//DTD SyncML 1.2//EN" '
        b'"http://127.0.0.1:9/absent.dtd"><SyncML/>'
    )
    assert local_name(parse_strict(data)) == "SyncML"
    assert parse_lenient(data).problems == ()


def test_size_is_bounded() -> None:
    data = b"<a>" + b" " * MAX_XML_BYTES + b"</a>"
    for parse in (parse_strict, parse_lenient):
        with pytest.raises(XmlError, match=f"{len(data)} bytes, more than {MAX_XML_BYTES}"):
            parse(data)


def test_depth_is_bounded() -> None:
    with pytest.raises(XmlError, match="depth"):
        parse_strict(b"<a>" * 300 + b"</a>" * 300)
    assert sum(1 for _ in iter_elements(parse_lenient(b"<a>" * 300).root)) <= 300


def test_comments_and_instructions_leave_no_trace_in_texts() -> None:
    assert text_of(parse_strict(b"<a> x<!-- c -->y<?pi z?>z </a>")) == "xyz"


def test_other_encodings_are_read() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><a>\u20ac</a>'
    assert text_of(parse_strict(text.encode("utf-16"))) == "\u20ac"
    assert text_of(parse_strict(b"\xef\xbb\xbf<a>\xe2\x82\xac</a>")) == "\u20ac"


def test_truncation_at_each_byte() -> None:
    for end in range(len(MESSAGE)):
        with pytest.raises(XmlError):
            parse_strict(MESSAGE[:end])
        try:
            assert parse_lenient(MESSAGE[:end]).problems
        except XmlError:
            continue


@given(st.binary(max_size=60) | st.text("<>/a:&;'\"= !?-[]x", max_size=60).map(str.encode))
def test_no_input_gives_another_error(data: bytes) -> None:
    for parse in (parse_strict, parse_lenient):
        with suppress(XmlError):
            parse(data)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'<?xml version="1.0" encoding="UTF-8"?><a/>', "utf-8"),
        (b"\n<?xml version='1.0'  encoding = 'Latin-1' ?><a/>", "latin-1"),
        (b'<?xml version="1.0"?><a encoding="x"/>', None),
        (b"<a/>", None),
        (b"", None),
    ],
)
def test_the_declared_encoding(data: bytes, found: str | None) -> None:
    assert declared_encoding(data) == found
