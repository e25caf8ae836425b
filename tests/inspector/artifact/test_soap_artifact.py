"""Loose SOAP messages: which step, whose, and what is in them."""

from __future__ import annotations

import re

import pytest

from mdmcore.inspector import ArtifactReport, ArtifactSettings, inspect_artifact
from mdmcore.namespaces import SOAP, SOAP_11
from mdmcore.pki.asn1.name import UTF8_STRING
from tests.support.artifacts import all_artifacts, jwt, renewal_rst, rst, rstrc
from tests.support.messages import get_policies, request_security_token
from tests.support.story import CERT_CN, certificate, document, phone_csr, rules_of

ARTIFACTS = {name: data for name, (_, data) in all_artifacts().items()}


def lint(data: bytes, **settings: object) -> ArtifactReport:
    (report,) = inspect_artifact(data, name="x", settings=ArtifactSettings(**settings))  # type: ignore[arg-type]
    return report


def test_a_request_has_its_csr_inside() -> None:
    report = lint(rst())
    assert (report.kind, report.profile) == ("rst", "wp8")
    assert report.profile_reason == "DeviceType WindowsPhone, ApplicationVersion 8.0.10501.127"
    assert report.layers == ("XML",)
    (part,) = report.parts
    assert (part.kind, part.layers) == ("csr", ("XML", "base64", "DER CSR"))
    assert part.place == "/Envelope/Body/RequestSecurityToken/BinarySecurityToken"
    assert report.facts["context.DeviceType"] == "WindowsPhone"
    assert report.facts["soap_password"] == "***"
    assert report.content["request"]["csr"]["key_bits"] == 2048


def test_a_request_made_by_hand() -> None:
    report = lint(request_security_token(phone_csr()))
    assert (report.kind, report.findings) == ("rst", ())
    assert "user demo@example.test, CSR of 2048 bits, SHA-1" in report.summary


def test_a_renewal_has_its_pkcs7_and_the_csr_in_it() -> None:
    report = lint(renewal_rst())
    assert report.kind == "renew"
    assert [part.kind for part in report.parts] == ["pkcs7", "csr"]
    assert report.parts[1].layers == ("XML", "base64", "DER PKCS#7", "DER CSR")
    assert report.parts[0].facts["signature"] == "valid"


def test_an_answer_has_its_document_and_certificates() -> None:
    report = lint(rstrc(document(hub=None)))
    assert [part.kind for part in report.parts] == ["provisioning", "certificate", "certificate"]
    assert report.parts[0].layers == ("XML", "base64", "XML")
    assert report.parts[2].layers == ("XML", "base64", "XML", "base64", "DER certificate")
    assert report.parts[2].summary.startswith(f"My/User: certificate CN={CERT_CN}")
    assert report.facts["document.provider_id"] == "ExampleMDM"
    assert "request" not in report.content


def test_the_document_in_the_answer_is_judged_for_the_phone_it_names() -> None:
    report = lint(rstrc(document(client=certificate(tag=UTF8_STRING))))
    assert rules_of(report.findings) == {"cert-subject-not-printable"}
    assert "OmaDmRetry" in report.profile_reason


def test_a_bare_certificate_in_the_token_is_named() -> None:
    (part,) = lint(rstrc(certificate())).parts
    assert part.kind == "certificate"
    assert CERT_CN in part.summary


@pytest.mark.parametrize("token", [b"junk of any kind", b"\x30\x03\x02\x01", certificate()[:90]])
def test_junk_in_the_token_is_named(token: bytes) -> None:
    (part,) = lint(rstrc(token)).parts
    assert "no readable provisioning document" in part.summary


def test_a_token_that_is_no_base64_is_named() -> None:
    broken = re.sub(rb"(#base64binary\">)[^<]+", rb"\1not base64!", rstrc())
    (part,) = lint(broken).parts
    assert part.summary == "the token is empty or no base64"


def test_an_answer_to_a_renewal_is_judged_as_one() -> None:
    whole = document(hub=None)
    store = whole[whole.index(b'<characteristic type="CertificateStore">') :]
    store = store[: store.index(b'<characteristic type="APPLICATION">')]
    naming = b'<parm name="PROVIDER-ID" value="ExampleMDM"/>'
    for parms in (naming, b'<parm name="APPID" value="w7"/>' + naming):
        short = (
            b'<wap-provisioningdoc version="1.1">%s<characteristic type="APPLICATION">%s'
            b"</characteristic></wap-provisioningdoc>" % (store, parms)
        )
        report = lint(rstrc(short))
        assert "answer to a renewal for CN=" in report.summary
        assert report.findings == ()
    # Without a certificate it answers nothing, so it is what an enrolment must not be.
    nothing = lint(rstrc(short.replace(store, b"")))
    assert {"w7-missing-parm", "entdmid-missing"} <= rules_of(nothing.findings)


