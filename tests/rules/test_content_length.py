"""A Content-Length that counts characters: of a whole body, and of one that was cut by it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.http import Headers
from mdmcore.namespaces import SOAP_CONTENT_TYPE
from mdmcore.rules.content_length import counts_characters, missing_end
from tests.rules.test_http_answers import discovered
from tests.support.story import MESSAGE_ID, Story, rules_of

TEXT = serialize_fault("EnrollmentServer", "Größe übertrifft", MESSAGE_ID)
CHARACTERS = len(TEXT.decode())
assert len(TEXT) == CHARACTERS + 3


def fields(length: int, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Content-Type", SOAP_CONTENT_TYPE), ("Content-Length", str(length)), *more]


def test_the_length_of_a_whole_body() -> None:
    found = discovered(TEXT, *fields(CHARACTERS), status=500)
    finding = next(f for f in found.findings if f.rule == "content-length-counts-characters")
    assert finding.severity == "error"
    assert finding.message == (
        f"Content-Length {CHARACTERS} is the number of characters; the body has {len(TEXT)} bytes"
    )
    assert finding.places[0].where == {"part": "response", "header": "Content-Length"}
    assert finding.places[0].evidence == str(CHARACTERS)


def test_a_body_that_was_cut_there() -> None:
    found = discovered(TEXT[:CHARACTERS], *fields(CHARACTERS), status=500)
    by_rule = {finding.rule: finding for finding in found.findings}
    assert by_rule["content-length-counts-characters"].message.endswith("the body was cut there")
    assert by_rule["xml-not-wellformed"].caused_by == ("content-length-counts-characters",)


def test_a_line_break_behind_a_document_that_was_cut() -> None:
    found = discovered((TEXT + b"\r\n")[: CHARACTERS + 2], *fields(CHARACTERS + 2), status=500)
    assert "content-length-counts-characters" in rules_of(found.findings)


@pytest.mark.parametrize("length", [len(TEXT), CHARACTERS - 1, CHARACTERS + 1])
def test_any_other_length_is_another_mistake_or_none(length: int) -> None:
    found = discovered(TEXT, *fields(length), status=500)
    assert "content-length-counts-characters" not in rules_of(found.findings)


def test_a_body_cut_for_another_reason() -> None:
    for end in (CHARACTERS - 30, CHARACTERS - 1):
        found = discovered(TEXT[:end], *fields(end), status=500)
        by_rule = {finding.rule: finding for finding in found.findings}
        assert "content-length-counts-characters" not in by_rule
        assert by_rule["xml-not-wellformed"].caused_by == ()


@pytest.mark.parametrize("more", [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")])
def test_a_coding_leaves_nothing_to_count(more: tuple[str, str]) -> None:
    found = discovered(TEXT, *fields(CHARACTERS, more), status=500)
    assert "content-length-counts-characters" not in rules_of(found.findings)


def test_a_log_prints_bodies_anew() -> None:
    story = Story("wp8")
    story.verbatim = False
    found = discovered(TEXT, *fields(CHARACTERS), status=500, story=story)
    assert "content-length-counts-characters" not in rules_of(found.findings)
    cut = discovered(TEXT[:CHARACTERS], *fields(CHARACTERS), status=500, story=story)
    assert next(f for f in cut.findings if f.rule == "xml-not-wellformed").caused_by == ()


@pytest.mark.parametrize("length", ["", "x", "-1", "1" * 20, "٣"])
def test_what_is_no_length(length: str) -> None:
    headers = Headers([("Content-Length", length)])
    assert not counts_characters(headers, TEXT, is_broken_xml=False)


def test_characters_beyond_16_bits_are_counted_both_ways() -> None:
    body = "<a>😀</a>".encode()
    for length in (8, 9):
        headers = Headers([("Content-Length", str(length))])
        assert counts_characters(headers, body, is_broken_xml=False)


# --- what a cut text lacks

WHOLE = b'<?xml version="1.0"?><!-- <x> --><a x="/"><b/><c>t<![CDATA[<d>]]></c ></a>'


@pytest.mark.parametrize("end", range(len(WHOLE) - 4, len(WHOLE) + 1))
def test_the_end_of_a_text(end: int) -> None:
    assert missing_end(WHOLE[:end]) == WHOLE[end:]


@pytest.mark.parametrize(
    "text", [b"<a><b", b"<a></b>", b"</a>", b"<a><!-- x", b"<a><![CDATA[ x", b"<a>< ", b"<a b='"]
)
def test_an_end_that_cannot_be_told(text: bytes) -> None:
    assert missing_end(text) is None


@given(st.binary(max_size=200))
def test_any_text_has_an_answer(text: bytes) -> None:
    missing_end(text)
    headers = Headers([("Content-Length", str(len(text)))])
    counts_characters(headers, text, is_broken_xml=True)


def test_a_hostile_text_is_read_in_one_pass() -> None:
    for piece in (b"<", b"<!--", b"<a>", b"</a", b"<![CDATA["):
        missing_end(piece * (64 * 1024 // len(piece)))
