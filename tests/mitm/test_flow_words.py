"""Findings as lines: bounded, without what a terminal would obey."""

from __future__ import annotations

from mitmproxy.test import tflow

from mdmcore.mitm.annotate import METADATA_KEY
from mdmcore.mitm.flow_words import explain_flow, finding_line
from mdmcore.rules.model import Finding, Severity


def test_a_finding_in_one_line() -> None:
    finding = Finding(
        rule="dm-x",
        severity=Severity.WARNING,
        message="odd\x1b[31m",
        effect="",
        fix="",
        sources=(),
        life="life-2",
        places=(),
        count=3,
    )
    assert finding_line(finding) == "WARNING dm-x (life-2), 3 times: odd\\x1b[31m"


def test_places_are_told() -> None:
    flow = tflow.tflow()
    place = {"where": {"part": "request", "xpath": "/a"}, "evidence": "<b>"}
    entry = {"rule": "dm-x", "severity": "error", "message": "m", "places": [place]}
    flow.metadata[METADATA_KEY] = {"schema": 1, "summary": "s", "findings": [entry]}
    assert explain_flow(flow) == [
        "s",
        "ERROR dm-x: m",
        "  where: part request, xpath /a: <b>",
    ]


def test_without_findings_that_is_said() -> None:
    flow = tflow.tflow()
    flow.metadata[METADATA_KEY] = {"schema": 1, "summary": "s", "findings": []}
    assert explain_flow(flow) == ["s", "no findings"]