def test_a_users_token_in_the_header_is_a_part() -> None:
    token = jwt(upn="anna@example.test", iss="https://sts.example.test/", exp=2_000_000_000)
    security = _binary_token(token, "urn:ietf:params:oauth:token-type:jwt")
    report = lint(request_security_token(phone_csr(), header=security))
    user, csr = report.parts
    assert (user.kind, user.layers) == ("user-token", ("XML", "base64", "JWT"))
    assert user.facts["upn"] == "anna@example.test"
    assert user.facts["exp"] == "2033-05-18T03:33:20Z"
    assert csr.kind == "csr"
    assert user.shown == ""


def test_an_opaque_token_is_counted_and_not_shown() -> None:
    security = _binary_token(b"opaque secret", "DeviceEnrollmentUserToken")
    data = request_security_token(phone_csr(), header=security)
    report = lint(data, is_shown=True)
    assert report.parts[0].summary == "the user's token, 13 bytes"
    assert "b3BhcXVlIHNlY3JldA" not in repr(report)


def _binary_token(token: bytes, value_type: str) -> str:
    import base64

    wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    return (
        f'<w:Security xmlns:w="{wsse}"><w:BinarySecurityToken ValueType="{value_type}" '
        f'EncodingType="{wsse}#base64binary">{base64.b64encode(token).decode()}'
        "</w:BinarySecurityToken></w:Security>"
    )


def test_a_fault_tells_its_meaning() -> None:
    report = lint(ARTIFACTS["fault"])
    (finding,) = report.findings
    assert finding.rule == "enrollment-refused"
    assert "0x80180002" in report.summary
    assert finding.message.startswith("enrolment is refused: Authentication")


def test_the_action_of_a_fault_tells_the_step() -> None:
    fault = re.sub(
        rb"(<a:Action[^>]*>)[^<]*", rb"\1http://x/enrollmentpolicy/IPolicy/y", ARTIFACTS["fault"]
    )
    assert lint(fault).findings[0].message.startswith("the policies request is refused")


@pytest.mark.parametrize("name", ["discover", "policies response", "rstrc", "fault"])
def test_soap_11_and_lower_case_are_read(name: str) -> None:
    kind, data = all_artifacts()[name]
    assert lint(data.replace(SOAP.encode(), SOAP_11.encode())).kind == kind
    lower = data.replace(b"s:Envelope", b"s:envelope").replace(b"s:Body", b"s:body")
    assert lint(lower).kind == kind


def test_a_fault_all_in_lower_case_is_read() -> None:
    lowered = re.sub(rb"(</?s:)(\w+)", lambda m: m[1] + m[2].lower(), ARTIFACTS["fault"])
    report = lint(lowered)
    assert "enrollment-refused" in rules_of(report.findings)
    assert report.facts["fault.subcode"] == "Authentication"


@pytest.mark.parametrize("name", ["discover", "policies", "rst", "rstrc", "policies response"])
def test_what_cannot_be_parsed_still_says_what_it_was(name: str) -> None:
    kind, data = all_artifacts()[name]
    broken = b'<!DOCTYPE a [<!ENTITY b "c">]>' + data
    report = lint(broken)
    assert report.kind == kind
    assert "not to be parsed" in report.summary
    assert rules_of(report.findings) >= {"xml-not-wellformed"}
    assert report.problem is None


def test_a_message_of_another_protocol_is_soap_and_no_more() -> None:
    report = lint(f'<e:Envelope xmlns:e="{SOAP}"><e:Body><Other/></e:Body></e:Envelope>'.encode())
    assert (report.kind, report.findings) == ("soap", ())


def test_a_wrong_blank_in_a_namespace_is_found_where_it_is() -> None:
    data = get_policies().replace(b'enrollmentpolicy"', b'enrollmentpolicy "')
    report = lint(data)
    assert report.kind == "getpolicies"
    (finding,) = [f for f in report.findings if f.rule == "namespace-whitespace"]
    assert finding.places[0].where["xpath"].endswith("/GetPolicies/@xmlns")
