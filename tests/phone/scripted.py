"""An independent server for the phone's tests: answers written by hand, digests computed here.

The enrolment answers are those of the protocol's printed samples; nothing of mdmcore's own
serializers takes part. A test states its deviation as an edit of one answer.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from mdmcore.http import Headers, Request, Response
from mdmcore.phone import EnrolledPhone, PhoneSettings, Refusal, enroll, run
from tests.support.certificates import build_authority, forge_certificate
from tests.support.keys import load_key, spki
from tests.support.server import FixedClock, counted_random

type Edit = Callable[[Response], Response]

DEVICE_ID = "urn:uuid:00000000-0000-4000-8000-00000000ABCD"
DEVICE_CN = "3F2504E0-4F89-11D3-9A0C-0305E82C3301"
DM_URL = "https://mdm.example.test/omadm"
HUB_URL = "https://mdm.example.test/hub/company.xap"
SERVER_NONCE = bytes(range(16))
DEVICE_NONCE = bytes(range(255, 239, -1))
SERVER_SECRET = "s3cr3t-srv-0001"
DEVICE_SECRET = "s3cr3t-cli-0001"
PROVIDER = "ExampleMDM"
DEVICE_USER = "device-7f3a"
AET = base64.b64encode(b'<AET><EnterpriseId Value="4000000001"/></AET>').decode()

_ENROLLMENT = "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
_PKI = "http://schemas.microsoft.com/windows/pki/2009/01"
_SECEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_TRUST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
_CONFIGMGR = "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment"


def settings(**changes: Any) -> PhoneSettings:
    """A phone with everything at its default."""
    values: dict[str, Any] = {
        "email": "user@example.test",
        "username": "user@example.test",
        "password": "pass & word",
        "device_id": DEVICE_ID,
    }
    return PhoneSettings(**{**values, **changes})


def edited(old: str, new: str, *, count: int = 1) -> Edit:
    """Replace text in a body that must have it; the Content-Length follows."""

    def edit(response: Response) -> Response:
        body = (response.body or b"").decode()
        assert old in body, f"{old!r} is not in the answer"
        return with_body(response, body.replace(old, new, count).encode())

    return edit


def with_body(response: Response, body: bytes) -> Response:
    """That answer with another body."""
    headers = response.headers.replaced("Content-Length", str(len(body)))
    return Response(status=response.status, headers=headers, body=body)


def with_header(name: str, value: str | None) -> Edit:
    """Set or remove a header."""

    def edit(response: Response) -> Response:
        headers = response.headers.without(name)
        if value is not None:
            headers = headers.replaced(name, value)
        return Response(status=response.status, headers=headers, body=response.body)

    return edit


def with_status(status: int) -> Edit:
    """Another HTTP status."""
    return lambda response: Response(status=status, headers=response.headers, body=response.body)


def answer(body: str | bytes, media_type: str, status: int = 200) -> Response:
    """An HTTP answer in one piece."""
    data = body if isinstance(body, bytes) else body.encode()
    headers = Headers([("Content-Type", media_type), ("Content-Length", str(len(data)))])
    return Response(status=status, headers=headers, body=data)


def soap(action: str, body: str, relates_to: str) -> str:
    """A SOAP 1.2 answer as the samples print it."""
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{action}</a:Action>'
        f"<a:RelatesTo>{relates_to}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )


DISCOVER = (
    f'<DiscoverResponse xmlns="{_ENROLLMENT}"><DiscoverResult><AuthPolicy>OnPremise</AuthPolicy>'
    "<EnrollmentPolicyServiceUrl>https://mdm.example.test/EnrollmentServer/Policy.svc"
    "</EnrollmentPolicyServiceUrl><EnrollmentServiceUrl>"
    "https://mdm.example.test/EnrollmentServer/Enrollment.svc</EnrollmentServiceUrl>"
    "</DiscoverResult></DiscoverResponse>"
)

POLICIES = f"""<GetPoliciesResponse xmlns="{_PKI}/enrollmentpolicy"
                     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <response>
    <policyID>{{6C5A0000-0000-4000-8000-00000000AA01}}</policyID>
    <policyFriendlyName xsi:nil="true"/><nextUpdateHours xsi:nil="true"/>
    <policiesNotChanged xsi:nil="true"/>
    <policies><policy>
      <policyOIDReference>0</policyOIDReference><cAs xsi:nil="true"/>
      <attributes>
        <commonName>ExamplePhonePolicy</commonName><policySchema>3</policySchema>
        <privateKeyAttributes><minimalKeyLength>2048</minimalKeyLength><keySpec xsi:nil="true"/>
        <algorithmOIDReference xsi:nil="true"/></privateKeyAttributes>
        <hashAlgorithmOIDReference>0</hashAlgorithmOIDReference>
        <extensions xsi:nil="true"/>
      </attributes>
    </policy></policies>
  </response>
  <cAs xsi:nil="true"/>
  <oIDs><oID><value>1.3.14.3.2.29</value><group>1</group><oIDReferenceID>0</oIDReferenceID>
  <defaultName>szOID_OIWSEC_sha1RSASign</defaultName></oID></oIDs>
