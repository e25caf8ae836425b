"""The captured Windows 10 enrolment: what must be found in it, and what must not.

Each finding is checked by hand here against the text of the log or by the standard library.
"""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mdmcore.capture.reader import open_capture
from mdmcore.inspector import Inspection, Inspector
from mdmcore.rules.life import Outcome
from tests.support.openssl import openssl_output
from tests.support.requirements import shared_file

TRUST = "{http://docs.oasis-open.org/ws-sx/ws-trust/200512}"
SECEXT = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
FOUND = {
    "xml-not-wellformed",
    "appauth-nonce-not-base64",
    "appauth-nonce-reused",
    "entdmid-missing",
    "provider-id-needs-escaping",
    "dm-post-not-to-addr",
    "wrong-namespace",
    "empty-response-body",
    "uncredentialed-package-not-challenged",
    "credential-logged",
}


@pytest.fixture(scope="module")
def log() -> str:
    return shared_file("captures", "win10-enrollment-log.md").read_text("utf-8")


@pytest.fixture(scope="module")
def inspected() -> tuple[Inspector, list[Inspection]]:
    inspector = Inspector()
    path = shared_file("captures", "win10-enrollment-log.md")
    return inspector, [inspector.inspect(exchange) for exchange in open_capture(path).exchanges()]


def test_it_is_decoded_to_the_last_exchange(inspected: tuple[Inspector, list[Inspection]]) -> None:
    kinds = [str(item.kind) for item in inspected[1]]
    assert kinds == ["probe", "discover", "getpolicies", "rst", "syncml", "syncml"]
    assert all(item.life == "life-1" for item in inspected[1])
    (life,) = inspected[0].lives()
    assert (life.profile, life.outcome) == ("win10", Outcome.COMPLETE)
    assert life.device["model"] == "VMware7,1"


def test_exactly_the_true_findings(inspected: tuple[Inspector, list[Inspection]]) -> None:
    assert {finding.rule for finding in inspected[0].findings()} == FOUND


def test_the_passwords_of_the_log_are_told_and_not_shown(
    inspected: tuple[Inspector, list[Inspection]], log: str
) -> None:
    written = re.findall(r'#PasswordText">([^<]+)</wsse:Password>', log)
    found = next(f for f in inspected[0].findings() if f.rule == "credential-logged")
    assert (found.count, found.severity) == (len(written), "info")
    assert {place.evidence for place in found.places} == {"PasswordText"}


def test_the_broken_policies_answer_is_still_read(
    inspected: tuple[Inspector, list[Inspection]], log: str
) -> None:
    found = next(f for f in inspected[0].findings() if f.rule == "xml-not-wellformed")
    assert found.count == 1
    assert found.places[0].evidence == '<algorithmOIDReferencexsi:nil="true"/>'
    policies = inspected[1][2].decoded["response"]["policies"]
    assert (policies["policy_schema"], policies["minimal_key_length"]) == (3, 2048)
    bodies = re.findall(r"-+ Response Body -+\n(.*?)={20,}", log, re.S)
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(bodies[1].strip())


def test_the_provisioning_document_says_what_was_found(log: str) -> None:
    token = re.search(r"#base64binary\">(PD94[A-Za-z0-9+/=]+)", log)
    assert token is not None
    root = ElementTree.fromstring(base64.b64decode(token[1]))
    values = {parm.get("name"): parm.get("value") for parm in root.iter("parm")}
    nonces = [p.get("value") for p in root.iter("parm") if p.get("name") == "AAUTHDATA"]
    assert nonces == ["nonce", "nonce"]
    assert values["PROVIDER-ID"] == "DEMO MDM"
    assert values["ADDR"] == "https://mdmwindows.com/ManagementServer/MDM.svc"
    assert "EntDMID" not in values
    assert "Host: pocmdmserver.com" in log


def test_the_provisioning_document_is_right_in_the_rest(log: str) -> None:
    token = re.search(r"#base64binary\">(PD94[A-Za-z0-9+/=]+)", log)
    assert token is not None
    document = ElementTree.fromstring(base64.b64decode(token[1]))
    assert document.get("version") == "1.1"
    root, leaf = (
        x509.load_der_x509_certificate(base64.b64decode(parm.get("value") or ""))
        for parm in document.iter("parm")
        if parm.get("name") == "EncodedCertificate"
    )
    key = root.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(leaf.signature, leaf.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA1())
    assert leaf.issuer == root.subject
    user = "characteristic[@type='CertificateStore']/characteristic[@type='My']/*[@type='User']"
    store = document.find(user)
    assert store is not None
    assert [child.get("type") for child in store][1:] == ["PrivateKeyContainer"]
    provider = document.find("characteristic[@type='DMClient']/*[@type='Provider']/*")
    assert provider is not None
    assert provider.get("type") == "DEMO MDM"
    poll = {parm.get("name"): parm.get("value") for parm in provider.iter("parm")}
    assert poll == {"NumberOfFirstRetries": "8"}
    application = document.find("characteristic[@type='APPLICATION']")
    assert application is not None
    mixed = [p.get("name") for p in application if not (p.get("name") or "").isupper()]
    assert mixed == ["ServerList", None, None]


def test_severities_are_those_of_windows_10(
    inspected: tuple[Inspector, list[Inspection]],
) -> None:
    found = {finding.rule: finding.severity for finding in inspected[0].findings()}
    assert found["entdmid-missing"] == "warning"
    assert found["uncredentialed-package-not-challenged"] == "error"


def test_the_enrolment_answers_are_right_where_the_log_can_show_it(log: str) -> None:
    answers = [ElementTree.fromstring(body) for body in _answers(log)]
    headers = [answer[0] for answer in answers]
    actions = [
        header.findtext("{http://www.w3.org/2005/08/addressing}Action") for header in headers
    ]
    assert [str(action).rpartition("/")[2] for action in actions] == ["DiscoverResponse", "wstep"]
    assert "/RSTRC/" in str(actions[1])
    responses = list(answers[1].iter(f"{TRUST}RequestSecurityTokenResponse"))
    assert len(responses) == 1
    (token,) = responses[0].iter(f"{SECEXT}BinarySecurityToken")
    assert str(token.get("ValueType")).endswith(
        "/5.0.0.0/ConfigurationManager/Enrollment/DeviceEnrollmentProvisionDoc"
    )
    document = ElementTree.fromstring(base64.b64decode(token.text or ""))
    leaf = [p.get("value") for p in document.iter("parm") if p.get("name") == "EncodedCertificate"]
    said = openssl_output(
        *("x509", "-inform", "DER", "-noout", "-dates", "-subject", "-issuer"),
        *("-ext", "extendedKeyUsage"),
        data=base64.b64decode(leaf[1] or ""),
    ).decode()
    assert "TLS Web Client Authentication" in said
    assert "notBefore=Dec 30 19:18:43 2022" in said
    assert "notAfter=Dec 30 19:18:43 2023" in said
    subject, issuer = (re.search(f"{name}=(.*)", said) for name in ("subject", "issuer"))
    assert subject is not None
    assert issuer is not None
    assert subject[1] != issuer[1]


def _answers(log: str) -> list[str]:
    """The SOAP answers that are well-formed: discovery and enrolment."""
    bodies = re.findall(r"-+ Response Body -+\n(.*?)={20,}", log, re.S)
    return [bodies[0].strip(), bodies[2].strip()]
