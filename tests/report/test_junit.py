"""JUnit XML, judged by the Ant schema."""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import etree

from mdmcore.report.junit import JUnitCase, JUnitFailure, JUnitSuite, junit_document
from tests.support.requirements import shared_file

BEGAN = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)


def suite(*cases: JUnitCase) -> JUnitSuite:
    return JUnitSuite(
        name="probe", began=BEGAN, cases=cases, properties={"profile": "wp8"}, output="the end\x1b"
    )


PASSED = JUnitCase(classname="mdmproxy.probe", name="Enrolment", seconds=1.25)
FAILED = JUnitCase(
    classname="mdmproxy.probe",
    name="First session",
    failure=JUnitFailure(
        type="missing-final", message='no <Final> & "more"', text="line 1\n  line 2\x00\ufffe"
    ),
)
SKIPPED = JUnitCase(classname="mdmproxy.probe", name="Renewal", skipped="not asked for")


def test_the_document_is_valid() -> None:
    path = shared_file("schemas", "xsd", "junit-ant.xsd")
    schema = etree.XMLSchema(etree.parse(str(path)))
    document = junit_document([suite(PASSED, FAILED, SKIPPED), suite()])
    schema.assertValid(etree.fromstring(document))


def test_counts_and_times() -> None:
    root = etree.fromstring(junit_document([suite(PASSED, FAILED, SKIPPED)]))
    (found,) = root
    assert dict(found.attrib) | {} == {
        "package": "mdmproxy",
        "id": "0",
        "name": "probe",
        "timestamp": "2026-11-26T06:30:00",
        "hostname": "localhost",
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
        "time": "1.250",
    }
    assert [case.get("name") for case in found.iter("testcase")] == [
        "Enrolment",
        "First session",
        "Renewal",
    ]


def test_a_failure_has_its_text() -> None:
    root = etree.fromstring(junit_document([suite(FAILED)]))
    failure = root.find(".//failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("missing-final", 'no <Final> & "more"')
    assert failure.text == "line 1\n  line 2\\x00\\ufffe"
    assert root.findtext(".//system-out") == "the end\\x1b"
