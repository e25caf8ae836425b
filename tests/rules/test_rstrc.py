"""Rules on the answer that carries the provisioning document."""

from __future__ import annotations

import base64
import re

import pytest

from mdmcore.enrollment.token import serialize_rstrc
from mdmcore.inspector import Inspection
from mdmcore.pki.asn1.der import encode_oid, encode_tlv
from mdmcore.pki.authority import certificate_pem
from mdmcore.rules import Finding
from tests.support.openssl import openssl_output
from tests.support.renewal import renewal_pkcs7
from tests.support.story import MESSAGE_ID, NOW, Story, certificate, document, rules_of

COLLECTION = "/Envelope/Body/RequestSecurityTokenResponseCollection"
TOKEN = f"{COLLECTION}/RequestSecurityTokenResponse/RequestedSecurityToken/BinarySecurityToken"
VALUE_TYPE = (
    "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/"
    "DeviceEnrollmentProvisionDoc"
)
ISSUED = serialize_rstrc(document(), relates_to=MESSAGE_ID, created=NOW, expires=NOW)
ENCODED = base64.b64encode(document())


def issued(body: bytes, profile: str = "wp8", *, is_log: bool = False) -> Inspection:
    story = Story(profile)
    story.verbatim = not is_log
    return story.enroll(response=body)


def carrying(token: bytes) -> bytes:
    return serialize_rstrc(token, relates_to=MESSAGE_ID, created=NOW, expires=NOW)


def only(found: Inspection, rule: str) -> Finding:
    assert rules_of(found.findings) == {rule}
    return found.findings[0]


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_a_right_answer_has_no_finding(profile: str) -> None:
    right = serialize_rstrc(
        document(profile=profile), relates_to=MESSAGE_ID, created=NOW, expires=NOW
    )
    assert issued(right, profile).findings == ()


# --- rstr-count


@pytest.mark.parametrize(
    ("count", "place"),
    [(0, COLLECTION), (2, f"{COLLECTION}/RequestSecurityTokenResponse[2]")],
)
def test_another_number_of_responses(count: int, place: str) -> None:
    response = re.search(
        rb"<RequestSecurityTokenResponse>.*</RequestSecurityTokenResponse>", ISSUED, re.S
    )
    assert response is not None
    finding = only(issued(ISSUED.replace(response[0], response[0] * count)), "rstr-count")
    assert finding.severity == "error"
    assert finding.message == f"the collection holds {count} responses, not one"
    assert finding.places[0].where == {"part": "response", "xpath": place}
    assert finding.places[0].evidence == str(count)


def test_a_response_outside_a_collection() -> None:
    bare = re.sub(rb"<(/?)RequestSecurityTokenResponseCollection([^>]*)>", rb"", ISSUED)
    bare = bare.replace(
        b"<RequestSecurityTokenResponse>",
        b'<RequestSecurityTokenResponse xmlns="http://docs.oasis-open.org/ws-sx/ws-trust/200512">',
    )
    finding = only(issued(bare), "rstr-count")
    where = {"part": "response", "xpath": "/Envelope/Body/RequestSecurityTokenResponse"}
    assert finding.places[0].where == where


# --- rstrc-soap11-envelope


def test_a_soap_11_envelope() -> None:
    old = ISSUED.replace(
        b"http://www.w3.org/2003/05/soap-envelope", b"http://schemas.xmlsoap.org/soap/envelope/"
    )
    finding = only(issued(old), "rstrc-soap11-envelope")
    assert finding.severity == "info"
    assert finding.places[0].where == {"part": "response", "xpath": "/Envelope"}


# --- bst-is-certificate


def certificates_only() -> bytes:
    """A PKCS#7 without content that carries a certificate, made by openssl."""
    return openssl_output(
        *("crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", "-outform", "DER"),
        data=certificate_pem(certificate()),
    )


