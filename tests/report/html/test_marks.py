"""Which finding speaks of which exchange."""

from mdmcore.report.html.marks import Marks, graver, gravest
from tests.report.html.records import finding, marks


def test_the_gravest_comes_first_and_a_finding_once_for_each_message() -> None:
    found = Marks(
        [
            finding(rule="a", severity="info", numbers=(1, 1, 1)),
            finding(rule="b", severity="error", numbers=(1,), part="request"),
        ]
    )
    assert [(mark.rule, mark.finding, mark.is_asked) for mark in found.of("c:1")] == [
        ("b", 2, True),
        ("a", 1, False),
    ]
    assert "c:1" in found
    assert "c:2" not in found
    assert found.of("c:2") == ()


def test_severities_compare() -> None:
    assert gravest(marks((1, "info")).of("c:1")) == "info"
    assert gravest(()) == ""
    assert graver("", "info") == "info"
    assert graver("error", "warning") == "error"
