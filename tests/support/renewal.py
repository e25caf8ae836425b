"""Renewals for tests of rules and inspector: right in every part, unless a test deviates.

The device of a story holds the key ``device`` and renews for ``device2``.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re

from mdmcore.enrollment.security import username_token
from mdmcore.enrollment.token import serialize_rst, serialize_rstrc
from mdmcore.inspector import Inspection
from mdmcore.namespaces import REQUEST_TYPE_RENEW, VALUE_TYPES_PKCS7
from mdmcore.pki.renewal import build_renewal_request
from tests.support.certification_requests import build_request
from tests.support.keys import load_key
from tests.support.story import (
    CERT_CN,
    EMAIL,
    ENROLLMENT_URL,
    MESSAGE_ID,
    NOW,
    PROVIDER,
    Story,
    certificate,
)

_SECURITY = re.compile(rb"<wsse:Security.*?</wsse:Security>", re.S)


@functools.cache
def renewal_csr() -> bytes:
    """The CSR of the new key."""
    return build_request(key="device2")


@functools.cache
def renewed_certificate(common_name: bytes = CERT_CN.encode()) -> bytes:
    """The certificate for the new key."""
    return certificate(common_name, key="device2")


def renewal_pkcs7(*, signer: bytes | None = None, key: str = "device") -> bytes:
    """The PKCS#7 (DER) around the new CSR, by the holder of ``signer`` with that key."""
    holder = signer or certificate()
    return build_renewal_request(renewal_csr(), certificate=holder, private_key=load_key(key))


def renew_message(
    pkcs7: bytes | None = None,
    *,
    layers: int = 1,
    value_type: str = VALUE_TYPES_PKCS7[0],
    has_user: bool = False,
) -> bytes:
    """A Renew; ``layers`` of base64 around the PKCS#7, a Security header only with a user."""
    token = pkcs7 or renewal_pkcs7()
    for _ in range(layers - 1):
        token = base64.b64encode(token)
    body = serialize_rst(
        token,
        security=username_token(EMAIL, "secret-password"),
        message_id=MESSAGE_ID,
        to=ENROLLMENT_URL,
        context=(("DeviceType", "WindowsPhone"), ("ApplicationVersion", "8.10.14219.0")),
        request_type=REQUEST_TYPE_RENEW,
        value_type=value_type,
    )
    return body if has_user else _SECURITY.sub(b"", body)


def renewed_document(client: bytes | None = None, *, more: str = "") -> bytes:
    """The document of a renewal: the new certificate and PROVIDER-ID; ``more`` in APPLICATION."""
    der = client or renewed_certificate()
    digest = hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()
    return (
        '<wap-provisioningdoc version="1.1"><characteristic type="CertificateStore">'
        '<characteristic type="My"><characteristic type="User">'
        f'<characteristic type="{digest}"><parm name="EncodedCertificate" '
        f'value="{base64.b64encode(der).decode()}"/></characteristic>'
        '<characteristic type="PrivateKeyContainer"/></characteristic></characteristic>'
        '</characteristic><characteristic type="APPLICATION"><parm name="APPID" value="w7"/>'
        f'<parm name="PROVIDER-ID" value="{PROVIDER}"/>{more}</characteristic>'
        "</wap-provisioningdoc>"
    ).encode()


def renew(
    story: Story,
    message: bytes | None = None,
    *,
    response: bytes | None = None,
    wap: bytes | None = None,
    status: int = 200,
) -> Inspection:
    """A renewal and its answer, by default a certificate."""
    answered = serialize_rstrc(
        wap or renewed_document(), relates_to=MESSAGE_ID, created=NOW, expires=NOW
    )
    body = answered if response is None else response
    return story.post(ENROLLMENT_URL, message or renew_message(), body, status=status)
