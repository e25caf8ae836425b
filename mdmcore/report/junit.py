"""JUnit XML, as continuous integration reads it: suites of cases, each passed, failed or skipped.

Form: the Ant schema (``junit-ant.xsd``): every suite has properties, system-out and system-err, a
time in seconds and a timestamp of local form without zone, here UTC. What a case is, is decided by
who calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

from mdmcore.report.plain import plain
from mdmcore.xml import NOT_XML, Node, serialize

_HOST = "localhost"
_MAX_MESSAGE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class JUnitFailure:
    """Why a case failed: ``type`` names the kind, ``text`` is everything there is to say."""

    type: str
    message: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JUnitCase:
    """One case. ``skipped`` is the reason, ``None`` for one that was run; ``file`` is what it is
    about."""

    classname: str
    name: str
    seconds: float = 0.0
    failure: JUnitFailure | None = None
    skipped: str | None = None
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JUnitSuite:
    """Cases that belong together; ``output`` is shown with them."""

    name: str
    began: datetime
    cases: tuple[JUnitCase, ...]
    properties: Mapping[str, str] = field(default_factory=dict)
    output: str = ""


def junit_document(suites: Iterable[JUnitSuite]) -> bytes:
    """The document, as UTF-8."""
    nodes = [_suite(suite, number) for number, suite in enumerate(suites)]
    return serialize(Node("testsuites", children=nodes), declaration=True) + b"\n"


def write_junit(out: BinaryIO, suites: Iterable[JUnitSuite], *, names_files: bool = False) -> None:
    """Write the document suite by suite: only one of them is in memory. ``names_files``: cases have
    ``file`` and ``line``, which the schema does not know and reporters for GitHub want."""
    out.write(b"<?xml version='1.0' encoding='UTF-8'?>\n<testsuites>")
    for number, suite in enumerate(suites):
        out.write(serialize(_suite(suite, number, names_files=names_files)))
    out.write(b"</testsuites>\n")


def _suite(suite: JUnitSuite, number: int, *, names_files: bool = False) -> Node:
    attributes = {
        "package": "mdmproxy",
        "id": str(number),
        "name": _short(suite.name),
        "timestamp": f"{suite.began.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        "hostname": _HOST,
        "tests": str(len(suite.cases)),
        "failures": str(sum(case.failure is not None for case in suite.cases)),
        "errors": "0",
        "skipped": str(sum(case.skipped is not None for case in suite.cases)),
        "time": f"{sum(case.seconds for case in suite.cases):.3f}",
    }
    properties = [
        Node("property", attributes={"name": _short(name), "value": _short(value)})
        for name, value in suite.properties.items()
    ]
    children = (
        Node("properties", children=properties),
        *(_case(case, names_files=names_files) for case in suite.cases),
        Node("system-out", _text(suite.output)),
        Node("system-err"),
    )
    return Node("testsuite", attributes=attributes, children=children)


def _case(case: JUnitCase, *, names_files: bool) -> Node:
    attributes = {
        "name": _short(case.name),
        "classname": _short(case.classname),
        "time": f"{case.seconds:.3f}",
    }
    if names_files and case.file:
        attributes |= {"file": NOT_XML.sub("?", plain(case.file)), "line": "1"}
    return Node("testcase", attributes=attributes, children=_result(case))


def _result(case: JUnitCase) -> tuple[Node, ...]:
    if case.failure is not None:
        failure = case.failure
        attributes = {"type": _short(failure.type), "message": _short(failure.message)}
        return (Node("failure", _text(failure.text), attributes),)
    if case.skipped is not None:
        return (Node("skipped", attributes={"message": _short(case.skipped)}),)
    return ()


def _short(text: str) -> str:
    """One line of what XML can hold."""
    return NOT_XML.sub("?", plain(text)[:_MAX_MESSAGE])


def _text(text: str) -> str:
    """Lines stay lines; what XML cannot hold is shown as an escape."""
    return "\n".join(NOT_XML.sub("?", plain(line)) for line in text.split("\n"))
