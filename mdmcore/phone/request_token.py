"""RequestSecurityToken: the CSR goes up, the provisioning document comes down (enrollment.md 7).

The same for renewal, which asks for another type. What the document says is applied in
``provisioning`` and ``renewal_document``.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.token import serialize_rst
from mdmcore.http import Request, Response
from mdmcore.namespaces import (
    ACTION_RSTRC,
    ENCODING_BASE64,
    REQUEST_TYPE_ISSUE,
    SECEXT,
    SOAP,
    SOAP_11,
    TOKEN_TYPE_DEVICE,
    TRUST,
    VALUE_TYPE_PKCS10,
    VALUE_TYPE_PROVISION_DOC,
)
from mdmcore.phone.answers import Expected, open_answer, soap_request
from mdmcore.phone.context_items import context_items
from mdmcore.phone.discovery import Endpoint, new_message_id
from mdmcore.phone.exact import Exact, need_uri
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.settings import PhoneSettings, Random
from mdmcore.phone.web import check_url, fetch, redirect_target
from mdmcore.xml import Node

_NO_BLANKS = str.maketrans("", "", " \t\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What is asked for: ``token`` is what base64 is put around once, DER as a rule."""

    token: bytes = field(repr=False)
    security: Node | None = field(repr=False)
    request_type: str = REQUEST_TYPE_ISSUE
    value_type: str = VALUE_TYPE_PKCS10
    step: Step = Step.ENROLLMENT
    accepted_redirect: str | None = None
    """The one URL that a redirect may name."""


def request_token(
    endpoint: Endpoint, settings: PhoneSettings, *, request: TokenRequest, random: Random
) -> Generator[Request, Response, bytes]:
    """Ask for a certificate; the bytes of the provisioning document that comes back."""
    url, step = endpoint.checked(request.step), request.step
    response, message_id = yield from _ask(url, settings, request, random)
    target = redirect_target(response, url)
    if target is not None and target == request.accepted_redirect:
        check_url(target, step=step, place="header Location")
        response, message_id = yield from _ask(target, settings, request, random)
    expected = Expected(
        step=step, action=ACTION_RSTRC, message_id=message_id, envelopes=(SOAP, SOAP_11)
    )
    return _document(open_answer(response, expected, settings))


def _ask(
    url: str, settings: PhoneSettings, request: TokenRequest, random: Random
) -> Generator[Request, Response, tuple[Response, str]]:
    """One request; its answer, and the MessageID that the answer must name."""
    message_id = new_message_id(random)
    body = serialize_rst(
        request.token,
        security=request.security,
        message_id=message_id,
        to=url,
        context=context_items(settings),
        request_type=request.request_type,
        value_type=request.value_type,
    )
    response = yield from fetch(soap_request(url, body, settings), request.step)
    return response, message_id


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
