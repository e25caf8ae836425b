"""Why a server may refuse: causes stand with the symptoms of the catalogue, and nowhere else."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.inspector import Inspection
from mdmcore.rules import entry
from tests.support import messages
from tests.support.renewal import renew, renew_message, renewal_pkcs7
from tests.support.story import ENROLLMENT_URL, MESSAGE_ID, POLICY_URL, Story, phone_csr

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
TOKEN = (
    f'<w:Security xmlns:w="{WSSE}"><w:BinarySecurityToken ValueType="x">dG9r'
    "</w:BinarySecurityToken></w:Security>"
)
FEDERATED_RST = messages.request_security_token(phone_csr(), header=TOKEN)
FEDERATED_POLICIES = messages.get_policies().replace(
    messages.security("demo@example.test", "pw").encode(), TOKEN.encode()
)
FORGED = renewal_pkcs7()[:-1] + bytes([renewal_pkcs7()[-1] ^ 1])


def refused(name: str, body: bytes, status: int) -> Inspection:
    if name == "renewal":
        return renew(Story("win10").enrolled(), response=body, status=status)
    if name == "manual":
        message = renew_message(layers=2, has_user=True)
        return renew(Story("wp81").enrolled(), message, response=body, status=status)
    if name == "forged":
        message = renew_message(FORGED)
        return renew(Story("wp81").enrolled(), message, response=body, status=status)
    urls = {"federated": ENROLLMENT_URL, "policies": POLICY_URL, "empty": ENROLLMENT_URL}
    bodies = {"federated": FEDERATED_RST, "policies": FEDERATED_POLICIES, "empty": b""}
    story = Story("win10")
    story.discover()
    return story.post(urls[name], bodies[name], body, status=status)


@pytest.mark.parametrize("name", ["renewal", "manual", "forged", "federated", "policies", "empty"])
@pytest.mark.parametrize("status", [401, 500])
def test_a_cause_is_one_of_the_catalogue(name: str, status: int) -> None:
    faults = ("MessageFormat", "CertificateRequest", "InternalServiceFault")
    answers = [b"no", *(serialize_fault(subcode, "no", MESSAGE_ID) for subcode in faults)]
    for body in answers:
        for finding in refused(name, body, status).findings:
            assert set(finding.caused_by) <= set(entry(finding.rule).causes), finding.rule


def test_a_federated_request_may_be_misread() -> None:
    wanted = ("security-token-picked-wrong", "user-token-not-decoded")
    for name in ("federated", "policies"):
        for subcode in ("MessageFormat", "Authentication"):
            fault = serialize_fault(subcode, "no", MESSAGE_ID)
            found = {f.rule: f.caused_by for f in refused(name, fault, 500).findings}
            assert found["enrollment-refused"] == wanted


def test_a_csr_comes_before_the_token_where_the_server_failed() -> None:
    fault = serialize_fault("InternalServiceFault", "no", MESSAGE_ID)
    found = {f.rule: f.caused_by for f in refused("federated", fault, 500).findings}
    assert found["enrollment-refused"] == (
        "csr-strict-parser",
        "csr-sha1-flagged-invalid",
        "csr-edited",
    )
