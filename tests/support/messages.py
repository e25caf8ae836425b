"""Requests written by hand, as a device sends them; our own serializers take no part in it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from xml.sax.saxutils import escape

MESSAGE_ID = "urn:uuid:748132ec-a575-4329-b01b-6171a9cf8478"
ENTERPRISE = "enterpriseenrollment.example.test"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_PKI = "http://schemas.microsoft.com/windows/pki/2009/01"
_CONFIGMGR = "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment"


def discover(
    email: str = "demo@example.test",
    version: str = "1.0",
    *,
    device_type: str = "WindowsPhone",
    more: str = "",
) -> bytes:
    """A Discover, by default that of a phone; ``more`` is XML behind DeviceType."""
    namespace = "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
    return _soap(
        f"{namespace}/IDiscoveryService/Discover",
        f'<Discover xmlns="{namespace}"><request><EmailAddress>{escape(email)}</EmailAddress>'
        f"<RequestVersion>{version}</RequestVersion>"
        f"<DeviceType>{device_type}</DeviceType>{more}</request></Discover>",
    )


def get_policies(
    user: str = "demo@example.test", password: str = "pw", *, header: str | None = None
) -> bytes:
    """A GetPolicies with UsernameToken, or that Security header."""
    namespace = f"{_PKI}/enrollmentpolicy"
    return _soap(
        f"{namespace}/IPolicy/GetPolicies",
        f'<GetPolicies xmlns="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<client><lastUpdate xsi:nil="true"/><preferredLanguage xsi:nil="true"/></client>'
        '<requestFilter xsi:nil="true"/></GetPolicies>',
        security(user, password) if header is None else header,
    )


PHONE_CONTEXT = (("DeviceType", "WindowsPhone"), ("ApplicationVersion", "8.0.10211.0"))
WINDOWS_10_CONTEXT = (
    ("DeviceType", "CIMClient_Windows"),
    ("ApplicationVersion", "10.0.19043.1110"),
)


def request_security_token(
    csr: bytes,
    user: str = "demo@example.test",
    password: str = "pw",
    *,
    request_type: str = "Issue",
    header: str | None = None,
    context: Iterable[tuple[str, str]] = PHONE_CONTEXT,
) -> bytes:
    """An RST that carries this CSR."""
    return _rst(
        base64.b64encode(csr).decode(),
        f"{_PKI}/enrollment#PKCS10",
        request_type,
        security(user, password) if header is None else header,
        context,
    )


def renewal(
    pkcs7: bytes | str,
    header: str = "",
    *,
    layers: int = 1,
    value_type: str = f"{_WSSE}#PKCS7",
    request_type: str = "Renew",
    context: Iterable[tuple[str, str]] = PHONE_CONTEXT,
) -> bytes:
    """An RST that renews; ``layers`` of base64 around the PKCS#7, a text goes in as it is."""
    data = pkcs7 if isinstance(pkcs7, bytes) else pkcs7.encode()
    for _ in range(layers if isinstance(pkcs7, bytes) else 0):
        data = base64.b64encode(data)
    return _rst(data.decode(), value_type, request_type, header, context)


def timestamp(more: str = "") -> str:
    """A Security header with a Timestamp, as in the vendor's sample of a silent renewal."""
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{_WSSE}"><u:Timestamp xmlns:u="{_WSU}" '
        'u:Id="_0"><u:Created>2011-11-30T00:32:59.420Z</u:Created>'
        f"<u:Expires>2011-11-30T00:37:59.420Z</u:Expires></u:Timestamp>{more}</w:Security>"
    )


def _rst(
    token: str, value_type: str, request_type: str, header: str, context: Iterable[tuple[str, str]]
) -> bytes:
    items = "".join(
        f'<c:ContextItem Name="{name}"><c:Value>{escape(value)}</c:Value></c:ContextItem>'
        for name, value in context
    )
    return _soap(
        f"{_PKI}/enrollment/RST/wstep",
        '<t:RequestSecurityToken xmlns:t="http://docs.oasis-open.org/ws-sx/ws-trust/200512">'
        f"<t:TokenType>{_CONFIGMGR}/DeviceEnrollmentToken</t:TokenType>"
        "<t:RequestType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/"
        f"{request_type}</t:RequestType>"
        f'<w:BinarySecurityToken xmlns:w="{_WSSE}" EncodingType="{_WSSE}#base64binary" '
        f'ValueType="{value_type}">{token}</w:BinarySecurityToken>'
        '<c:AdditionalContext xmlns:c="http://schemas.xmlsoap.org/ws/2006/12/authorization">'
        f"{items}</c:AdditionalContext></t:RequestSecurityToken>",
        header,
    )


def security(user: str, password: str) -> str:
    """The wsse:Security header of an OnPremise enrolment."""
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{_WSSE}">{username_token(user, password)}'
        "</w:Security>"
    )


