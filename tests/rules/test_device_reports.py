"""What the device's own log tells of a step that failed."""

from __future__ import annotations

import pytest

from mdmcore.http import Exchange, Request, Response, observation_exchange
from mdmcore.inspector import Inspector
from mdmcore.observation import Observation
from mdmcore.rules import Finding, Severity


def findings_of(text: str, **fields: object) -> tuple[Finding, ...]:
    told = Observation(source="pasted text", text=text, **fields)  # type: ignore[arg-type]
    exchange = observation_exchange(told, id="log:1", index=1, capture="log")
    return Inspector().inspect(exchange).findings


@pytest.mark.parametrize(
    ("text", "severity", "cause"),
    [
        ("MDM Session: failed to be sent. Result: (0x80072ee7)", "warning", "host-name-unresolved"),
        ("Result: (0x80072F06)", "warning", "tls-name-mismatch"),
        ("Auto MDM Enroll: Failed (0x80180001)", "error", "html-error-page"),
        ("the tool says MENROLL_E_DEVICE_CERTIFICATEREQUEST_ERROR", "error", "csr-strict-parser"),
        ("MDM Enroll: Failed (Unauthorized (401).)", "error", "enroll-http-error"),
        ("Command failure status, Result: (0x86000002)", "warning", "csp-node-unknown"),
    ],
)
def test_a_code_is_a_finding_with_its_probable_causes(text: str, severity: str, cause: str):
    (found,) = findings_of(text)
    assert (found.rule, found.severity) == ("device-reports-failure", Severity(severity))
    assert cause in found.caused_by
    assert text[:40] in found.message


def test_an_unknown_code_is_split_and_nothing_guessed():
    (found,) = findings_of("MDM Session: Result: (0x80180FFF)")
    assert "unknown; MDM enrolment" in found.message
    assert found.caused_by == ()


def test_the_level_error_counts_without_a_code():
    (found,) = findings_of("MDM Session: something broke", level="error", event=999)
    assert found.severity is Severity.WARNING
    assert found.places[0].where == {"part": "device", "field": "event 999"}


@pytest.mark.parametrize(
    "text",
    [
        "MDM Session: OMA-DM session started",
        "Auto MDM Enroll: Succeeded (0x0)",
        "MDM Session: answered (HTTP 200)",
    ],
)
def test_what_went_well_is_no_finding(text: str):
    assert findings_of(text, level="information") == ()


def test_other_rules_are_not_asked_about_it():
    (found,) = findings_of("GET https://mdm.example.test/ failed with 0x80072ee7")
    assert found.rule == "device-reports-failure"


def test_it_is_not_asked_about_exchanges():
    exchange = Exchange(
        id="x:1",
        index=1,
        capture="x",
        request=Request(method="GET", url="https://a.example.test/?0x80180001"),
        response=Response(status=200),
    )
    assert Inspector().inspect(exchange).findings == ()
