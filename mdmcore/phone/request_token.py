"""RequestSecurityToken: the CSR goes up, the provisioning document comes down (enrollment.md 7).

What the document says is applied in ``provisioning``.
"""

from __future__ import annotations

from collections.abc import Generator

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.security import username_token
from mdmcore.enrollment.token import serialize_rst
from mdmcore.http import Request, Response
from mdmcore.namespaces import (
    ACTION_RSTRC,
    ENCODING_BASE64,
    SECEXT,
    SOAP,
    SOAP_11,
    TOKEN_TYPE_DEVICE,
    TRUST,
    VALUE_TYPE_PROVISION_DOC,
)
from mdmcore.phone.answers import Expected, open_answer, soap_request
from mdmcore.phone.discovery import Endpoint, new_message_id
from mdmcore.phone.exact import Exact, need_uri
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.settings import PhoneSettings, Random
from mdmcore.phone.web import fetch

_NO_BLANKS = str.maketrans("", "", " \t\r\n")


def request_token(
    endpoint: Endpoint, settings: PhoneSettings, *, csr: bytes, random: Random
) -> Generator[Request, Response, bytes]:
    """Send the CSR (DER); the bytes of the provisioning document that comes back."""
    url = endpoint.checked(Step.ENROLLMENT)
    message_id = new_message_id(random)
    body = serialize_rst(
        csr,
        security=username_token(settings.username, settings.password),
        message_id=message_id,
        to=url,
        context=(
            ("DeviceType", settings.device.device_type),
            ("ApplicationVersion", settings.os_version),
        ),
    )
    response = yield from fetch(soap_request(url, body, settings), Step.ENROLLMENT)
    expected = Expected(
        step=Step.ENROLLMENT,
        action=ACTION_RSTRC,
        message_id=message_id,
        envelopes=(SOAP, SOAP_11),
    )
    return _document(open_answer(response, expected, settings))


def _document(body: Exact) -> bytes:
    collection = body.need(TRUST, "RequestSecurityTokenResponseCollection")
    responses = list(collection.all(TRUST, "RequestSecurityTokenResponse"))
    if len(responses) > 1:
        raise collection.refuse("more than one RequestSecurityTokenResponse", str(len(responses)))
    response = collection.need(TRUST, "RequestSecurityTokenResponse")
    requested = response.need(TRUST, "RequestedSecurityToken")
    token_type = response.find(TRUST, "TokenType") or requested.find(TRUST, "TokenType")
    if token_type is not None:
        need_uri(token_type, TOKEN_TYPE_DEVICE)
    token = requested.need(SECEXT, "BinarySecurityToken")
    _need_attribute(token, "ValueType", VALUE_TYPE_PROVISION_DOC)
    _need_attribute(token, "EncodingType", ENCODING_BASE64)
    return _decoded(token)


def _need_attribute(token: Exact, name: str, expected: str) -> None:
    value = token.attribute(name, SECEXT)
    if value == expected:
        return
    near = " but for blanks around it" if value is not None and value.strip() == expected else ""
    raise Refusal(
        f"{name} is not {expected!r}{near}",
        step=token.step,
        place=f"{token.place}/@{name}",
        evidence=value or "(none)",
    )


def _decoded(token: Exact) -> bytes:
    text = token.raw_text.translate(_NO_BLANKS)
    data = decode_base64(text)
    if data is None:
        raise token.refuse("the token is not base64", text[:60])
    if not data:
        raise token.refuse("the token is empty")
    if not data.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"<"):
        raise token.refuse(
            "the token holds no XML document; a certificate must be wrapped in one",
            data[:16].hex(" "),
        )
    return data