def user_token(token: str) -> str:
    """The wsse:Security header of a Federated enrolment."""
    text = base64.b64encode(token.encode()).decode()
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{_WSSE}"><w:BinarySecurityToken '
        f'ValueType="{_CONFIGMGR}/DeviceEnrollmentUserToken" '
        f'EncodingType="{_WSSE}#base64binary">{text}</w:BinarySecurityToken></w:Security>'
    )


def username_token(user: str, password: str) -> str:
    """The UsernameToken alone."""
    return (
        f'<w:UsernameToken xmlns:u="{_WSU}" u:Id="uuid-cc1ccc1f-2fba-4bcf-b063-ffc0cac77917-4">'
        f"<w:Username>{escape(user)}</w:Username><w:Password w:Type="
        '"http://docs.oasis-open.org/wss/2004/01/'
        'oasis-200401-wss-username-token-profile-1.0#PasswordText">'
        f"{escape(password)}</w:Password></w:UsernameToken>"
    )


def _soap(action: str, body: str, header: str = "") -> bytes:
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{action}</a:Action>'
        f"<a:MessageID>{MESSAGE_ID}</a:MessageID><a:ReplyTo><a:Address>"
        "http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>"
        f'<a:To s:mustUnderstand="1">https://{ENTERPRISE}/x</a:To>{header}</s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


DEVICE_ID = "urn:uuid:CE9DF168-3B6A-5099-83CB-A49FC6613F9D"


def md5_cred(name: str, secret: str, nonce: bytes) -> str:
    """A Cred element, its digest computed here from the formula of the specification."""
    inner = base64.b64encode(hashlib.md5(f"{name}:{secret}".encode()).digest())
    digest = base64.b64encode(hashlib.md5(inner + b":" + nonce).digest()).decode()
    return _cred("syncml:auth-md5", digest)


def basic_cred(name: str, secret: str) -> str:
    """A Cred element with Basic."""
    return _cred("syncml:auth-basic", base64.b64encode(f"{name}:{secret}".encode()).decode())


def _cred(scheme: str, data: str) -> str:
    return (
        '<Cred><Meta><Format xmlns="syncml:metinf">b64</Format>'
        f'<Type xmlns="syncml:metinf">{scheme}</Type></Meta><Data>{data}</Data></Cred>'
    )


def syncml(
    body: str,
    *,
    cred: str = "",
    msg_id: str = "1",
    session_id: str = "1A",
    device_id: str = DEVICE_ID,
    loc_name: str | None = None,
    is_final: bool = True,
) -> bytes:
    """A device's SyncML message around the given commands."""
    name = "" if loc_name is None else f"<LocName>{escape(loc_name)}</LocName>"
    return (
        '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD>'
        f"<VerProto>DM/1.2</VerProto><SessionID>{session_id}</SessionID><MsgID>{msg_id}</MsgID>"
        "<Target><LocURI>https://mdm.example.test/ManagementServer/MDM.svc</LocURI></Target>"
        f"<Source><LocURI>{device_id}</LocURI>{name}</Source>{cred}</SyncHdr>"
        f"<SyncBody>{body}{'<Final/>' if is_final else ''}</SyncBody></SyncML>"
    ).encode()


PACKAGE_1 = (
    "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Replace><CmdID>3</CmdID>"
    "<Item><Source><LocURI>./DevInfo/DevId</LocURI></Source>"
    f"<Data>{DEVICE_ID}</Data></Item>"
    "<Item><Source><LocURI>./DevInfo/Man</LocURI></Source><Data>NOKIA</Data></Item></Replace>"
)


def unenroll_alert(
    type: str = "com.microsoft:mdm.unenrollment.userrequest", *, namespace: str = "syncml:metinf"
) -> str:
    """The generic alert by which a user leaves."""
    return (
        "<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Meta>"
        f'<Type xmlns="{namespace}">{type}</Type><Format xmlns="{namespace}">int</Format></Meta>'
        "<Data>1</Data></Item></Alert>"
    )


def status(cmd_id: str, msg_ref: str, cmd_ref: str, cmd: str, data: str, chal: str = "") -> str:
    """A Status element."""
    return (
        f"<Status><CmdID>{cmd_id}</CmdID><MsgRef>{msg_ref}</MsgRef><CmdRef>{cmd_ref}</CmdRef>"
        f"<Cmd>{cmd}</Cmd>{chal}<Data>{data}</Data></Status>"
    )


def chal(nonce: bytes) -> str:
    """A Chal element that hands out the next nonce for MD5."""
    text = base64.b64encode(nonce).decode()
    return (
        '<Chal><Meta><Format xmlns="syncml:metinf">b64</Format>'
        '<Type xmlns="syncml:metinf">syncml:auth-md5</Type>'
        f'<NextNonce xmlns="syncml:metinf">{text}</NextNonce></Meta></Chal>'
    )
