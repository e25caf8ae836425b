"""Good loose files of each kind, for tests that state only what they change."""

from __future__ import annotations

import base64
import functools
import json

from mdmcore.enrollment.aetx import serialize_aetx
from mdmcore.enrollment.fault import serialize_fault
from mdmcore.enrollment.security import username_token
from mdmcore.enrollment.token import serialize_rst, serialize_rstrc
from mdmcore.namespaces import REQUEST_TYPE_RENEW, VALUE_TYPES_PKCS7
from mdmcore.pki.renewal import build_renewal_request
from mdmcore.syncml.xml import serialize_syncml
from tests.enrollment.samples import messages as all_messages
from tests.support.keys import load_key
from tests.support.story import (
    EMAIL,
    ENROLLMENT_URL,
    MESSAGE_ID,
    NOW,
    answer,
    certificate,
    document,
    package1,
    phone_csr,
)

AET = (
    b'<AET><EnterpriseId Value="4000000001"/>'
    b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><KeyInfo><X509Data>'
    b"<X509Certificate>%s</X509Certificate></X509Data></KeyInfo></Signature></AET>"
)


@functools.cache
def renewal_token() -> bytes:
    """The PKCS#7 (DER) of a renewal."""
    return build_renewal_request(
        phone_csr(), certificate=certificate(), private_key=load_key("device")
    )


def rst(token: bytes | None = None) -> bytes:
    """A request for a certificate."""
    return serialize_rst(
        phone_csr() if token is None else token,
        security=username_token(EMAIL, "secret-password"),
        message_id=MESSAGE_ID,
        to=ENROLLMENT_URL,
        context=(("DeviceType", "WindowsPhone"), ("ApplicationVersion", "8.0.10501.127")),
    )


def renewal_rst() -> bytes:
    """The request of a renewal."""
    return serialize_rst(
        renewal_token(),
        security=username_token(EMAIL, ""),
        message_id=MESSAGE_ID,
        to=ENROLLMENT_URL,
        request_type=REQUEST_TYPE_RENEW,
        value_type=VALUE_TYPES_PKCS7[0],
    )


def rstrc(wap: bytes | None = None) -> bytes:
    """The answer with that provisioning document."""
    return serialize_rstrc(
        document() if wap is None else wap, relates_to=MESSAGE_ID, created=NOW, expires=NOW
    )


def aet() -> bytes:
    """An AET document with a certificate in its signature."""
    return AET % base64.b64encode(certificate())


def aetx() -> bytes:
    """The .aetx file around it."""
    return serialize_aetx("4000000001", aet())


def jwt(**claims: object) -> bytes:
    """A signed-looking JWT with those claims."""
    header = {"typ": "JWT", "alg": "RS256", "kid": "key-1"}
    segments = [_segment(json.dumps(part).encode()) for part in (header, claims)]
    return b".".join([*segments, _segment(b"signature bytes")])


def _segment(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def all_artifacts() -> dict[str, tuple[str, bytes]]:
    """``(kind, bytes)`` by a name: each kind that is read, plain and without a mistake."""
    messages = all_messages()
    return {
        "discover": ("discover", messages["discover"]),
        "discover response": ("discover-response", messages["discover response"]),
        "policies": ("getpolicies", messages["policies"]),
        "policies response": ("getpolicies-response", messages["policies response"]),
        "rst": ("rst", rst()),
        "renew": ("renew", renewal_rst()),
        "rstrc": ("rstrc", rstrc()),
        "fault": ("fault", serialize_fault("Authentication", "wrong password", MESSAGE_ID)),
        "provisioning": ("provisioning", document()),
        "aetx": ("aetx", aetx()),
        "aet": ("aet", aet()),
        "syncml device": ("syncml", serialize_syncml(package1())),
        "syncml server": ("syncml", serialize_syncml(answer("2", "212"))),
        "csr": ("csr", phone_csr()),
        "certificate": ("certificate", certificate()),
        "pkcs7": ("pkcs7", renewal_token()),
        "jwt": ("user-token", jwt(upn="anna@example.test", iss="https://sts.example.test/")),
        "page": (
            "sign-in-page",
            b'<html><form action="ms-app://x"><input name="wresult" value="t"/></form></html>',
        ),
    }
