"""Making and opening SCEP messages (RFC 8894 section 3): signed attributes around an envelope.

The envelope is AES-128 in CBC mode under a key for one RSA recipient, made and opened by
``cryptography``. Reading the attributes of any message stands in ``scep``.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.der import OCTET_STRING, encode_tlv
from mdmcore.pki.asn1.name import PRINTABLE_STRING
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.cms import parse_signed_data, signers_problem
from mdmcore.pki.cms_signing import build_signed_data
from mdmcore.pki.scep import (
    MESSAGE_TYPE,
    PKI_STATUS,
    RECIPIENT_NONCE,
    SENDER_NONCE,
    TRANSACTION_ID,
    ScepMessage,
)

PKCS_REQ, CERT_REP = "19", "3"
"""messageType: a request for a certificate, and its answer."""
SUCCESS, FAILURE = "0", "2"
"""pkiStatus."""


def seal(content: bytes, recipient: bytes) -> bytes:
    """The envelope (DER) of ``content`` for the holder of that certificate (DER)."""
    certificate = x509.load_der_x509_certificate(recipient)
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(certificate)
    return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def sign_scep_message(
    envelope: bytes, attributes: ScepMessage, *, certificate: bytes, private_key: rsa.RSAPrivateKey
) -> bytes:
    """The pkiMessage (DER) around an envelope, empty for none; absent attributes are ``None``."""
    texts = (
        (MESSAGE_TYPE, attributes.message_type),
        (PKI_STATUS, attributes.pki_status),
        (TRANSACTION_ID, attributes.transaction_id),
    )
    nonces = (
        (SENDER_NONCE, attributes.sender_nonce),
        (RECIPIENT_NONCE, attributes.recipient_nonce),
    )
    more = [
        *((oid, encode_tlv(PRINTABLE_STRING, text.encode("ascii"))) for oid, text in texts if text),
        *((oid, encode_tlv(OCTET_STRING, nonce)) for oid, nonce in nonces if nonce is not None),
    ]
    return build_signed_data(
        envelope, certificate=certificate, private_key=private_key, attributes=more
    )


def open_scep_message(
    der: bytes, *, certificate: bytes, private_key: rsa.RSAPrivateKey
) -> tuple[bytes, Certificate]:
    """What a pkiMessage for that recipient holds, and its signer's certificate.

    ``Asn1Error`` for what is none, is not signed as it says, or is for somebody else.
    """
    signed = parse_signed_data(der)
    problem = signers_problem(signed)
    if problem is not None:
        raise Asn1Error(f"a SCEP message: {problem}")
    signer = signed.certificate_of(signed.signers[0])
    assert signer is not None
    holder = x509.load_der_x509_certificate(certificate)
    try:
        opened = pkcs7.pkcs7_decrypt_der(signed.content or b"", holder, private_key, [])
    except ValueError as error:
        raise Asn1Error(f"the envelope of a SCEP message cannot be opened: {error}") from None
    return opened, signer


def certificates_only(certificates: Sequence[bytes]) -> bytes:
    """A SignedData (DER) without signer that holds these certificates (DER)."""
    loaded = [x509.load_der_x509_certificate(der) for der in certificates]
    return pkcs7.serialize_certificates(loaded, Encoding.DER)
