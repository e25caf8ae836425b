"""Which finding speaks of which exchange."""

from mdmcore.report.html.marks import Marks, graver, gravest
from tests.report.html.records import finding, marks, record


def test_the_gravest_comes_first_and_a_finding_once_for_each_message() -> None:
    found = Marks(
        [
            finding(rule="a", severity="info", numbers=(1, 1, 1)),
            finding(rule="b", severity="error", numbers=(1,), part="request"),
        ]
    )
    assert [(mark.rule, mark.finding, mark.is_asked) for mark in found.of(record(1), "life-1")] == [
        ("b", 2, True),
        ("a", 1, False),
    ]
    assert "c:1" in found
    assert "c:2" not in found
    assert found.of(record(2), "life-1") == ()


def test_what_was_said_when_it_came_counts_beyond_the_listed_places() -> None:
    found = Marks([finding(rule="a", severity="warning", numbers=(1,))])
    later = record(500, rules=(("a", True), ("silent", False)))
    assert [(mark.rule, mark.severity, mark.is_asked) for mark in found.of(later, "life-1")] == [
        ("a", "warning", True)
    ]
    assert found.of(later, "life-2") == ()


def test_severities_compare() -> None:
    assert gravest(marks((1, "info")).of(record(1), "")) == "info"
    assert gravest(()) == ""
    assert graver("", "info") == "info"
    assert graver("error", "warning") == "error"
