"""The text log's grammar, and what breaks it."""

from __future__ import annotations

import io
import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.capture import log, text_lines
from mdmcore.capture.source import CaptureProblem, Reading
from mdmcore.http import Exchange

RULE = "=" * 73
REQUEST = f"""\
============================= Input Request =============================
----------- Input Header -----------
 POST /omadm?mode=x HTTP/2.0
Host: mdm.example.test
Content-Type: application/vnd.syncml.dm+xml


----------- Input Body -----------

        <SyncML>
          <SyncHdr/>
        </SyncML>
{RULE}
"""
RESPONSE = f"""\
============================= Output Response =============================
----------- Response Header -----------
 HTTP/1.1 200 OK
Content-Length: 0


----------- Empty Response Body -----------
{RULE}
"""


def read(text: str | bytes) -> tuple[list[Exchange], list[CaptureProblem]]:
    data = text if isinstance(text, bytes) else text.encode()
    reading = Reading(name="log.md")
    return list(log.read_log(io.BytesIO(data), reading)), reading.problems


def test_reads_a_request_and_its_response():
    (found,), problems = read(REQUEST + "\n\nsome line\n" + RESPONSE)
    assert problems == []
    assert found.id == "log.md:1"
    assert found.request.method == "POST"
    assert found.request.url == "https://mdm.example.test/omadm?mode=x"
    assert found.request.headers.get("content-type") == "application/vnd.syncml.dm+xml"
    assert found.request.body == b"<SyncML>\n  <SyncHdr/>\n</SyncML>"
    assert found.response is not None
    assert (found.response.status, found.response.body) == (200, b"")
    assert not found.verbatim
    assert (found.started, found.tls, found.error) == (None, None, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: textwrap.indent(text, "    "),
        lambda text: textwrap.indent(text, "\t", predicate=lambda line: True),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "```\n" + text + "```\n",
        lambda text: "\ufeff" + text,
    ],
    ids=["indented", "tabs", "crlf", "fenced", "bom"],
)
def test_reads_a_log_however_it_was_pasted(change):
    assert read(change(REQUEST + RESPONSE)) == read(REQUEST + RESPONSE)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_reads_other_encodings_with_a_mark(encoding):
    assert read((REQUEST + RESPONSE).encode(encoding)) == read(REQUEST + RESPONSE)


def test_an_empty_body_section_is_an_empty_body():
    (found,), _ = read(REQUEST + RESPONSE.replace("Empty Response", "Response"))
    assert found.response is not None
    assert found.response.body == b""


def test_a_request_without_response_is_kept():
    found, problems = read(REQUEST + REQUEST + RESPONSE + REQUEST)
    assert [each.index for each in found] == [1, 2, 3]
    assert [each.response is None for each in found] == [True, False, True]
    assert [each.error for each in found] == [log.NO_RESPONSE, None, log.NO_RESPONSE]
    assert problems == []


def test_a_response_without_request_is_a_problem():
    found, problems = read("\n" + RESPONSE)
    assert found == []
    assert [problem.where for problem in problems] == ["line 2"]


def test_a_long_line_is_read_whole():
    token = "A" * 300_000
    (found,), problems = read(REQUEST.replace("<SyncHdr/>", token))
    assert token.encode() in (found.request.body or b"")
    assert problems == []


def test_a_line_without_end_stops_the_reading(monkeypatch):
    monkeypatch.setattr(text_lines, "MAX_LINE", 100)
    found, problems = read(REQUEST + RESPONSE + "x" * 200 + "\n" + REQUEST)
    assert len(found) == 1
    assert problems[0].where == f"line {(REQUEST + RESPONSE).count(chr(10)) + 1}"


def test_a_body_over_the_limit_is_not_recorded(monkeypatch):
    monkeypatch.setattr(log, "MAX_BODY", 20)
    (found,), _ = read(REQUEST + RESPONSE)
    assert found.request.body is None


