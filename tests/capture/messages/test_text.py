"""Messages in text: SyncMLViewer's saves, and documents between the lines of any log."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.capture import open_capture
from mdmcore.capture.messages import has_documents, read_messages
from mdmcore.capture.source import CaptureProblem, Reading
from mdmcore.http import Exchange
from mdmcore.inspector import Inspector
from mdmcore.report import analyze
from tests.capture.viewer_text import (
    FIRST,
    FOURTH,
    SAVE,
    SECOND,
    SERVER,
    THIRD,
    TRUNCATED,
)
from tests.support.requirements import shared_file


def read(text: str | bytes) -> tuple[list[Exchange], list[CaptureProblem]]:
    data = text if isinstance(text, bytes) else text.encode()
    reading = Reading(name="save.xml")
    return list(read_messages(io.BytesIO(data), reading)), reading.problems


def rules_in(tmp_path: Path, text: str) -> set[str]:
    path = tmp_path / "save.xml"
    path.write_text(text, encoding="utf-8")
    return {
        finding.rule
        for finding in analyze([open_capture(path)], inspector=Inspector("win10")).run().findings
    }


def test_device_and_server_alternate():
    (first, second), problems = read(SAVE)
    assert problems == []
    assert (first.request.method, first.request.url) == ("POST", SERVER)
    assert first.request.body == FIRST.strip().encode()
    assert first.response is not None
    assert first.response.body == SECOND.strip().encode()
    assert second.request.body == THIRD.strip().encode()
    assert first.is_bare
    assert not first.verbatim
    assert first.started is None


def test_comments_stay_with_their_message():
    (first, second), _ = read(SAVE)
    assert first.notes.comment == ("24.11.2026 10:00:00; OmaDmSessionStart; 24.11.2026 10:00:01")
    assert second.remarks == ("OmaDmSessionComplete",)


def test_a_right_session_has_no_finding(tmp_path: Path):
    assert rules_in(tmp_path, SAVE) == set()


def test_no_rule_minds_that_it_was_printed_anew(tmp_path: Path):
    changed = SAVE.replace(
        '<SyncML xmlns="SYNCML:SYNCML1.2">', '\n <SyncML xmlns="SYNCML:SYNCML1.2" >'
    )
    assert rules_in(tmp_path, changed.replace("\n", "\r\n")) == set()


def test_a_cut_trace_is_no_broken_xml(tmp_path: Path):
    cut = f"{THIRD[:400]}\n{TRUNCATED}</SyncML>\n"
    assert rules_in(tmp_path, FIRST + SECOND + cut) == {"capture-message-truncated"}


def test_a_mistake_of_the_server_is_found(tmp_path: Path):
    without_final = SAVE.replace(SECOND, SECOND.replace("    <Final />\n", ""))
    assert "missing-final" in rules_in(tmp_path, without_final)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIRST, [(True, False)]),
        (SECOND, [(False, True)]),
        (FIRST + THIRD + FOURTH, [(True, False), (True, True)]),
        (SECOND + FIRST, [(False, True), (True, False)]),
        (FIRST + SECOND.replace("<SessionID>1<", "<SessionID>2<"), [(True, False), (False, True)]),
    ],
    ids=["request", "answer", "no first answer", "begun in the middle", "other session"],
)
def test_what_has_no_other_half_is_kept(text: str, expected: list[tuple[bool, bool]]):
    found, problems = read(text)
    assert [(one.request.body is not None, one.response is not None) for one in found] == expected
    assert problems == []


def test_a_server_without_url_is_told_by_who_spoke_before():
    nameless = (FIRST + SECOND + THIRD + FOURTH).replace(SERVER, "the server")
    found, _ = read(nameless)
    assert [one.response is not None for one in found] == [True, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_reads_what_windows_writes(encoding: str, end: str):
    data = SAVE.replace("\n", end).encode(encoding)
    found, problems = read(data)
    assert (len(found), problems) == (2, [])
    assert has_documents(data)


def test_all_in_one_line():
    line = " ".join(each.replace("\n", "") for each in (FIRST, SECOND, THIRD, FOURTH))
    found, problems = read(line)
    assert (len(found), problems) == (2, [])


def test_http_heads_in_a_log_count():
    log = (
        "2026-11-24 10:00:00 DEBUG POST /omadm?mode=x HTTP/1.1\n"
        "Host: mdm.example.test\nContent-Type: application/vnd.syncml.dm+xml\n\n"
        f"{FIRST}\n2026-11-24 10:00:01 DEBUG sent:\nHTTP/1.1 503 Busy\nRetry-After: 9\n\n{SECOND}"
    )
    (found,), problems = read(log)
    assert problems == []
    assert found.request.url == "https://mdm.example.test/omadm?mode=x"
    assert found.request.headers.get("Host") == "mdm.example.test"
    assert found.response is not None
    assert (found.response.status, found.response.headers.get("Retry-After")) == (503, "9")
    assert not found.is_bare


def test_a_message_without_its_end_is_a_problem_with_its_line():
    found, problems = read(f"\n{FIRST[:300]}\n{SECOND}")
    assert [problem.where for problem in problems] == ["line 2"]
    assert len(found) == 1


def test_a_real_message_of_a_phone():
    path = shared_file("captures", "wp81-lumia", "lumia630_wstep_rst.xml")
    capture = open_capture(path)
    (found,) = capture.exchanges()
    assert capture.format == "log"
    assert found.request.url.startswith("http://")
    assert found.response is None


@given(st.integers(0, len(SAVE)))
@settings(max_examples=200, deadline=None)
def test_cut_anywhere_all_before_is_read(at: int):
    found, problems = read(SAVE[:at])
    whole = SAVE[:at].count("</SyncML>")
    sides = sum((one.request.body is not None) + (one.response is not None) for one in found)
    assert sides >= whole
    assert len(problems) <= 2


@given(st.binary(max_size=300), st.integers(0, len(SAVE)))
@settings(max_examples=100, deadline=None)
def test_junk_in_it_never_raises(junk: bytes, at: int):
    data = SAVE.encode()
    read(data[:at] + junk + data[at:])


@given(
    st.lists(
        st.sampled_from(["<SyncML>", "</SyncML>", "<SyncML ", ">", "<!--", "-->", "\n", "x", "<"]),
        max_size=60,
    )
)
@settings(max_examples=200, deadline=None)
def test_tags_in_any_order_never_raise(parts: list[str]):
    read("".join(parts))
