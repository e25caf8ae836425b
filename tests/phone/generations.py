"""The scripted server for all four generations: their documents, and pages to sign in on.

The documents are the printed and captured ones of each generation, with this test's certificates.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mdmcore.http import Headers, Request, Response
from mdmcore.phone import PhoneSettings
from tests.phone.scripted import (
    DEVICE_CN,
    DEVICE_NONCE,
    DEVICE_SECRET,
    DEVICE_USER,
    DM_URL,
    PROVIDER,
    SERVER_NONCE,
    SERVER_SECRET,
    EnrollmentScript,
    answer,
    b64,
    client_certificate,
    edited,
    provisioning_document,
    settings,
    thumbprint,
)
from tests.support.certificates import build_authority

PC_DEVICE_ID = "1E08C6E95D8BB843B1278FF45BC60CC6"
SIGN_IN_URL = "https://sts.example.test/login"
TOKEN = 'opaque <"token"> & more'

FEDERATED = edited(
    "<AuthPolicy>OnPremise</AuthPolicy>",
    "<AuthPolicy>Federated</AuthPolicy>"
    f"<AuthenticationServiceUrl>{SIGN_IN_URL}</AuthenticationServiceUrl>",
)
"""The answer to Discover that asks for a sign-in."""

POLL = """<characteristic type="Poll">
      <parm name="NumberOfFirstRetries" value="8" datatype="integer"/>
      <parm name="IntervalForFirstSetOfRetries" value="15" datatype="integer"/>
      <parm name="NumberOfSecondRetries" value="5" datatype="integer"/>
      <parm name="IntervalForSecondSetOfRetries" value="60" datatype="integer"/>
      <parm name="NumberOfRemainingScheduledRetries" value="0" datatype="integer"/>
      <parm name="IntervalForRemainingScheduledRetries" value="1440" datatype="integer"/>
    </characteristic>"""
RENEW = """<characteristic type="WSTEP"><characteristic type="Renew">
      <parm name="ROBOSupport" value="true" datatype="boolean"/>
      <parm name="RenewPeriod" value="60" datatype="integer"/>
      <parm name="RetryInterval" value="4" datatype="integer"/>
    </characteristic></characteristic>"""


def phone_of(profile: str, **changes: Any) -> PhoneSettings:
    """A phone or PC of that generation."""
    if profile.startswith("win"):
        changes = {"device_id": PC_DEVICE_ID, **changes}
    return settings(profile=profile, **changes)


def wp81_document() -> str:
    """As on Windows Phone 8.0, with Poll instead of Registry and with My/WSTEP/Renew (9.8)."""
    document = provisioning_document()
    start = document.index('  <characteristic type="Registry">')
    end = document.index('  <characteristic type="DMClient">')
    document = document[:start] + document[end:]
    document = document.replace('<parm name="EntDMID"', f'{POLL}<parm name="EntDMID"')
    return document.replace(
        '</characteristic></characteristic>\n  </characteristic>\n  <characteristic type="APPL',
        f"</characteristic>{RENEW}</characteristic>\n  </characteristic>\n"
        '  <characteristic type="APPL',
    )


def _pc_document(stores: str, application: str, rest: str) -> str:
    root = build_authority().certificate
    return f"""<wap-provisioningdoc version="1.1"><characteristic type="CertificateStore">
  <characteristic type="Root"><characteristic type="System">
    <characteristic type="{thumbprint(root)}"><parm name="EncodedCertificate" value="{b64(root)}"/></characteristic>
  </characteristic></characteristic>{stores}</characteristic>
  <characteristic type="APPLICATION">
    <parm name="APPID" value="w7"/><parm name="PROVIDER-ID" value="{PROVIDER}"/>
    <parm name="ADDR" value="{DM_URL}"/><parm name="ROLE" value="4294967295"/>
    {application}
    <parm name="SSLCLIENTCERTSEARCHCRITERIA" value="Subject=CN%3d{DEVICE_CN}&amp;Stores=MY%5CUser"/>
    <characteristic type="APPAUTH">
      <parm name="AAUTHLEVEL" value="CLIENT"/><parm name="AAUTHTYPE" value="DIGEST"/>
      <parm name="AAUTHSECRET" value="{SERVER_SECRET}"/><parm name="AAUTHDATA" value="{b64(SERVER_NONCE)}"/>
    </characteristic>
    <characteristic type="APPAUTH">
      <parm name="AAUTHLEVEL" value="APPSRV"/><parm name="AAUTHTYPE" value="DIGEST"/>
      <parm name="AAUTHNAME" value="{DEVICE_USER}"/><parm name="AAUTHSECRET" value="{DEVICE_SECRET}"/><parm name="AAUTHDATA" value="{b64(DEVICE_NONCE)}"/>
    </characteristic>
  </characteristic>{rest}</wap-provisioningdoc>"""  # noqa: E501


def _client(inside: str = "", beside: str = "", scope: str = "User") -> str:
    client = client_certificate()
    return (
        f'<characteristic type="My"><characteristic type="{scope}">'
        f'<characteristic type="{thumbprint(client)}">'
        f'<parm name="EncodedCertificate" value="{b64(client)}"/>{inside}</characteristic>'
        f"{beside}</characteristic>{{}}</characteristic>"
    )


def win81_document() -> str:
    """MS-MDE 3.6: the container in the certificate, several Registry branches."""
    container = (
        '<characteristic type="PrivateKeyContainer"><parm name="KeySpec" value="2"/>'
        '<parm name="ContainerName" value="ConfigMgrEnrollment"/>'
        '<parm name="ProviderType" value="1"/></characteristic>'
    )
    registry = r"""
  <characteristic type="Registry"><characteristic type="HKLM\Software\Windows\MDM">
    <parm name="DeviceName" value="" datatype="string"/></characteristic></characteristic>
  <characteristic type="Registry">
    <characteristic type="HKLM\Security\MachineEnrollment">
      <parm name="RenewalPeriod" value="363" datatype="integer"/></characteristic>
    <characteristic type="HKLM\Security\MachineEnrollment\OmaDmRetry">
      <parm name="NumRetries" value="8" datatype="integer"/>
      <parm name="RetryInterval" value="15" datatype="integer"/>
      <parm name="AuxNumRetries" value="5" datatype="integer"/>
      <parm name="AuxRetryInterval" value="3" datatype="integer"/>
      <parm name="Aux2NumRetries" value="0" datatype="integer"/>
      <parm name="Aux2RetryInterval" value="480" datatype="integer"/></characteristic>
  </characteristic>"""
    names = _dm_client('<parm name="EntDMID" value="DEVICE-0001" datatype="string"/>')
    application = '<parm name="CRLCheck" value="0"/><parm name="BACKCOMPATRETRYDISABLED"/>'
    return _pc_document(_client(inside=container).format(""), application, registry + names)


def win10_document(scope: str = "User") -> str:
    """The captured shape, with Poll, Renew and names (MS-MDE2 2.2.9)."""
    stores = _client(beside='<characteristic type="PrivateKeyContainer"/>', scope=scope)
    names = (
        '<parm name="UPN" value="user@example.test" datatype="string"/>'
        '<parm name="EntDeviceName" value="Example PC" datatype="string"/>'
        '<parm name="EntDMID" value="DEVICE-0001" datatype="string"/>'
    )
    application = (
        '<parm name="BACKCOMPATRETRYDISABLED"/>'
        '<parm name="DEFAULTENCODING" value="application/vnd.syncml.dm+xml"/>'
    )
    return _pc_document(stores.format(RENEW), application, _dm_client(names + POLL))


def _dm_client(content: str) -> str:
    return (
        f'<characteristic type="DMClient"><characteristic type="Provider">'
        f'<characteristic type="{PROVIDER}">{content}</characteristic>'
        "</characteristic></characteristic>"
    )


DOCUMENTS: dict[str, Callable[[], str]] = {
    "wp8": provisioning_document,
    "wp81": wp81_document,
    "win81": win81_document,
    "win10": win10_document,
}


def script_for(profile: str, *, federated: bool | None = None, **changes: Any) -> SignInScript:
    """A server for that generation; Windows 8.1 PCs know no other way than Federated."""
    if federated is None:
        federated = profile == "win81"
    edits = {**({"discover": FEDERATED} if federated else {}), **changes.pop("edits", {})}
    return SignInScript(document=DOCUMENTS[profile](), edits=edits, **changes)


def page(body: str, status: int = 200, *fields: tuple[str, str]) -> Response:
    """An HTML page."""
    shown = answer(f"<html><body>{body}</body></html>", "text/html; charset=utf-8", status)
    return Response(status=status, headers=Headers([*shown.headers, *fields]), body=shown.body)


def redirect(location: str, status: int = 302, *fields: tuple[str, str]) -> Response:
    """A redirect."""
    headers = [("Location", location), ("Content-Length", "0"), *fields]
    return Response(status=status, headers=Headers(headers), body=b"")


def end_page(appru: str, token: str = TOKEN) -> Response:
    """The page that hands over the token, as MS-MDE 3.2 prints it."""
    return page(
        f'<form method="post" action="{html.escape(appru)}">'
        f'<input type="hidden" name="wresult" value="{html.escape(token)}"/></form>'
        "<script>document.forms[0].submit()</script>"
    )


LOGIN_FORM = (
    '<form method="post"><input type="hidden" name="ctx" value="c&amp;1">'
    '<input name="UserName"><input type="password" name="Password">'
    '<input type="submit" name="go" value="Sign in"></form>'
)


@dataclass
class SignInScript(EnrollmentScript):
    """Enrolment with a sign-in host. ``pages`` answer by path; without one there is the usual
    form, and the usual end page for the right password."""

    pages: dict[str, Callable[[Request], Response]] = field(default_factory=dict)

    def _answer(self, request: Request) -> tuple[str, Response]:
        if request.host != urlsplit(SIGN_IN_URL).hostname:
            return super()._answer(request)
        known = self.pages.get(request.path)
        if known is not None:
            return "page", known(request)
        if request.method == "GET":
            return "sign-in", page(LOGIN_FORM)
        typed = parse_qs((request.body or b"").decode())
        wanted = {
            "ctx": ["c&1"],
            "UserName": ["user@example.test"],
            "Password": ["pass & word"],
            "go": ["Sign in"],
        }
        if typed != wanted:
            return "end", page(LOGIN_FORM)
        return "end", end_page(parse_qs(request.query)["appru"][0])


def bodies(script: EnrollmentScript) -> dict[str, bytes]:
    """What was posted to each service, by the last part of its path."""
    return {
        request.path.rpartition("/")[2].lower(): request.body or b""
        for request in script.requests
        if request.method == "POST"
    }


def sent_token(message: bytes) -> str:
    """Text of the token in the body of an RST."""
    found = re.search(rb"<wst:RequestSecurityToken.*?BinarySecurityToken[^>]*>([^<]+)<", message)
    assert found is not None
    return found[1].decode()