@pytest.mark.parametrize(
    ("token", "form"),
    [
        (certificate(), "a certificate"),
        (certificate_pem(certificate()), "a certificate"),
        (renewal_pkcs7(), "a PKCS#7"),
        (certificates_only(), "a PKCS#7"),
        # BER with open lengths, as other libraries write it.
        (
            b"\x30\x80" + encode_oid("1.2.840.113549.1.7.2") + b"\xa0\x80\x00\x00\x00\x00",
            "a PKCS#7",
        ),
        (b"-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n", "a PKCS#7"),
    ],
)
def test_the_certificate_itself(token: bytes, form: str) -> None:
    found = issued(carrying(token))
    finding = only(found, "bst-is-certificate")
    assert finding.severity == "error"
    assert finding.message == f"the token is {form}, not a provisioning document"
    assert finding.places[0].where == {"part": "response", "xpath": TOKEN}
    assert finding.places[0].evidence == f"{len(token)} bytes"
    assert found.summary.endswith(f"-> {form}, no provisioning document")
    assert found.decoded["response"]["rstrc"]["token_form"] == form


@pytest.mark.parametrize(
    "token",
    [
        encode_tlv(0x30, b"\x02\x01\x05"),
        certificate()[:-1],
        b"<wap-provisioningdoc><!-- -----BEGIN CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\nMAA=\n",
    ],
)
def test_any_other_token_is_a_broken_document(token: bytes) -> None:
    assert "bst-is-certificate" not in rules_of(issued(carrying(token)).findings)


# --- bst-valuetype-wrong


@pytest.mark.parametrize(
    "written",
    [
        "http://schemas.microsoft.com/ConfigurationManager/Enrollment/DeviceEnrollmentProvisionDoc",
        "http://schemas.microsoft.com/windows/pki/2009/01/enrollment#PKCS7",
        "",
    ],
)
def test_another_value_type(written: str) -> None:
    finding = only(
        issued(ISSUED.replace(VALUE_TYPE.encode(), written.encode())), "bst-valuetype-wrong"
    )
    assert finding.severity == "error"
    assert finding.places[0].where == {"part": "response", "xpath": f"{TOKEN}/@ValueType"}
    assert finding.places[0].evidence == written


def test_a_blank_in_the_value_type_is_another_mistake() -> None:
    broken = ISSUED.replace(b"/DeviceEnrollmentProvisionDoc", b"/ DeviceEnrollmentProvisionDoc")
    assert rules_of(issued(broken).findings) == {"namespace-whitespace"}


# --- bst-not-base64


@pytest.mark.parametrize(
    ("text", "problem", "evidence"),
    [
        (b"", "is empty", "0 characters"),
        (b"AAA", "is not base64: its length or padding is wrong", "3 characters"),
        (b"AA-_", "is not base64", "'-' at character 2 of 4"),
        (b"&lt;wap-provisioningdoc/>", "is not base64", "'<' at character 0 of 22"),
    ],
)
def test_a_token_that_is_no_base64(text: bytes, problem: str, evidence: str) -> None:
    finding = only(issued(ISSUED.replace(ENCODED, text)), "bst-not-base64")
    assert finding.severity == "error"
    assert finding.message == f"the answer's token {problem}"
    assert finding.places[0].where == {"part": "response", "xpath": TOKEN}
    assert finding.places[0].evidence == evidence


def test_no_token_at_all() -> None:
    bare = re.sub(rb"<BinarySecurityToken.*</BinarySecurityToken>", b"", ISSUED, flags=re.S)
    finding = only(issued(bare), "bst-not-base64")
    assert finding.places[0].where["xpath"] == f"{COLLECTION}/RequestSecurityTokenResponse"


# --- bst-linebreaks


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        (ENCODED[:76] + b"\n" + ENCODED[76:], "1, the first behind 76 characters"),
        (b" " + ENCODED + b"\n", "2, the first behind 0 characters"),
    ],
)
def test_white_space_in_the_token(text: bytes, evidence: str) -> None:
    body = ISSUED.replace(ENCODED, text)
    finding = only(issued(body), "bst-linebreaks")
    assert finding.severity == "warning"
    assert finding.places[0].where == {"part": "response", "xpath": TOKEN}
    assert finding.places[0].evidence == evidence
    said = issued(body, is_log=True).findings
    assert {one.rule for one in said} == {"credential-logged"}
