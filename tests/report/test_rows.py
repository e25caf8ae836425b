"""Rows from the core's values."""

from __future__ import annotations

from datetime import UTC, datetime

from mdmcore.inspector import ArtifactPart, ArtifactReport, ReadProblem
from mdmcore.report.rows import artifact_row, finding_row, life_row
from mdmcore.rules import Finding, Place, Severity
from mdmcore.rules.life import Life

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_life_tells_what_is_known_of_its_device():
    life = Life(id="life-2", parts=("life-2", "life-1"), email="a@b.test", first=NOW, refusal="no")
    row = life_row(life)
    assert (row.id, row.parts, row.outcome) == ("life-2", ("life-2", "life-1"), "refused")
    assert row.device == {"email": "a@b.test"}
    assert (row.first, row.last, row.profile) == (NOW, None, "wp8")


def test_a_life_without_parts_is_its_own_part():
    assert life_row(Life(id="life-1")).parts == ("life-1",)


def test_a_finding_keeps_everything():
    place = Place(exchange="c:1", where={"part": "request", "xpath": "/a"}, evidence="b")
    finding = Finding(
        rule="x",
        severity=Severity.WARNING,
        message="m",
        effect="e",
        fix="f",
        sources=("s",),
        life="life-1",
        count=7,
        places=(place,),
        caused_by=("y",),
    )
    row = finding_row(finding)
    assert (row.rule, row.severity, row.message, row.effect, row.fix) == (
        "x",
        "warning",
        "m",
        "e",
        "f",
    )
    assert (row.sources, row.life, row.count, row.caused_by) == (("s",), "life-1", 7, ("y",))
    assert (row.places[0].exchange, row.places[0].where, row.places[0].evidence) == (
        "c:1",
        {"part": "request", "xpath": "/a"},
        "b",
    )


def test_a_loose_file_has_its_facts():
    report = ArtifactReport(name="a.der", kind="csr", summary="s", facts={"n": 1}, findings=())
    row = artifact_row(report)
    assert (row.path, row.format, row.exchanges, row.errors) == ("a.der", "artifact", 0, ())
    assert row.decoded == {"kind": "csr", "summary": "s", "facts": {"n": 1}}


def test_a_loose_file_has_its_layers_and_parts():
    part = ArtifactPart(place="/a", kind="csr", summary="c", layers=("XML", "base64"))
    report = ArtifactReport(
        name="a",
        kind="rst",
        summary="s",
        number=2,
        line=7,
        layers=("XML",),
        profile="wp8",
        profile_reason="why",
        parts=(part,),
        notes=("n",),
        shown="text",
    )
    decoded = artifact_row(report).decoded
    assert decoded == {
        "kind": "rst",
        "summary": "s",
        "object": 2,
        "line": 7,
        "layers": ["XML"],
        "profile": "wp8",
        "profile_reason": "why",
        "parts": [{"place": "/a", "kind": "csr", "summary": "c", "layers": ["XML", "base64"]}],
        "notes": ["n"],
        "shown": "text",
    }


def test_a_loose_file_that_cannot_be_read_says_where():
    problem = ReadProblem(message="cut", where="offset 3")
    row = artifact_row(ArtifactReport(name="a.der", kind="csr", summary="s", problem=problem))
    assert [(error.where, error.message) for error in row.errors] == [("offset 3", "cut")]
