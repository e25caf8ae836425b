"""Rules on the form of SOAP faults."""

from __future__ import annotations

import re

import pytest

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.inspector import Inspection
from mdmcore.namespaces import FAULT_HRESULTS
from mdmcore.rules import Finding
from tests.support.story import MESSAGE_ID, Story, rules_of

FAULT = serialize_fault("Authentication", "no", MESSAGE_ID)


def refused(body: bytes, *, status: int = 500, profile: str = "win10") -> dict[str, Finding]:
    found: Inspection = Story(profile).enroll(response=body, status=status)
    rules = {finding.rule: finding for finding in found.findings}
    assert "enrollment-refused" in rules
    return rules


@pytest.mark.parametrize("subcode", sorted(FAULT_HRESULTS))
@pytest.mark.parametrize("error_type", ["", "DeviceCapReached"])
def test_a_right_fault_is_only_a_refusal(subcode: str, error_type: str) -> None:
    body = serialize_fault(subcode, "no", MESSAGE_ID, error_type=error_type)
    assert refused(body).keys() == {"enrollment-refused"}


# --- fault-lowercase-elements


def test_a_fault_as_the_web_documentation_prints_it() -> None:
    lowered = re.sub(rb"(</?s:)(\w+)", lambda m: m[1] + m[2].lower(), FAULT)
    lowered = lowered.replace(b">s:Authentication<", b">s:authentication<")
    found = refused(lowered)
    assert found.keys() == {"enrollment-refused", "fault-lowercase-elements"}
    finding = found["fault-lowercase-elements"]
    assert finding.severity == "warning"
    assert finding.places[0].where == {"part": "response", "xpath": "/envelope"}
    assert finding.places[0].evidence == (
        "envelope, header, body, fault, code, value, subcode, reason, text"
    )


def test_one_element_in_lower_case() -> None:
    broken = FAULT.replace(b"s:Subcode>", b"s:subcode>")
    finding = refused(broken)["fault-lowercase-elements"]
    xpath = "/Envelope/Body/Fault/Code/subcode"
    assert finding.places[0].where == {"part": "response", "xpath": xpath}
    assert finding.message == "the fault is written with subcode; SOAP 1.2 has Subcode"


def test_soap_11_has_names_of_its_own() -> None:
    body = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        b"<faultcode>s:Server</faultcode><faultstring>no</faultstring><detail/></s:Fault></s:Body>"
        b"</s:Envelope>"
    )
    assert "fault-lowercase-elements" not in refused(body)


# --- fault-subcode-unknown


@pytest.mark.parametrize(
    ("written", "evidence", "message"),
    [
        (b">s:NoSuchThing<", "NoSuchThing", "the fault's subcode is 'NoSuchThing'"),
        (
            b">s:authentication<",
            "authentication",
            "the fault's subcode is 'authentication', which is written Authentication",
        ),
    ],
)
def test_a_subcode_that_devices_do_not_know(written: bytes, evidence: str, message: str) -> None:
    found = refused(FAULT.replace(b">s:Authentication<", written))
    assert found.keys() == {"enrollment-refused", "fault-subcode-unknown"}
    finding = found["fault-subcode-unknown"]
    assert (finding.severity, finding.message) == ("warning", message)
    assert finding.places[0].where == {
        "part": "response",
        "xpath": "/Envelope/Body/Fault/Code/Subcode/Value",
    }
    assert finding.places[0].evidence == evidence


def test_a_fault_without_a_subcode() -> None:
    bare = re.sub(rb"<s:Subcode>.*?</s:Subcode>", b"", FAULT)
    finding = refused(bare)["fault-subcode-unknown"]
    assert finding.message == "the fault has no Subcode"
    assert finding.places[0].where == {"part": "response", "xpath": "/Envelope/Body/Fault"}


# --- fault-http-200


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_a_fault_under_a_good_status(profile: str) -> None:
    found = refused(FAULT, status=200, profile=profile)
    assert found.keys() == {"enrollment-refused", "fault-http-200"}
    finding = found["fault-http-200"]
    assert finding.severity == "warning"
    assert finding.places[0].where == {"part": "response", "field": "status"}
    assert finding.places[0].evidence == "200"


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_a_fault_under_an_error(status: int) -> None:
    assert rules_of(refused(FAULT, status=status).values()) == {"enrollment-refused"}
