"""JUnit XML of an analysis, judged by the Ant schema."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from mdmcore.capture import Capture, open_capture
from mdmcore.report.analysis_junit import analysis_suites
from mdmcore.report.baseline import Baseline
from mdmcore.report.identity import sightings
from mdmcore.report.junit import write_junit
from mdmcore.report.sieve import Sieve
from mdmcore.report.spool import facts_by_id
from mdmcore.rules import RULES
from tests.report.material import capture_of, dm_flow, exchange_flow
from tests.report.outcomes import hostile_capture, outcome
from tests.support.requirements import shared_file

RULE = "uncredentialed-package-not-challenged"


def report(
    *captures: Capture, fail_on: str = "error", sieve: Sieve | None = None, **options: Any
) -> etree._Element:
    out = io.BytesIO()
    with outcome(*captures, is_separate=True, sieve=sieve or Sieve()) as (found, lines):
        write_junit(out, analysis_suites(found, lines, fail_on=fail_on, **options))
    root = etree.fromstring(out.getvalue())
    schema = shared_file("schemas", "xsd", "junit-ant.xsd")
    etree.XMLSchema(etree.parse(str(schema))).assertValid(root)
    return root


def case(root: etree._Element, rule: str) -> etree._Element:
    (found,) = root.iterfind(f".//testcase[@name='{rule}']")
    return found


def test_a_case_for_each_rule_also_those_that_are_kept(tmp_path: Path) -> None:
    root = report(capture_of(tmp_path / "one", dm_flow()))
    suite = root[0]
    assert suite.get("name") == "one urn:uuid:1"
    names = [one.get("name") for one in suite.iter("testcase")]
    assert set(names) <= set(RULES)
    assert len(names) == len(set(names)) > 100
    failure = case(root, RULE).find("failure")
    assert failure is not None
    assert failure.get("type") == "error"
    assert failure.text is not None
    assert "\nfix: Answer 407 with a Chal" in failure.text
    assert "one:1, response" in failure.text
    passed = [one for one in suite.iter("testcase") if len(one) == 0]
    skipped = [
        one[0].get("message") for one in suite.iter("testcase") if one.find("skipped") is not None
    ]
    assert passed
    assert "no enrollment in this life" in skipped


@pytest.mark.parametrize(("fail_on", "fails"), [("error", 1), ("never", 0)])
def test_what_is_no_failure_is_in_the_output(tmp_path: Path, fail_on: str, fails: int) -> None:
    root = report(capture_of(tmp_path / "one", dm_flow()), fail_on=fail_on)
    is_failure = case(root, RULE).find("failure") is not None
    assert is_failure == bool(fails)
    said = root[0].findtext("system-out") or ""
    assert (f"ERROR {RULE}" in said) != is_failure


def test_a_last_suite_says_what_was_not_read(tmp_path: Path) -> None:
    root = report(
        capture_of(tmp_path / "one", exchange_flow("/a"), tail=b"4096:9:web"),
        capture_of(tmp_path / "two", exchange_flow("/a")),
    )
    (suite,) = root
    broken, whole = suite.iter("testcase")
    failure = broken.find("failure")
    assert failure is not None
    assert failure.get("type") == "not-read"
    assert len(whole) == 0


def test_names_are_unique_where_a_device_has_two_lives(tmp_path: Path) -> None:
    captures = [capture_of(tmp_path / name, dm_flow()) for name in ("one", "two")]
    root = report(*captures, captures[0])
    names = [(one.get("classname"), one.get("name")) for one in root.iter("testcase")]
    assert len(names) == len(set(names))


def test_rules_that_were_not_wanted_have_no_case(tmp_path: Path) -> None:
    root = report(capture_of(tmp_path / "one", dm_flow()), is_told=lambda rule: rule == RULE)
    assert [one.get("name") for one in root[0].iter("testcase")] == [RULE]


def test_what_a_baseline_knows_is_skipped(tmp_path: Path) -> None:
    capture = capture_of(tmp_path / "one", dm_flow())
    with outcome(capture) as (found, lines):
        facts = facts_by_id(lines, {"one:1"})
        device = found.lives[0].device
        seen = {one: 3 for each in found.findings for one in sightings(each, device, facts)}
    root = report(capture, sieve=Sieve(baseline=Baseline(seen)))
    skipped = case(root, RULE).find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "known before, by the baseline"


def test_cases_may_name_their_capture(tmp_path: Path) -> None:
    out = io.BytesIO()
    with outcome(hostile_capture(tmp_path)) as (found, lines):
        suites = analysis_suites(found, lines, fail_on="error")
        write_junit(out, suites, names_files=True)
    cases = list(etree.fromstring(out.getvalue()).iter("testcase"))
    assert {(one.get("file"), one.get("line")) for one in cases} == {("a`|@b #1 <i>.mitm", "1")}


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    root = report(hostile_capture(tmp_path), fail_on="info")
    assert {one.tag for one in root.iter()} <= {
        *("testsuites", "testsuite", "properties", "property", "testcase", "failure", "skipped"),
        *("system-out", "system-err"),
    }
    assert any("<script>" in value for one in root.iter("property") for value in one.values())


def test_a_real_enrolment() -> None:
    root = report(open_capture(shared_file("captures", "win10-enrollment-log.md"), name="win10.md"))
    assert root[0].get("failures") == "4"
    assert case(root, "xml-not-wellformed").find("failure") is not None
