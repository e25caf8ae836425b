"""The token of a renewal: a PKCS#10 for a new key, signed with the old one (enrollment.md 10).

Built as the phone does it, and taken out of its base64, which is applied once by silent renewals
and twice by manual ones. Signing stands in ``cms_signing``, verifying in ``cms``; which ValueType
the token may have is the SOAP message's matter.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa

from mdmcore.base64_text import decode_base64
from mdmcore.errors import Asn1Error
from mdmcore.pki.cms import SignedData, parse_signed_data
from mdmcore.pki.cms_signing import build_signed_data

MAX_LAYERS = 2


def build_renewal_request(
    csr_der: bytes, *, certificate: bytes, private_key: rsa.RSAPrivateKey, digest: str = "sha256"
) -> bytes:
    """SignedData (DER) around a PKCS#10 (DER), by the holder of the present ``certificate`` (DER).

    ``digest`` is ``sha1`` or ``sha256``; ``ConfigError`` for another. That phones write the signed
    attributes contentType and messageDigest and nothing more is unconfirmed.
    """
    return build_signed_data(
        csr_der, certificate=certificate, private_key=private_key, digest=digest
    )


def peel_renewal_token(token: str | bytes) -> tuple[SignedData, int]:
    """The SignedData in a token, and how many layers of base64 were around it (0 to 2).

    ``token`` is the text of the BinarySecurityToken, or what is left of it after some decoding.
    ``Asn1Error`` when no SignedData is inside.
    """
    data = token.encode("utf-8", "surrogatepass") if isinstance(token, str) else token
    layers = 0
    # A SignedData holds octets that are no ASCII, so it is never taken for base64.
    while layers < MAX_LAYERS and (inner := _decoded(data)):
        data = inner
        layers += 1
    try:
        return parse_signed_data(data), layers
    except Asn1Error as error:
        message = f"no renewal token behind {layers} layers of base64: {error.message}"
        raise Asn1Error(message, offset=error.offset) from error


def _decoded(data: bytes) -> bytes | None:
    try:
        return decode_base64(data.decode("ascii"))
    except UnicodeDecodeError:
        return None