def test_more_header_lines_than_any_message_has_are_problems(monkeypatch):
    monkeypatch.setattr(log, "MAX_HEADERS", 1)
    (found,), problems = read(REQUEST + RESPONSE)
    assert len(found.request.headers) == 1
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("POST /omadm?mode=x HTTP/2.0", "nonsense", 1),
        ("Host: mdm.example.test", "Host of the house", 4),
        ("Host: mdm.example.test\n", "", 1),
    ],
)
def test_a_broken_header_section_is_a_problem_with_its_line(old, new, line):
    _, problems = read(REQUEST.replace(old, new) + RESPONSE)
    assert problems[0].where == f"line {line}"


def test_an_absolute_request_target_is_the_url():
    (found,), _ = read(REQUEST.replace("/omadm?mode=x", "http://other.test/p"))
    assert found.request.url == "http://other.test/p"


@pytest.mark.parametrize("host", ["[", "a]b", "mdm.test:x", "a\u2100b"])
@pytest.mark.parametrize("target", ["/p", "http://[", "*"])
def test_a_url_can_always_be_asked_for_its_parts(host, target):
    (found,), _ = read(REQUEST.replace("mdm.example.test", host).replace("/omadm?mode=x", target))
    assert isinstance(found.request.host, str)
    assert found.request.path.startswith("/")


def test_truncated_at_each_byte():
    text = REQUEST + RESPONSE
    # A block begins with five signs after its title, and ends with twenty in its last line.
    blocks = [
        (start + block.index(" =") + 6, start + block.rindex(RULE) + 20)
        for start, block in ((0, REQUEST), (len(REQUEST), RESPONSE))
    ]
    for size in range(len(text) + 1):
        found, problems = read(text[:size])
        assert bool(problems) == any(begin <= size < end for begin, end in blocks), size
        for each in found:
            assert (each.request.body is None) == (size < blocks[0][1]), size
            assert (each.error is None) == (each.response is not None), size
            if each.response is not None:
                assert (each.response.body is None) == (size < blocks[1][1]), size


def test_a_cut_request_names_the_line_and_keeps_no_half_body():
    text = REQUEST[: REQUEST.index("<SyncHdr/>")]
    (found,), problems = read("\n" + text)
    assert found.request.body is None
    assert found.request.path == "/omadm"
    assert problems == [
        CaptureProblem(
            where="line 2", message="the log ends inside this block (request, begun in line 2)"
        )
    ]


def test_a_block_inside_a_block_is_a_problem_and_both_are_read():
    cut = REQUEST[: REQUEST.index("<SyncHdr/>")]
    found, problems = read(cut + REQUEST + RESPONSE)
    assert [each.request.body is None for each in found] == [True, False]
    assert [problem.where for problem in problems] == [f"line {cut.count(chr(10)) + 1}"]


@given(st.text(max_size=400))
def test_any_text_gives_no_exception(text):
    read(text)
    read(REQUEST[:60] + text + RESPONSE)


def test_recognising_a_log_takes_linear_time():
    data = b"=" * 2_000_000
    start = time.perf_counter()
    assert not log.has_banner(data)
    assert read(data)[0] == []
    assert time.perf_counter() - start < 2
    assert log.has_banner(b"# title\n\n" + REQUEST.encode())


def test_what_the_server_says_between_the_messages_is_kept_with_them() -> None:
    lines = "".join(f"2026/11/24 line {number} {'x' * 400}\n" for number in range(30))
    found, problems = read(f"start\n{REQUEST}{RESPONSE}\n***\n{lines}{REQUEST}{RESPONSE}done\n")
    assert problems == []
    assert [len(one.remarks) for one in found] == [log.MAX_REMARKS, 1]
    assert found[0].remarks[0].startswith("2026/11/24 line 0 ")
    assert {len(line) for line in found[0].remarks} == {log.MAX_REMARK}
    assert found[1].remarks == ("done",)
