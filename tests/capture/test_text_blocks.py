"""XML documents that stand in a text one after the other."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.capture import text_blocks
from mdmcore.capture.source import CaptureProblem, Reading
from mdmcore.capture.text_blocks import Block, blocks


def found(text: str) -> tuple[list[str], list[tuple[str, ...]], list[CaptureProblem]]:
    """Documents, what stands before each and behind the last, problems."""
    reading = Reading(name="x")
    documents, between = [], []
    for each in blocks(io.BytesIO(text.encode()), reading, ("a", "b")):
        if isinstance(each, Block):
            documents.append(each.text)
            between.append(each.between)
        else:
            between.append(each)
    return documents, between, reading.problems


def test_documents_and_what_stands_between():
    documents, between, problems = found("x\n<a>\n 1\n\n</a> y <n:b c='1'>2</n:b>\nz\n")
    assert documents == ["<a>\n 1\n\n</a>", "<n:b c='1'>2</n:b>"]
    assert between == [("x", ""), (" y",), ("z",)]
    assert problems == []


def test_a_declaration_in_front_belongs_to_the_document():
    documents, _, _ = found('<?xml version="1.0"?> <a>1</a>')
    assert documents == ['<?xml version="1.0"?> <a>1</a>']


def test_names_that_only_begin_so_are_others():
    assert found("<ab>1</ab><a1/>")[0] == []


@pytest.mark.parametrize("text", ["<a>\n1\n<a>\n2</a>", "<a>\n1\n <n:b>2</n:b>"])
def test_one_without_its_end_is_cut_where_the_next_begins(text: str):
    documents, _, problems = found(text)
    assert len(documents) == 2
    assert [problem.where for problem in problems] == ["line 1"]


def test_one_that_is_too_long_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(text_blocks, "MAX_DOCUMENT", 10)
    documents, _, problems = found("<a>1234567890</a><b>1</b>")
    assert documents == ["<b>1</b>"]
    assert [problem.where for problem in problems] == ["line 1"]


def test_of_many_lines_between_the_last_ones_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(text_blocks, "MAX_BETWEEN", 2)
    assert found("1\n2\n3\n4\n5\n<a>x</a>")[1][0] == ("3", "4", "5", "")


@given(st.lists(st.sampled_from(["<a>", "</a>", "<b ", ">", "</b>", "\n", " x "]), max_size=40))
def test_nothing_is_lost(parts: list[str]):
    text = "".join(parts)
    documents, between, _ = found(text)
    kept = "".join((*documents, *("".join(lines) for lines in between)))
    assert len("".join(kept.split())) == len("".join(text.split()))
