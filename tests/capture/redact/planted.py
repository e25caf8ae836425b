"""A session with a distinctive secret of every kind in every place where one may stand."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mdmcore.base64_text import encode_base64
from mdmcore.connection import Connection, HandshakeEnd
from mdmcore.http import (
    Exchange,
    Headers,
    Notes,
    Request,
    Response,
    TlsFacts,
    connection_exchange,
)
from mdmcore.namespaces import SOAP_CONTENT_TYPE, SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.pki.asn1.name import UTF8_STRING
from mdmcore.pki.certificate_builder import CertificateForm, encode_name, sign_certificate
from mdmcore.pki.request import build_phone_csr
from mdmcore.syncml.credentials import basic, digest
from mdmcore.syncml.hmac_header import mac
from mdmcore.syncml.wbxml import element_document, encode_document
from mdmcore.xml import parse_strict
from tests.support.keys import load_key, spki

DOMAIN = "plantedcorp.example"
HOST = f"mdm.{DOMAIN}"
USER = "plantedanna"
EMAIL = f"{USER}@{DOMAIN}"
PASSWORD = "Pl4nt&d<Pass>w0rd"
SECRET = "planted-device-secret-77"
SERVER_SECRET = "planted+server/secret=88"
NONCE = b"plantednonce\x00\xff\xfe!"
DEVICE = "5EC4E7AA-1B2C-4D3E-8F90-9ABCDEF01234"
ACCOUNT = "plantedaccount42"
IMEI = "490154203237518"
IMSI = "262019876543210"
SERIAL = "PLNTSER12345XY"
MAC_ADDRESS = "A4:5E:60:C1:D2:E3"
PHONE = "+4915112345678"
PIN = "864209753"
NETWORK = "PlantedNet24"
NETWORK_KEY = "planted-psk-0815-ü"
VPN_SECRET = "planted-vpn-shared-key"
PERSON = "Plantine Plantfeld"
COMPANY = "Plantfeld Maschinen"
PEER = "84.23.11.97"
INSIDE = "10.77.13.42"
BEARER = "plantedBearerToken0123456789abcdef"
COOKIE = "plantedcookievalue0987654321"
SIGNATURE = "plantedSasSignature%2Babc"
SCEP = "PLANTEDCHALLENGE4711"
OTHER_PERSON = f"otherperson@{DOMAIN}"
PRODUCT = "MDMProxy"

SECRETS = (
    DOMAIN,
    USER,
    PASSWORD,
    SECRET,
    SERVER_SECRET,
    DEVICE,
    ACCOUNT,
    IMEI,
    IMSI,
    SERIAL,
    MAC_ADDRESS,
    PHONE,
    PIN,
    NETWORK,
    NETWORK_KEY,
    VPN_SECRET,
    PERSON,
    COMPANY,
    PEER,
    INSIDE,
    BEARER,
    COOKIE,
    "plantedSasSignature",
    SCEP,
    "otherperson",
    base64.b64encode(NONCE).decode(),
    "PLANTEDDOM",
)
"""What must not be found in any output, in any coding."""

_START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def jwt() -> str:
    """A token whose claims name a person."""
    claims = {"upn": EMAIL, "name": PERSON, "ipaddr": PEER, "deviceid": DEVICE, "ver": "1.0"}
    parts = [json.dumps({"alg": "RS256", "typ": "JWT"}), json.dumps(claims)]
    packed = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return ".".join((*packed, "plantedJwtSignature00112233445566778899"))


def private_key() -> str:
    """A private key in PEM."""
    return (
        load_key("short")
        .private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        .decode()
    )


def certificate() -> bytes:
    """The certificate of a person."""
    name = encode_name(
        (
            ("2.5.4.10", COMPANY.encode()),
            ("2.5.4.3", PERSON.encode()),
            ("1.2.840.113549.1.9.1", EMAIL.encode()),
        ),
        UTF8_STRING,
    )
    form = CertificateForm(
        serial=0x50AA4711DEADBEEF42,
        issuer=name,
        subject=name,
        spki=spki("device"),
        not_before=_START - timedelta(days=1),
        not_after=_START + timedelta(days=300),
        extensions=(),
    )
    return sign_certificate(form, load_key("device"))


def provisioning() -> str:
    """A provisioning document with secrets."""
    return f"""<wap-provisioningdoc version="1.1"><characteristic type="CertificateStore">
