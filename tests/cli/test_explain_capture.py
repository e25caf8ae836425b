"""The rules of a code over captures."""

from __future__ import annotations

import io
from pathlib import Path

from mdmcore.cli.explain_capture import check_captures
from mdmcore.rules import RULES, catalogue
from tests.capture.flow_files import flow_bytes, http_flow
from tests.support.requirements import shared_file


def log() -> Path:
    return shared_file("captures", "win10-enrollment-log.md")


def test_findings_come_in_the_order_of_the_rules() -> None:
    wanted = ["xml-not-wellformed", "wrong-namespace", "xml-not-wellformed"]
    check = check_captures([log()], wanted, profile="auto")
    assert [finding.rule for finding in check.findings] == ["xml-not-wellformed", "wrong-namespace"]
    assert check.checked == ("xml-not-wellformed", "wrong-namespace")
    assert check.exit_code("error") == 1
    assert check.exit_code("never") == 0
    assert check.document()["captures"][0]["exchanges"] == 6


def test_rules_that_nothing_checks_are_named() -> None:
    unchecked = [rule.id for rule in catalogue() if rule.id not in RULES]
    check = check_captures([log()], [*unchecked[:1], "criteria-prefix"], profile="wp8")
    assert check.unchecked == tuple(unchecked[:1])
    out = io.StringIO()
    check.write_text(out, width=80, colour=False)
    assert "none of their rules fired; checked: criteria-prefix" in out.getvalue()


def test_what_is_damaged_is_told_and_the_rest_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "cut.mitm"
    path.write_bytes(flow_bytes(http_flow(), http_flow())[:-50])
    check = check_captures([path, tmp_path / "missing"], ["criteria-prefix"], profile="auto")
    assert len(check.problems) == 2
    assert check.captures[0].exchanges == 1
    assert check.exit_code("never") == 2
