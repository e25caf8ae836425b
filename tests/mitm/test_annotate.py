"""Comment, marker and metadata: ours is replaced, a person's stays, mitmproxy can write it."""

from __future__ import annotations

import io

import pytest
from mitmproxy import http
from mitmproxy.io import FlowReader, FlowWriter

from mdmcore.capture.body_record import passed_of
from mdmcore.mitm.annotate import (
    METADATA_KEY,
    annotate,
    note_failure,
    note_passed,
)
from mdmcore.passed_body import PassedBody
from mdmcore.report.annotation import counted, merge_comment
from mdmcore.rules.model import Finding, Place, Severity
from tests.support.proxy import make_flow


def finding(severity: Severity = Severity.ERROR, rule: str = "some-rule") -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        message="it is so",
        effect="the device gives up",
        fix="do otherwise",
        sources=("MS-MDE 3.1",),
        life="1",
        count=1,
        places=(Place(exchange="live:1", where={"part": "response"}, evidence="x"),),
    )


def test_summary_and_count_stand_in_the_comment() -> None:
    flow = make_flow()
    line = annotate(flow, summary="Discover", findings=[finding(), finding(Severity.WARNING)])
    assert line == "Discover; 1 error, 1 warning"
    assert flow.comment == f"[mdm] {line} [/mdm]"


@pytest.mark.parametrize(
    ("severities", "text"),
    [
        ((), "0 errors"),
        (("error",), "1 error"),
        (("error", "error", "info"), "2 errors"),
        (("warning", "warning"), "0 errors, 2 warnings"),
    ],
)
def test_counting(severities: tuple[str, ...], text: str) -> None:
    assert counted(severities) == text


@pytest.mark.parametrize(
    ("severities", "marker"),
    [
        ((), ""),
        ((Severity.INFO,), ":information_source:"),
        ((Severity.WARNING, Severity.INFO), ":warning:"),
        ((Severity.WARNING, Severity.ERROR), ":red_circle:"),
    ],
)
def test_the_marker_is_that_of_the_worst(severities: tuple[Severity, ...], marker: str) -> None:
    flow = make_flow()
    annotate(flow, summary="x", findings=[finding(severity) for severity in severities])
    assert flow.marked == marker


def test_a_second_pass_replaces_the_first() -> None:
    flow = make_flow()
    flow.comment = "look at this"
    annotate(flow, summary="one", findings=[finding()])
    flow.comment += " and that"
    annotate(flow, summary="two", findings=[])
    assert flow.comment == "look at this [mdm] two; 0 errors [/mdm] and that"
    assert flow.marked == ""
    assert flow.metadata[METADATA_KEY]["findings"] == []


def test_the_marker_of_a_person_stays() -> None:
    flow = make_flow()
    flow.marked = ":grapes:"
    annotate(flow, summary="x", findings=[finding()])
    assert flow.marked == ":grapes:"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "N"),
        ("  ", "N"),
        ("mine", "mine N"),
        ("a [mdm] old [/mdm] b", "a N b"),
        ("a [mdm] old [/mdm] b [mdm] older [/mdm] c", "a N b  c"),
        ("an open [mdm] bracket", "an open [mdm] bracket N"),
    ],
)
def test_merging(before: str, after: str) -> None:
    assert merge_comment(before, "N") == after


def test_a_summary_cannot_break_out_of_its_brackets() -> None:
    flow = make_flow()
    annotate(flow, summary="a [/mdm] b\nc [mdm] " + "d" * 1000, findings=[])
    annotate(flow, summary="short", findings=[])
    assert flow.comment == "[mdm] short; 0 errors [/mdm]"


def test_mitmproxy_can_write_and_read_it() -> None:
    flow = make_flow()
    annotate(flow, summary="x", findings=[finding()], kind="discover", life="1")
    file = io.BytesIO()
    FlowWriter(file).add(flow)
    file.seek(0)
    [read] = FlowReader(file).stream()
    assert isinstance(read, http.HTTPFlow)
    data = read.metadata[METADATA_KEY]
    assert data["schema"] == 1
    assert data["summary"] == "x"
    [entry] = data["findings"]
    assert entry["rule"] == "some-rule"
    assert entry["places"] == [{"where": {"part": "response"}, "evidence": "x"}]


def test_a_failure_noted_earlier_stays_beside_the_findings() -> None:
    flow = make_flow()
    note_failure(flow, "request", "ValueError")
    annotate(flow, summary="x", findings=[finding(Severity.INFO)])
    rules = [entry["rule"] for entry in flow.metadata[METADATA_KEY]["findings"]]
    assert rules == ["some-rule", "mdmproxy-failed"]
    assert flow.marked == ":red_circle:"


def test_metadata_of_another_program_do_not_matter() -> None:
    flow = make_flow()
    flow.metadata[METADATA_KEY] = "something else"
    annotate(flow, summary="x", findings=[])
    assert flow.metadata[METADATA_KEY]["summary"] == "x"


def test_what_is_known_of_a_body_stays() -> None:
    flow = make_flow()
    note_passed(flow, PassedBody(length=7))
    annotate(flow, summary="first", findings=[])
    note_failure(flow, "response", "x")
    annotate(flow, summary="second", findings=[])
    assert passed_of(flow.metadata) == PassedBody(length=7)
    assert flow.metadata[METADATA_KEY]["summary"] == "second"
    note_passed(flow, PassedBody(length=8))
    assert passed_of(flow.metadata) == PassedBody(length=8)
    assert flow.metadata[METADATA_KEY]["summary"] == "second"