</GetPoliciesResponse>"""


def token_response(document: bytes) -> str:
    """The RSTRC's body around a provisioning document."""
    return (
        f'<RequestSecurityTokenResponseCollection xmlns="{_TRUST}"><RequestSecurityTokenResponse>'
        f"<TokenType>{_CONFIGMGR}/DeviceEnrollmentToken</TokenType>"
        f'<DispositionMessage xmlns="{_PKI}/enrollment"/><RequestedSecurityToken>'
        f'<BinarySecurityToken xmlns="{_SECEXT}" '
        f'ValueType="{_CONFIGMGR}/DeviceEnrollmentProvisionDoc" '
        f'EncodingType="{_SECEXT}#base64binary">{base64.b64encode(document).decode()}'
        "</BinarySecurityToken></RequestedSecurityToken>"
        f'<RequestID xmlns="{_PKI}/enrollment">0</RequestID>'
        "</RequestSecurityTokenResponse></RequestSecurityTokenResponseCollection>"
    )


@cache
def client_certificate(key: str = "device", **changes: Any) -> bytes:
    """The certificate that the scripted server issues (DER)."""
    values: dict[str, Any] = {"subject_value": DEVICE_CN.encode(), **changes}
    return forge_certificate(spki(key), authority=build_authority(), **values)


def thumbprint(der: bytes) -> str:
    """SHA-1 in upper-case hex."""
    return hashlib.sha1(der).hexdigest().upper()


def provisioning_document(certificate: bytes | None = None) -> str:
    """The WP8.0 skeleton of enrollment.md 9.8, with a hub branch (9.7)."""
    root = build_authority().certificate
    client = client_certificate() if certificate is None else certificate
    server_nonce = base64.b64encode(SERVER_NONCE).decode()
    device_nonce = base64.b64encode(DEVICE_NONCE).decode()
    return f"""<wap-provisioningdoc version="1.1">
  <characteristic type="CertificateStore">
    <characteristic type="Root"><characteristic type="System">
      <characteristic type="{thumbprint(root)}"><parm name="EncodedCertificate" value="{b64(root)}"/></characteristic>
    </characteristic></characteristic>
    <characteristic type="My"><characteristic type="User">
      <characteristic type="{thumbprint(client)}"><parm name="EncodedCertificate" value="{b64(client)}"/></characteristic>
      <characteristic type="PrivateKeyContainer"/>
    </characteristic></characteristic>
  </characteristic>
  <characteristic type="APPLICATION">
    <parm name="APPID" value="w7"/>
    <parm name="PROVIDER-ID" value="{PROVIDER}"/>
    <parm name="NAME" value="Example Org"/>
    <parm name="ADDR" value="{DM_URL}"/>
    <parm name="BACKCOMPATRETRYDISABLED"/>
    <parm name="DEFAULTENCODING" value="application/vnd.syncml.dm+xml"/>
    <parm name="SSLCLIENTCERTSEARCHCRITERIA" value="Subject=CN%3D{DEVICE_CN}&amp;Stores=My%5CUser"/>
    <characteristic type="APPAUTH">
      <parm name="AAUTHLEVEL" value="CLIENT"/><parm name="AAUTHTYPE" value="DIGEST"/>
      <parm name="AAUTHSECRET" value="{SERVER_SECRET}"/><parm name="AAUTHDATA" value="{server_nonce}"/>
    </characteristic>
    <characteristic type="APPAUTH">
      <parm name="AAUTHLEVEL" value="APPSRV"/><parm name="AAUTHTYPE" value="DIGEST"/>
      <parm name="AAUTHNAME" value="{DEVICE_USER}"/><parm name="AAUTHSECRET" value="{DEVICE_SECRET}"/><parm name="AAUTHDATA" value="{device_nonce}"/>
    </characteristic>
  </characteristic>
  <characteristic type="Registry">
    <characteristic type="HKLM\\Software\\Microsoft\\Enrollment"><parm name="RenewalPeriod" value="42" datatype="integer"/></characteristic>
    <characteristic type="HKLM\\Software\\Microsoft\\Enrollment\\OmaDmRetry">
      <parm name="NumRetries" value="8" datatype="integer"/><parm name="RetryInterval" value="60" datatype="integer"/>
      <parm name="AuxNumRetries" value="5" datatype="integer"/><parm name="AuxRetryInterval" value="3" datatype="integer"/>
      <parm name="Aux2NumRetries" value="0" datatype="integer"/><parm name="Aux2RetryInterval" value="480" datatype="integer"/>
    </characteristic>
  </characteristic>
  <characteristic type="DMClient"><characteristic type="Provider"><characteristic type="{PROVIDER}">
    <parm name="EntDeviceName" value="Example phone" datatype="string"/>
    <parm name="EntDMID" value="DEVICE-0001" datatype="string"/>
  </characteristic></characteristic></characteristic>
  <characteristic type="EnterpriseAppManagement"><characteristic type="4000000001">
    <parm datatype="string" name="EnrollmentToken" value="{AET}"/>
    <parm datatype="string" name="StoreProductId" value="{{11111111-2222-3333-4444-555555555555}}"/>
    <parm datatype="string" name="StoreURI" value="{HUB_URL}"/>
    <parm datatype="string" name="StoreName" value="Hub"/>
    <parm datatype="string" name="CertificateSearchCriteria" value="CN%3D{DEVICE_CN}"/>
    <parm datatype="string" name="CRLCheck" value="0"/>
  </characteristic></characteristic>
</wap-provisioningdoc>"""  # noqa: E501


