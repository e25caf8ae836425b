"""A finding as Markdown."""

from mdmcore.report.html.ticket import code, ticket
from mdmcore.rules import Finding, Place, Severity


def finding(evidence: str = "<Data>", message: str = "it is *wrong*", count: int = 7) -> Finding:
    place = Place(exchange="a.mitm:3", where={"part": "response", "xpath": "/a"}, evidence=evidence)
    return Finding(
        rule="some-rule",
        severity=Severity.ERROR,
        message=message,
        effect="The device stops.",
        fix="Send <b> instead.",
        sources=("MS-MDE 3.1",),
        life="life-1",
        count=count,
        places=(place,) * count,
        caused_by=("other-rule",),
    )


def test_all_of_it_is_told() -> None:
    assert ticket(finding(), life="life-1", source="a.mitm").splitlines() == [
        "**error: some-rule**",
        "",
        r"it is \*wrong\*",
        "",
        "- Device: `life-1`",
        "- Capture: `a.mitm`",
        "- Seen: 7 times",
        *["  - `a.mitm:3` `part response, xpath /a`: `<Data>`"] * 5,
        "  - and 2 more",
        "- Effect: The device stops.",
        r"- Fix: Send \<b\> instead.",
        "- Probably caused by: `other-rule`",
        "- Sources: MS-MDE 3.1",
    ]


def test_captured_text_stays_text() -> None:
    assert code("a``b`\n\u202e") == "``` a``b` \\u202e ```"
    shown = ticket(
        finding(evidence="` <script> @all", message="![x](http://e) @all"), life="", source="a"
    )
    assert "`` ` <script> @all ``" in shown
    assert r"\!\[x\](http://e) \@all" in shown
