"""RequestSecurityToken and its ResponseCollection: the CSR up, the provisioning document down.

MS-MDE 3.4.4, MS-WSTEP 3.1.4, enrollment.md section 7. The tokens stay bytes: the CSR is read by
``mdmcore.pki``, the document by ``provisioning``. Renewal's PKCS#7 is carried as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.enrollment.security import security_header, timestamp
from mdmcore.enrollment.soap import (
    Message,
    as_envelope,
    attribute,
    envelope,
    expect_body,
)
from mdmcore.errors import DeviceFault, ProtocolError, ServerFault
from mdmcore.namespaces import (
    ACTION_RST,
    ACTION_RSTRC,
    AUTHORIZATION,
    ENCODING_BASE64,
    ENROLLMENT,
    REQUEST_TYPE_ISSUE,
    SECEXT,
    TOKEN_TYPE_DEVICE,
    TRUST,
    VALUE_TYPE_PKCS10,
    VALUE_TYPE_PROVISION_DOC,
)
from mdmcore.xml import Element, Node, child, children, path_of, qname, text_of

_CSR_VALUE_TYPES = ("#PKCS10", "#PKCS7")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSecurityToken:
    """A request for a certificate.

    ``token`` is the decoded BinarySecurityToken (DER PKCS#10; PKCS#7 at renewal), ``token_text``
    its base64 as sent. ``context`` has all ContextItems in order, names may repeat (``MAC``).
    """

    token_type: str
    request_type: str
    value_type: str
    encoding_type: str
    token: bytes = field(repr=False)
    token_text: str = field(repr=False, default="")
    context: tuple[tuple[str, str], ...] = ()
    path: str = ""

    def context_value(self, name: str) -> str | None:
        """The first ContextItem of that name, ``None`` when there is none."""
        return next((value for key, value in self.context if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RstrCollection:
    """The answer. ``count`` is the number of responses in it, the rest is the first one's.

    ``document`` is the decoded token, by protocol a wap-provisioningdoc; empty where a lenient
    parse met a token that is no base64. ``token_text`` is the base64 as sent, blanks included.
    """

    count: int
    token_type: str
    value_type: str
    encoding_type: str
    document: bytes = field(repr=False)
    token_text: str = field(repr=False)
    path: str = ""


def parse_rst(source: Message, *, strict: bool = True) -> RequestSecurityToken:
    """The request. The CSR is the token in the body, never the user's token in the header.

    Raises XmlError, or DeviceFault when there is no token or it is no base64 (``strict=False``
    gives an empty ``token`` then).
    """
    message = as_envelope(source, strict=strict)
    body = expect_body(message, "RequestSecurityToken", TRUST)
    token = _body_token(body)
    if token is None and strict:
        raise DeviceFault("RequestSecurityToken has no BinarySecurityToken", place=path_of(body))
    return RequestSecurityToken(
        token_type=text_of(child(body, "TokenType")),
        request_type=text_of(child(body, "RequestType")),
        value_type="" if token is None else attribute(token, "ValueType").strip(),
        encoding_type="" if token is None else attribute(token, "EncodingType").strip(),
        token=_decoded(token, strict=strict, fault=DeviceFault),
        token_text=_raw(token),
        context=_context(body),
        path="" if token is None else path_of(token),
    )


def serialize_rst(
    csr: bytes,
    *,
    security: Node | None,
    message_id: str,
    to: str,
    context: Iterable[tuple[str, str]] = (),
    request_type: str = REQUEST_TYPE_ISSUE,
    value_type: str = VALUE_TYPE_PKCS10,
) -> bytes:
    """A request. ``security`` is its header (``username_token``, ``user_token``), ``None`` where
    TLS proves the device; ``csr`` is DER, ``context`` in the order given.
    """
    items = tuple(
        Node(
            qname(AUTHORIZATION, "ContextItem"),
            attributes={"Name": name},
            children=(Node(qname(AUTHORIZATION, "Value"), value),),
        )
        for name, value in context
    )
    body = Node(
        qname(TRUST, "RequestSecurityToken"),
        children=(
            Node(qname(TRUST, "TokenType"), TOKEN_TYPE_DEVICE),
            Node(qname(TRUST, "RequestType"), request_type),
            _token_node(csr, value_type, prefix="wsse"),
            Node(
                qname(AUTHORIZATION, "AdditionalContext"),
                children=items,
                nsmap={"ac": AUTHORIZATION},
            ),
        ),
        nsmap={"wst": TRUST},
    )
    return envelope(ACTION_RST, body, message_id=message_id, to=to, security=security)


def parse_rstrc(source: Message, *, strict: bool = True) -> RstrCollection:
    """The answer; a TokenType inside RequestedSecurityToken (MS-MDE's text) is found, too.

    Raises XmlError, or ServerFault when there is no response, no token, or one that is no base64
    (``strict=False`` leaves those fields empty).
    """
    message = as_envelope(source, strict=strict, fault=ServerFault)
    body = expect_body(message, "RequestSecurityTokenResponseCollection", TRUST, fault=ServerFault)
    responses = list(children(body, "RequestSecurityTokenResponse"))
    response = responses[0] if responses else None
    requested = child(response, "RequestedSecurityToken")
    token = child(requested, "BinarySecurityToken")
    if token is None and strict:
        raise ServerFault("the answer has no BinarySecurityToken", place=path_of(body))
    token_type = child(response, "TokenType")
    if token_type is None:
        token_type = child(requested, "TokenType")
    return RstrCollection(
        count=len(responses),
        token_type=text_of(token_type),
        value_type="" if token is None else attribute(token, "ValueType").strip(),
        encoding_type="" if token is None else attribute(token, "EncodingType").strip(),
        document=_decoded(token, strict=strict, fault=ServerFault),
        token_text=_raw(token),
        path="" if token is None else path_of(token),
    )


def serialize_rstrc(
    document: bytes, *, relates_to: str | None, created: datetime, expires: datetime
) -> bytes:
    """The answer with one response; ``document`` is the wap-provisioningdoc in UTF-8.

    ``created`` and ``expires`` are aware datetimes, written in UTC with milliseconds.
    """
    requested = _token_node(document, VALUE_TYPE_PROVISION_DOC, prefix=None)
    response = (
        Node(qname(TRUST, "TokenType"), TOKEN_TYPE_DEVICE),
        Node(qname(ENROLLMENT, "DispositionMessage"), nsmap={None: ENROLLMENT}),
        Node(qname(TRUST, "RequestedSecurityToken"), children=(requested,)),
        Node(qname(ENROLLMENT, "RequestID"), "0", nsmap={None: ENROLLMENT}),
    )
    body = Node(
        qname(TRUST, "RequestSecurityTokenResponseCollection"),
        children=(Node(qname(TRUST, "RequestSecurityTokenResponse"), children=response),),
        nsmap={None: TRUST},
    )
    security = security_header("o", timestamp(created, expires))
    return envelope(ACTION_RSTRC, body, relates_to=relates_to, security=security)


def _body_token(body: Element) -> Element | None:
    tokens = list(children(body, "BinarySecurityToken"))
    for token in tokens:
        if attribute(token, "ValueType").strip().endswith(_CSR_VALUE_TYPES):
            return token
    return tokens[0] if tokens else None


def _context(body: Element) -> tuple[tuple[str, str], ...]:
    context = child(body, "AdditionalContext")
    if context is None:
        return ()
    return tuple(
        (attribute(item, "Name").strip(), text_of(child(item, "Value")))
        for item in children(context, "ContextItem")
    )


def _raw(token: Element | None) -> str:
    return "" if token is None else "".join(str(part) for part in token.itertext())


def _decoded(token: Element | None, *, strict: bool, fault: type[ProtocolError]) -> bytes:
    data = decode_base64(_raw(token))
    if data:
        return data
    if strict and token is not None:
        problem = "is empty" if data == b"" else "is not base64"
        raise fault(f"the BinarySecurityToken {problem}", place=path_of(token))
    return b""


def _token_node(data: bytes, value_type: str, *, prefix: str | None) -> Node:
    return Node(
        qname(SECEXT, "BinarySecurityToken"),
        encode_base64(data),
        {"ValueType": value_type, "EncodingType": ENCODING_BASE64},
        nsmap={prefix: SECEXT},
    )
