"""Records and marks for the tests of drawings; a test states only what it is about."""

from __future__ import annotations

from typing import Any

from mdmcore.report.html.marks import Marks
from mdmcore.report.html.record import Record
from mdmcore.rules import Finding, Place, Severity


def record(number: int, **values: Any) -> Record:
    """The facts of an exchange."""
    known: dict[str, Any] = {
        "number": number,
        "id": f"c:{number}",
        "capture": "c",
        "index": number,
        "started": None,
        "kind": "syncml",
        "life": "life-1",
        "session": 1,
        "method": "POST",
        "url": "https://mdm.example.test/",
        "host": "mdm.example.test",
        "status": 200,
        "summary": f"summary {number}",
        "asked": f"asked {number}",
        "answered": f"answered {number}",
        "failure": "",
        "rules": (),
    }
    return Record(**(known | values))


def marks(*at: tuple[int, str], rule: str = "some-rule", part: str = "response") -> Marks:
    """A finding at each of these exchanges, of that severity."""
    return Marks(
        finding(rule=f"{rule}-{severity}", severity=severity, numbers=(number,), part=part)
        for number, severity in at
    )


def finding(
    *, rule: str, severity: str, numbers: tuple[int, ...], part: str = "response"
) -> Finding:
    """A finding at these exchanges."""
    places = tuple(Place(exchange=f"c:{number}", where={"part": part}) for number in numbers)
    return Finding(
        rule=rule,
        severity=Severity(severity),
        message="message",
        effect="effect",
        fix="fix",
        sources=("source",),
        life="life-1",
        count=len(places),
        places=places,
    )