<characteristic type="My"><characteristic type="User"><characteristic type="AA">
<parm name="EncodedCertificate" value="{encode_base64(certificate())}"/></characteristic>
</characteristic></characteristic></characteristic>
<characteristic type="APPLICATION"><parm name="APPID" value="w7"/>
<parm name="PROVIDER-ID" value="{PRODUCT}"/><parm name="ADDR" value="https://{HOST}/mdm?mode=a"/>
<characteristic type="APPAUTH"><parm name="AAUTHLEVEL" value="CLIENT"/>
<parm name="AAUTHTYPE" value="DIGEST"/><parm name="AAUTHSECRET" value="{SERVER_SECRET}"/>
<parm name="AAUTHDATA" value="{base64.b64encode(NONCE).decode()}"/></characteristic>
<characteristic type="APPAUTH"><parm name="AAUTHLEVEL" value="APPSRV"/>
<parm name="AAUTHTYPE" value="DIGEST"/><parm name="AAUTHNAME" value="{ACCOUNT}"/>
<parm name="AAUTHSECRET" value="{SECRET}"/>
<parm name="AAUTHDATA" value="{base64.b64encode(NONCE).decode()}"/></characteristic>
</characteristic><characteristic type="DMClient"><characteristic type="Provider">
<characteristic type="{PRODUCT}"><parm name="UPN" value="{EMAIL}"/>
<parm name="EntDMID" value="{DEVICE}"/>
<parm name="EntDeviceName" value="{EMAIL}_WindowsPhone"/></characteristic></characteristic>
</characteristic></wap-provisioningdoc>"""


def _soap(body: str, header: str = "") -> bytes:
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
        "<a:Action>http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RST/wstep</a:Action>"
        f"{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _security() -> str:
    token = encode_base64(jwt().encode())
    return (
        '<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/'
        'oasis-200401-wss-wssecurity-secext-1.0.xsd">'
        f"<o:UsernameToken><o:Username>PLANTEDDOM\\{USER}</o:Username>"
        f"<o:Password>{_escaped(PASSWORD)}</o:Password></o:UsernameToken>"
        f'<o:BinarySecurityToken ValueType="urn:ietf:params:oauth:token-type:jwt">{token}'
        "</o:BinarySecurityToken></o:Security>"
    )


def _context() -> str:
    items = {
        "IMEI": IMEI,
        "MAC": MAC_ADDRESS,
        "DeviceName": f"{PERSON} Phone",
        "DeviceID": DEVICE,
        "HWDevID": "3A" * 4 + "BC0DEF1122334455",
        "DeviceType": "WindowsPhone",
    }
    return "".join(
        f'<ac:ContextItem Name="{name}"><ac:Value>{value}</ac:Value></ac:ContextItem>'
        for name, value in items.items()
    )


def enrollment_request() -> bytes:
    """A RequestSecurityToken."""
    csr = encode_base64(build_phone_csr(load_key("device"), common_name=PERSON))
    return _soap(
        f"<RequestSecurityToken><BinarySecurityToken>{csr}</BinarySecurityToken>"
        f'<ac:AdditionalContext xmlns:ac="http://schemas.xmlsoap.org/ws/2006/12/authorization">'
        f"{_context()}</ac:AdditionalContext></RequestSecurityToken><!-- for {OTHER_PERSON} -->",
        _security(),
    )


def wlan_profile() -> str:
    """A Wi-Fi profile."""
    return (
        f"<WLANProfile><name>{NETWORK}</name><SSIDConfig><SSID><hex>{NETWORK.encode().hex()}</hex>"
        f"<name>{NETWORK}</name></SSID></SSIDConfig><sharedKey><keyType>passPhrase</keyType>"
        f"<keyMaterial>{NETWORK_KEY}</keyMaterial></sharedKey></WLANProfile>"
    )


def _items() -> Iterator[tuple[str, str]]:
    yield f"./Vendor/MSFT/WiFi/Profile/{NETWORK}/WlanXml", wlan_profile()
    yield "./Vendor/MSFT/VPNv2/work/SharedSecret", VPN_SECRET
    yield "./DevDetail/Ext/Microsoft/MobileID", IMEI
    yield "./DevDetail/Ext/Microsoft/IMSI", IMSI
    yield "./Vendor/MSFT/DeviceInstanceService/PhoneNumber", PHONE
    yield "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber", SERIAL
    yield "./DevDetail/Ext/WLANMACAddress", MAC_ADDRESS.replace(":", "")
    yield "./Vendor/MSFT/RemoteLock/NewPINValue", PIN
    yield "./DevInfo/DevId", DEVICE
    yield "./Vendor/MSFT/SCEP/one/Install/Challenge", SCEP
    yield "./Vendor/MSFT/EMAIL2/x/EMAILADDRESS", OTHER_PERSON
    yield "./DevDetail/Ext/Microsoft/Free", f"seen at {INSIDE} by {EMAIL}, serial {SERIAL}"
    yield "./Vendor/MSFT/Store/Certificate", encode_base64(certificate())


def syncml(cred: str) -> bytes:
    """A message of the device with that Cred."""
    items = "".join(
        f"<Item><Source><LocURI>{uri}</LocURI></Source><Data>{_escaped(data)}</Data></Item>"
        for uri, data in _items()
    )
    nonce = base64.b64encode(NONCE).decode()
    return (
        f'<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>'
        f"<SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>https://{HOST}/mdm</LocURI>"
        f"</Target><Source><LocURI>{DEVICE}</LocURI><LocName>{ACCOUNT}</LocName></Source>{cred}"
        "</SyncHdr><SyncBody><Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef>"
        '<Cmd>SyncHdr</Cmd><Chal><Meta><Format xmlns="syncml:metinf">b64</Format>'
        '<Type xmlns="syncml:metinf">syncml:auth-md5</Type>'
        f'<NextNonce xmlns="syncml:metinf">{nonce}</NextNonce></Meta></Chal><Data>200</Data>'
        f"</Status><Results><CmdID>2</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef>{items}</Results>"
        "<Final/></SyncBody></SyncML>"
    ).encode()


def cred(scheme: str, data: str) -> str:
    """A Cred of that scheme."""
    return (
        '<Cred><Meta><Format xmlns="syncml:metinf">b64</Format>'
        f'<Type xmlns="syncml:metinf">syncml:auth-{scheme}</Type></Meta><Data>{data}</Data></Cred>'
    )


def wbxml(text: bytes) -> bytes:
    """The message as WBXML."""
    return encode_document(element_document(parse_strict(text)))


def _pairs() -> Iterator[tuple[Request, Response | None]]:
    url = f"https://{HOST}"
    soap = {"Content-Type": SOAP_CONTENT_TYPE}
    document = encode_base64(provisioning().encode())
    yield (
        Request(
            method="POST",
            url=f"{url}/EnrollmentServer/Enrollment.svc",
            headers=Headers([*soap.items(), ("Host", HOST)]),
            body=enrollment_request(),
        ),
        Response(
            status=200,
            headers=Headers(soap.items()),
            body=_soap(f"<BinarySecurityToken>{document}</BinarySecurityToken>"),
        ),
    )
    right = syncml(cred("md5", digest(ACCOUNT, SECRET, NONCE)))
    plain = syncml(cred("basic", basic(ACCOUNT, SECRET)))
    for body, media in ((right, SYNCML_XML_MEDIA_TYPE), (plain, SYNCML_XML_MEDIA_TYPE)):
        yield _posted(f"{url}/mdm?mode=a&acid={DEVICE}", body, media)
    for body in (right, plain):
        yield _posted(f"{url}/mdm", wbxml(body), SYNCML_WBXML_MEDIA_TYPE)
    proof = f'algorithm=MD5, username="{ACCOUNT}", mac={mac(ACCOUNT, SECRET, NONCE, plain)}'
    yield _posted(f"{url}/mdm", plain, SYNCML_XML_MEDIA_TYPE, ("x-syncml-hmac", proof))
    form = f"wresult={BEARER}&username={USER}%40{DOMAIN}&passwd={PASSWORD.replace('&', '%26')}"
    yield (
        Request(
            method="POST",
            url=f"{url}/sign-in?login_hint={USER}%40{DOMAIN}&appru=ms-app%3A%2F%2Fx&code={BEARER}",
            headers=Headers(
                [
                    ("Content-Type", "application/x-www-form-urlencoded"),
                    ("Cookie", f"session={COOKIE}; theme=dark"),
                    ("Authorization", f"Bearer {jwt()}"),
                    ("X-Forwarded-For", f"{PEER}, {INSIDE}"),
                    ("X-Ms-Token", BEARER),
                ]
            ),
            body=form.encode(),
        ),
        Response(
            status=200,
            headers=Headers(
                [
                    ("Content-Type", "text/html"),
                    ("Set-Cookie", f"id={COOKIE}; Domain={DOMAIN}; Secure"),
                    ("Location", f"https://{USER}:{BEARER}@{HOST}/x?sig={SIGNATURE}"),
                ]
            ),
            body=f'<html><form action="ms-app://x"><input type="hidden" name="wresult" '
            f'value="{BEARER}"><p>Hello {PERSON}, {EMAIL}</p></form></html>'.encode(),
        ),
    )
    basic_header = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    answer = {"access_token": BEARER, "mail": EMAIL, "device": {"imei": IMEI, "name": "x"}}
    yield (
        Request(
            method="GET",
            url=f"{url}/hub/company.xap?sig={SIGNATURE}&user={USER}",
            headers=Headers([("Authorization", f"Basic {basic_header}")]),
        ),
        Response(
            status=200,
            headers=Headers([("Content-Type", "application/json")]),
            body=json.dumps(answer).encode(),
        ),
    )
    yield (
        Request(method="GET", url=f"{url}/key.pem"),
        Response(
            status=200,
            headers=Headers([("Content-Type", "text/plain")]),
            body=f"{private_key()}\nkey of {PERSON} at {INSIDE}".encode(),
        ),
    )
    yield Request(method="GET", url=f"{url}/nothing"), None


def _posted(
    url: str, body: bytes, media_type: str, *more: tuple[str, str]
) -> tuple[Request, Response]:
    headers = [("Content-Type", media_type), ("Content-Length", str(len(body))), *more]
    return (
        Request(method="POST", url=url, headers=Headers(headers), body=body),
        Response(status=200, headers=Headers([("Content-Type", media_type)]), body=b""),
    )


def exchanges() -> list[Exchange]:
    """The session."""
    tls = TlsFacts(
        version="TLSv1.2",
        sni=HOST,
        client_certificates=(certificate(),),
        server_certificates=(certificate(),),
    )
    notes = Notes(
        comment=f"{PERSON} called from {PHONE}; phone {IMEI}, server {PEER}, ask {OTHER_PERSON}",
        data={"summary": f"enrolled as {EMAIL}", "findings": [{"evidence": SECRET}]},
    )
    found = []
    for number, (request, response) in enumerate(_pairs(), 1):
        found.append(
            Exchange(
                id=f"planted:{number}",
                index=number,
                capture="planted",
                request=request,
                response=response,
                started=_START + timedelta(minutes=number),
                peer=PEER,
                tls=tls,
                error=None if response else f"connect to {HOST} ({INSIDE}:443) failed",
                remarks=(f"[info] user {EMAIL} from {PEER}",),
                notes=notes,
            )
        )
    connection = Connection(
        host=HOST,
        sni=HOST,
        peer=PEER,
        opened=_START,
        end=HandshakeEnd.FAILED,
        detail=f"no route to {INSIDE}",
        accepted=(f"CN={PERSON},O={COMPANY}",),
    )
    index = len(found) + 1
    found.append(
        connection_exchange(
            connection, id=f"planted:{index}", index=index, capture="planted", tls=tls
        )
    )
    return found
