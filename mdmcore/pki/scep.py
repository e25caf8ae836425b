"""SCEP messages as far as their signed attributes go (RFC 8894 sections 3.2.1 and 4.1).

A device that was told to fetch a certificate by SCEP sends PKIOperation over plain HTTP or HTTPS,
by GET (the message in the query) or POST, and gets a CertRep. What is encrypted inside is not
looked at, nor are signatures verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from mdmcore.base64_text import decode_base64
from mdmcore.errors import Asn1Error
from mdmcore.http import Request
from mdmcore.pki.asn1.cms import SignerParts, attribute_octets, attribute_text
from mdmcore.pki.cms import parse_signed_data

PKI_OPERATION = "PKIOperation"
GET_CA_CERT = "GetCACert"
GET_CA_CAPS = "GetCACaps"
SCEP_MEDIA_TYPE = "application/x-pki-message"

_ATTRIBUTES = "2.16.840.1.113733.1.9."
MESSAGE_TYPE = f"{_ATTRIBUTES}2"
PKI_STATUS = f"{_ATTRIBUTES}3"
SENDER_NONCE = f"{_ATTRIBUTES}5"
RECIPIENT_NONCE = f"{_ATTRIBUTES}6"
TRANSACTION_ID = f"{_ATTRIBUTES}7"
_MAX_QUERY = 64 * 1024
"""Characters; a message by GET has some four thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScepMessage:
    """The signed attributes of a pkiMessage; ``None`` for one that is absent or unreadable."""

    message_type: str | None
    transaction_id: str | None
    pki_status: str | None
    sender_nonce: bytes | None
    recipient_nonce: bytes | None


def scep_operation(request: Request) -> str | None:
    """The operation of a SCEP request, as ``GetCACaps``; ``None`` for any other request."""
    if len(request.query) > _MAX_QUERY:
        return None
    return _first(request, "operation")


def requested_message(request: Request) -> ScepMessage | None:
    """The attributes of the pkiMessage of a PKIOperation, ``None`` when none can be read."""
    der = requested_der(request)
    return None if der is None else parse_scep_message(der)


def requested_der(request: Request) -> bytes | None:
    """The pkiMessage of a PKIOperation as it came; ``None`` for other requests."""
    if scep_operation(request) != PKI_OPERATION:
        return None
    if request.method.upper() == "POST":
        return request.body or b""
    # A plus sign that was not encoded comes out of the query as a blank.
    return decode_base64((_first(request, "message") or "").replace(" ", "+"))


def parse_scep_message(der: bytes) -> ScepMessage | None:
    """The attributes of the message's first signer; ``None`` when it is no signed message."""
    try:
        signed = parse_signed_data(der)
    except Asn1Error:
        return None
    if not signed.signers:
        return None
    signer = signed.signers[0]
    return ScepMessage(
        message_type=_text(signer, MESSAGE_TYPE),
        transaction_id=_text(signer, TRANSACTION_ID),
        pki_status=_text(signer, PKI_STATUS),
        sender_nonce=_octets(signer, SENDER_NONCE),
        recipient_nonce=_octets(signer, RECIPIENT_NONCE),
    )


def _first(request: Request, name: str) -> str | None:
    values = parse_qs(request.query).get(name)
    return values[0] if values else None


def _value(signer: SignerParts, oid: str) -> bytes | None:
    found = (item.values for item in signer.attributes if item.oid == oid)
    return next((values[0] for values in found if values), None)


def _text(signer: SignerParts, oid: str) -> str | None:
    value = _value(signer, oid)
    try:
        return None if value is None else attribute_text(value)
    except Asn1Error:
        return None


def _octets(signer: SignerParts, oid: str) -> bytes | None:
    value = _value(signer, oid)
    try:
        return None if value is None else attribute_octets(value)
    except Asn1Error:
        return None
