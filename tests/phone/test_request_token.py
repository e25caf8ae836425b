"""RequestSecurityToken: the request as sent, and the answers that hold no usable document."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ElementTree

import pytest

from mdmcore.enrollment.security import username_token
from mdmcore.phone import Refusal, run
from mdmcore.phone.discovery import Endpoint
from mdmcore.phone.request_token import TokenRequest, request_token
from tests.phone.scripted import (
    Edit,
    EnrollmentScript,
    assert_refusal,
    client_certificate,
    edited,
    provisioning_document,
    settings,
    with_header,
)
from tests.support.server import counted_random

ENDPOINT = Endpoint(url="https://mdm.example.test/EnrollmentServer/Enrollment.svc", place="x")
CSR = b"0\x03the request"
REQUEST = TokenRequest(token=CSR, security=username_token("user@example.test", "pass & word"))
WST = "{http://docs.oasis-open.org/ws-sx/ws-trust/200512}"
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
AC = "{http://schemas.xmlsoap.org/ws/2006/12/authorization}"


def document(edit: Edit | None = None, content: str | bytes | None = None) -> bytes:
    script = EnrollmentScript(edits={} if edit is None else {"rst": edit})
    if content is not None:
        script.document = content
    return run(
        request_token(ENDPOINT, settings(), request=REQUEST, random=counted_random()), script
    )


def test_the_request_carries_csr_credentials_and_context() -> None:
    script = EnrollmentScript()
    run(request_token(ENDPOINT, settings(), request=REQUEST, random=counted_random()), script)
    root = ElementTree.fromstring(script.requests[0].body or b"")
    assert root.findtext(f".//{WSSE}Username") == "user@example.test"
    body = root.find(f".//{WST}RequestSecurityToken")
    assert body is not None
    token = body.find(f"{WSSE}BinarySecurityToken")
    assert token is not None
    assert base64.b64decode(token.text or "") == CSR
    assert (token.get("ValueType") or "").endswith("2009/01/enrollment#PKCS10")
    items = body.findall(f"{AC}AdditionalContext/{AC}ContextItem")
    assert [(item.get("Name"), item.findtext(f"{AC}Value")) for item in items] == [
        ("DeviceType", "WindowsPhone"),
        ("ApplicationVersion", "8.0.10501.127"),
    ]


def test_the_document_comes_back_unchanged() -> None:
    assert document() == provisioning_document().encode()


def test_a_soap_11_envelope_and_line_breaks_in_the_token_are_taken() -> None:
    soap12, soap11 = (
        "http://www.w3.org/2003/05/soap-envelope",
        "http://schemas.xmlsoap.org/soap/envelope/",
    )
    assert document(edited(soap12, soap11))
    assert document(edited('base64binary">PHdh', 'base64binary">\n  PHdh\n'))


_DOC = "ConfigurationManager/Enrollment/DeviceEnrollmentProvisionDoc"
_TYPE = "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/DeviceEnrollmentToken"


@pytest.mark.parametrize(
    ("edit", "place", "reason"),
    [
        (edited(f"5.0.0.0/{_DOC}", _DOC), "@ValueType", "is not"),
        (edited(_DOC, f"{_DOC} "), "@ValueType", "but for blanks"),
        (edited("#base64binary", "#base64Binary"), "@EncodingType", "is not"),
        (edited(_TYPE, f"{_TYPE} "), "TokenType", "but for blanks"),
        (edited(">PHdh", ">*PHdh"), "BinarySecurityToken", "not base64"),
        (edited("RSTRC/wstep", "RST/wstep"), "Action", "is not"),
        (
            edited(
                "</RequestSecurityTokenResponse>",
                "</RequestSecurityTokenResponse><RequestSecurityTokenResponse/>",
            ),
            "Collection",
            "more than one",
        ),
        (
            edited("RequestedSecurityToken>", "RequestedToken>", count=2),
            "RequestedSecurityToken",
            "no element",
        ),
        (edited('secext-1.0.xsd" ', 'secext-1.0.xsd " '), "line 1", "not recognised"),
        (with_header("Transfer-Encoding", "chunked"), "Transfer-Encoding", "chunked"),
    ],
)
def test_what_the_phone_refuses(edit: Edit, place: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        document(edit)
    assert_refusal(caught.value, "enrollment", place, reason)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(client_certificate(), "wrapped in one"), (b"", "empty")],
    ids=["certificate", "nothing"],
)
def test_a_token_that_holds_no_document(content: bytes, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        document(content=content)
    assert_refusal(caught.value, "enrollment", "BinarySecurityToken", reason)
