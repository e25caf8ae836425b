"""What tests read out of the answers of the SOAP services, with the stdlib's parser."""

from __future__ import annotations

import base64
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from mdmcore.enrollment.wab import parse_wab_page
from mdmcore.http import Request, Response
from mdmcore.server import MdmServer

DISCOVERY = "/EnrollmentServer/Discovery.svc"
POLICY = "/EnrollmentServer/Policy.svc"
ENROLLMENT = "/EnrollmentServer/Enrollment.svc"


def text(answer: Response, name: str) -> str:
    element = ET.fromstring(answer.body or b"").find(f".//{{*}}{name}")
    assert element is not None, answer.body
    return element.text or ""


def document(answer: Response) -> ET.Element:
    """The provisioning document inside the answer."""
    assert answer.status == 200, answer.body
    return ET.fromstring(base64.b64decode(text(answer, "BinarySecurityToken")))


def parm(doc: ET.Element, name: str) -> str:
    element = doc.find(f".//parm[@name='{name}']")
    assert element is not None, name
    return element.get("value", "")


def client_certificate(doc: ET.Element) -> bytes:
    store = doc.find(".//characteristic[@type='My']/characteristic[@type='User']")
    assert store is not None
    value = store.find(".//parm[@name='EncodedCertificate']")
    assert value is not None
    return base64.b64decode(value.get("value", ""))


def fault(answer: Response) -> tuple[int, str, str]:
    """HTTP status, subcode without prefix, reason."""
    root = ET.fromstring(answer.body or b"")
    value = root.find(".//{*}Subcode/{*}Value")
    reason = root.find(".//{*}Reason/{*}Text")
    assert value is not None
    assert reason is not None
    return answer.status, (value.text or "").rpartition(":")[2], reason.text or ""


def error_type(answer: Response) -> str:
    """ErrorType of the fault's detail, empty without one."""
    detail = "{http://schemas.microsoft.com/windows/pki/2009/01/enrollment}"
    root = ET.fromstring(answer.body or b"")
    path = f".//{{*}}Detail/{detail}DeviceEnrollmentServiceError/{detail}ErrorType"
    return root.findtext(path, "")


def sign_in(server: MdmServer, user: str = "demo@example.test", password: str = "pw") -> str:
    """The token that the sign-in page hands to that user."""
    fields = {"appru": "ms-app://x", "username": user, "password": password}
    url = "https://mdm.example.test/EnrollmentServer/Authenticate"
    page = server.answer(Request(method="POST", url=url, body=urlencode(fields).encode()))
    form = parse_wab_page(page.body or b"")
    assert form is not None
    return form.value("wresult") or ""
