"""Rules on how renewals are answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.enrollment.discovery import DiscoverResponse, serialize_discover_response
from mdmcore.enrollment.fault import serialize_fault
from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from mdmcore.namespaces import SOAP_CONTENT_TYPE, VALUE_TYPES_PKCS7
from mdmcore.pki.criteria import ssl_client_criteria
from mdmcore.rules import Finding
from tests.support.certificates import build_authority, forge_certificate
from tests.support.keys import spki
from tests.support.renewal import (
    renew,
    renew_message,
    renewal_pkcs7,
    renewed_certificate,
    renewed_document,
)
from tests.support.story import (
    DISCOVERY_URL,
    ENROLLMENT_URL,
    MESSAGE_ID,
    Story,
    certificate,
    document,
    rules_of,
)

FAULT = serialize_fault("MessageFormat", "RequestType is not supported", MESSAGE_ID)
ROBO = (
    b'<characteristic type="CertificateStore"><characteristic type="My"><characteristic '
    b'type="WSTEP"><characteristic type="Renew"><parm name="ROBOSupport" value="true" '
    b'datatype="boolean"/></characteristic></characteristic></characteristic></characteristic>'
)


def silent(wap: bytes) -> bytes:
    """The document with silent renewal switched on."""
    return wap.replace(
        b'<characteristic type="APPLICATION">', ROBO + b'<characteristic type="APPLICATION">'
    )


def by_rule(found: Inspection) -> dict[str, Finding]:
    return {finding.rule: finding for finding in found.findings}


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_right_renewal_has_no_finding(profile: str, layers: int) -> None:
    story = Story(profile).enrolled()
    found = renew(story, renew_message(layers=layers))
    assert found.findings == ()
    assert found.kind == "renew"
    assert found.life == "life-1"


# --- renew-wrong-request-type


def test_a_refused_renewal() -> None:
    found = renew(Story("wp8").enrolled(), response=FAULT, status=500)
    assert rules_of(found.findings) == {"renew-wrong-request-type", "enrollment-refused"}
    finding = by_rule(found)["renew-wrong-request-type"]
    assert finding.severity == "error"
    assert finding.places[0].where == {"part": "response", "xpath": "/Envelope/Body/Fault"}
    assert finding.places[0].evidence == "HTTP 500, fault MessageFormat"
    assert finding.caused_by == ("renew-pkcs7-valuetype-strict", "renew-requires-user-token")
    causes = by_rule(found)["enrollment-refused"].caused_by
    assert causes[:3] == ("renew-wrong-request-type", *finding.caused_by)


def test_a_manual_renewal_may_be_decoded_once_only() -> None:
    message = renew_message(layers=2, has_user=True, value_type=VALUE_TYPES_PKCS7[1])
    found = renew(Story("wp8").enrolled(), message, response=FAULT, status=500)
    assert by_rule(found)["renew-wrong-request-type"].caused_by == (
        "renew-pkcs7-valuetype-strict",
        "renew-double-base64",
    )


def test_a_renewal_answered_with_a_bare_status() -> None:
    found = renew(Story("wp8").enrolled(), response=b"", status=404)
    assert rules_of(found.findings) == {"renew-wrong-request-type", "enroll-http-error"}
    place = by_rule(found)["renew-wrong-request-type"].places[0]
    assert (dict(place.where), place.evidence) == (
        {"part": "response", "field": "status"},
        "HTTP 404",
    )
    assert by_rule(found)["enroll-http-error"].caused_by[0] == "renew-wrong-request-type"


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (serialize_fault("Authorization", "no", MESSAGE_ID, error_type="NotEligibleToRenew"), 500),
        (b"", 429),
        (b"", 503),
    ],
)
def test_a_server_that_says_why_is_taken_at_its_word(response: bytes, status: int) -> None:
    found = renew(Story("wp8").enrolled(), response=response, status=status)
    assert "renew-wrong-request-type" not in rules_of(found.findings)


def test_a_renewal_that_does_not_verify_is_refused_rightly() -> None:
    broken = renewal_pkcs7()
    broken = broken[:-1] + bytes([broken[-1] ^ 1])
    found = renew(Story("wp8").enrolled(), renew_message(broken), response=FAULT, status=500)
    assert rules_of(found.findings) == {"enrollment-refused"}
    assert not any(cause.startswith("renew-") for cause in found.findings[0].caused_by)


def test_no_answer_refuses_nothing() -> None:
    story = Story("wp8").enrolled()
    request = Request(
        method="POST",
        url=ENROLLMENT_URL,
        headers=Headers([("Content-Type", SOAP_CONTENT_TYPE)]),
        body=renew_message(),
    )
    assert story.tell(request, None, error="time-out").findings == ()
    assert story.inspector.lives()[0].refused_renewals == 0


# --- robo-advertised-not-implemented


def test_a_device_that_was_told_to_renew_silently() -> None:
    story = Story("win10").enrolled(silent(document()))
    found = renew(story, response=FAULT, status=500)
    wanted = {"robo-advertised-not-implemented", "enrollment-refused"}
    assert rules_of(found.findings) == wanted
    assert by_rule(found)["enrollment-refused"].caused_by[0] == "robo-advertised-not-implemented"
    place = by_rule(found)["robo-advertised-not-implemented"].places[0]
    assert place.evidence == "HTTP 500, fault MessageFormat"


def test_a_phone_without_silent_renewal_is_told_nothing_of_it() -> None:
    story = Story("wp8").enrolled(silent(document()))
    found = renew(story, response=FAULT, status=500)
    assert rules_of(found.findings) == {"renew-wrong-request-type", "enrollment-refused"}


# --- renew-attempts-failing


def test_two_refused_renewals() -> None:
    story = Story("wp8").enrolled()
    first = renew(story, response=FAULT, status=500)
    assert "renew-attempts-failing" not in rules_of(first.findings)
    story.now += timedelta(days=4)
    second = by_rule(renew(story, response=FAULT, status=500))["renew-attempts-failing"]
    assert second.message == (
        "2 renewals in a row got no certificate, within 4 days, 360 days are left"
    )
    assert second.severity == "error"
    assert second.caused_by[0] == "renew-wrong-request-type"
    renew(story)
    after = renew(story, response=FAULT, status=500)
    assert "renew-attempts-failing" not in rules_of(after.findings)


# --- renew-signer-not-checked


def test_a_forged_signature_that_was_accepted() -> None:
    broken = renewal_pkcs7()
    broken = broken[:-1] + bytes([broken[-1] ^ 1])
    found = renew(Story("wp8").enrolled(), renew_message(broken))
    (finding,) = found.findings
    assert (finding.rule, finding.severity) == ("renew-signer-not-checked", "warning")
    assert finding.places[0].where == {
        "part": "request",
        "xpath": "/Envelope/Body/RequestSecurityToken/BinarySecurityToken",
    }
    assert finding.places[0].evidence == "issuer CN=Story CA"
    assert "signature" in finding.message


def test_a_signer_of_another_ca_that_was_accepted() -> None:
    other = build_authority(key="enterprise", common_name="Another CA")
    signer = forge_certificate(spki("device"), authority=other)
    found = renew(Story("wp8").enrolled(), renew_message(renewal_pkcs7(signer=signer)))
    (finding,) = found.findings
    assert finding.rule == "renew-signer-not-checked"
    assert finding.places[0].evidence == "issuer CN=Another CA"


def test_a_pkcs7_that_cannot_be_read_was_accepted() -> None:
    found = renew(Story("wp8").enrolled(), renew_message(b"\x30\x03\x02\x01\x05"))
    finding = by_rule(found)["renew-signer-not-checked"]
    assert "cannot be read" in finding.message


def test_a_signer_of_an_enrolment_that_was_not_seen() -> None:
    other = build_authority(key="enterprise", common_name="Another CA")
    signer = forge_certificate(spki("device"), authority=other)
    assert renew(Story("wp8"), renew_message(renewal_pkcs7(signer=signer))).findings == ()


# --- redirect-during-renewal


def redirected(story: Story, location: str) -> Inspection:
    request = Request(
        method="POST",
        url=ENROLLMENT_URL,
        headers=Headers([("Content-Type", SOAP_CONTENT_TYPE)]),
        body=renew_message(),
    )
    return story.tell(request, Response(status=302, headers=Headers([("Location", location)])))


def test_a_renewal_is_sent_elsewhere() -> None:
    found = redirected(Story("wp81").enrolled(), "https://other.example.test/Enroll.svc?x=1")
    (finding,) = found.findings
    assert (finding.rule, finding.severity) == ("redirect-during-renewal", "error")
    assert finding.places[0].where == {"part": "response", "header": "Location"}
    assert finding.places[0].evidence == "https://other.example.test/Enroll.svc"


def test_the_redirect_that_was_accepted_at_enrolment() -> None:
    story = Story("wp81")
    target = "https://mdm.example.test/EnrollmentServer/Discovery.svc"
    probe = Request(method="GET", url=DISCOVERY_URL)
    story.tell(probe, Response(status=302, headers=Headers([("Location", target)])))
    story.enrolled()
    assert redirected(story, target).findings == ()


# --- renew-mandatory-when-federated


@pytest.mark.parametrize(
    ("wap", "severity"),
    [
        (document(), "info"),
        (silent(document()).replace(b'value="true"', b'value="false"'), "warning"),
        (silent(document()), ""),
    ],
)
def test_a_federated_enrolment_renews_silently(wap: bytes, severity: str) -> None:
    story = Story("win10")
    answer = DiscoverResponse(
        auth_policy="Federated",
        policy_url=ENROLLMENT_URL,
        enrollment_url=ENROLLMENT_URL,
        authentication_url="https://mdm.example.test/login",
    )
    story.discover(response=serialize_discover_response(answer, relates_to=MESSAGE_ID))
    found = {f.rule: f.severity for f in story.enroll(wap).findings}
    assert found.get("renew-mandatory-when-federated", "") == severity


# --- renew-subject-changed


def test_another_subject_than_the_criteria_ask_for() -> None:
    changed = renewed_certificate(common_name=b"ANOTHER-NAME")
    found = renew(Story("wp8").enrolled(), wap=renewed_document(changed))
    (finding,) = found.findings
    assert (finding.rule, finding.count) == ("renew-subject-changed", 2)  # the hub's criteria, too
    assert finding.places[0].where == {"part": "certificate", "field": "subject"}
    assert finding.places[0].evidence == "CN=ANOTHER-NAME"


def test_another_subject_with_its_criteria() -> None:
    changed = renewed_certificate(common_name=b"ANOTHER-NAME")
    criteria = ssl_client_criteria("ANOTHER-NAME").replace("&", "&amp;")
    more = f'<parm name="SSLCLIENTCERTSEARCHCRITERIA" value="{criteria}"/>'
    story = Story("wp8").enrolled(document(hub=None))
    assert renew(story, wap=renewed_document(changed, more=more)).findings == ()


def test_criteria_that_never_fitted_are_not_the_renewals_fault() -> None:
    story = Story("wp8").enrolled(document(criteria=ssl_client_criteria("OTHER"), hub=None))
    assert renew(story, wap=renewed_document(certificate(key="device2"))).findings == ()