def b64(data: bytes) -> str:
    """One line of base64."""
    return base64.b64encode(data).decode()


SOAP_TYPE = "application/soap+xml; charset=utf-8"


@dataclass
class EnrollmentScript:
    """Answers the enrolment legs by hand. ``edits`` alter a leg's answer, ``document`` is what
    the token holds."""

    edits: Mapping[str, Edit] = field(default_factory=dict)
    document: str | bytes = field(default_factory=provisioning_document)
    requests: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        leg, response = self._answer(request)
        edit = self.edits.get(leg)
        return response if edit is None else edit(response)

    def _answer(self, request: Request) -> tuple[str, Response]:
        if request.method == "GET":
            return "probe", answer(b"", "text/html")
        text = (request.body or b"").decode()
        found = re.search(r"MessageID>(.*?)<", text)
        relates_to = found[1] if found else ""
        known = {
            "discovery.svc": (
                "discover",
                f"{_ENROLLMENT}/IDiscoveryService/DiscoverResponse",
                DISCOVER,
            ),
            "policy.svc": (
                "policies",
                f"{_PKI}/enrollmentpolicy/IPolicy/GetPoliciesResponse",
                POLICIES,
            ),
            "enrollment.svc": (
                "rst",
                f"{_PKI}/enrollment/RSTRC/wstep",
                token_response(_bytes(self.document)),
            ),
        }.get(urlsplit(request.url).path.rpartition("/")[2].lower())
        if known is None:
            return "none", answer(b"", "text/plain", 404)
        leg, action, body = known
        return leg, answer(soap(action, body, relates_to), SOAP_TYPE)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def enrolled(
    script: EnrollmentScript | None = None, *, phone: PhoneSettings | None = None
) -> EnrolledPhone:
    """A phone that has enrolled with this script."""
    return run(
        enroll(
            phone or settings(),
            private_key=load_key("device"),
            random=counted_random("phone"),
            clock=FixedClock(),
        ),
        script or EnrollmentScript(),
    )


def enrolled_with(*changes: tuple[str, str], phone: PhoneSettings | None = None) -> EnrolledPhone:
    """A phone whose provisioning document has these texts replaced."""
    document = provisioning_document()
    for old, new in changes:
        assert old in document, f"{old!r} is not in the document"
        document = document.replace(old, new)
    return enrolled(EnrollmentScript(document=document), phone=phone)


def assert_refusal(error: Refusal, step: str, place: str, reason: str) -> None:
    """That refusal, with place and reason in part."""
    assert (error.step, place in error.place, reason in error.reason) == (step, True, True), (
        f"{error.step} | {error.place} | {error.reason} | {error.evidence}"
    )
