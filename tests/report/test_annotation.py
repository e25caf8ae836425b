"""What is written onto an exchange: a person's words and marker stay, ours are replaced."""

from __future__ import annotations

import pytest

from mdmcore.http import Notes
from mdmcore.report.annotation import annotated, annotation, counted, merge_comment
from mdmcore.rules.model import Finding, Place, Severity

FINDING = Finding(
    rule="some-rule",
    severity=Severity.ERROR,
    message="it is so",
    effect="the device gives up",
    fix="do otherwise",
    sources=("MS-MDE 3.1",),
    life="1",
    count=1,
    places=(Place(exchange="c:1", where={"part": "response"}, evidence="x"),),
    caused_by=("another-rule",),
)


def test_the_annotation_is_plain_json() -> None:
    assert annotation(
        summary="Discover\n [mdm]", findings=[FINDING], kind="discover", life="1"
    ) == {
        "schema": 1,
        "summary": "Discover",
        "findings": [
            {
                "rule": "some-rule",
                "severity": "error",
                "message": "it is so",
                "effect": "the device gives up",
                "fix": "do otherwise",
                "sources": ["MS-MDE 3.1"],
                "count": 1,
                "caused_by": ["another-rule"],
                "places": [{"where": {"part": "response"}, "evidence": "x"}],
            }
        ],
        "kind": "discover",
        "life": "1",
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Notes(), Notes(comment="[mdm] x; 1 error [/mdm]", marker=":red_circle:")),
        (
            Notes(comment="see here", marker=":bug:", data={"summary": "old"}),
            Notes(comment="see here [mdm] x; 1 error [/mdm]", marker=":bug:"),
        ),
        (
            Notes(comment="[mdm] old [/mdm] mine", marker=":warning:"),
            Notes(comment="[mdm] x; 1 error [/mdm] mine", marker=":red_circle:"),
        ),
    ],
)
def test_notes(before: Notes, after: Notes) -> None:
    data = annotation(summary="x", findings=[FINDING])
    found = annotated(before, data)
    assert (found.comment, found.marker, found.data) == (after.comment, after.marker, data)


def test_what_is_mended_loses_its_marker() -> None:
    data = annotation(summary="x", findings=[])
    assert annotated(Notes(marker=":red_circle:"), data).marker == ""


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
