"""AlgorithmIdentifier: the dotted OID, and the parameters of RSASSA-PSS (RFC 4055).

Which algorithm an OID names, and verifying with it, stands in ``mdmcore.pki.signature``.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyasn1_modules import rfc4055, rfc5280

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.der import SEQUENCE, Tlv, check_der, expect
from mdmcore.pki.asn1.schema import decode_as

SHA1 = "1.3.14.3.2.26"
MAX_SALT_LENGTH = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PssParameters:
    """What an RSASSA-PSS-params says; digests as dotted OIDs, the salt length in bytes."""

    digest: str
    mask_digest: str
    salt_length: int


def algorithm_oid(element: Tlv) -> str:
    """The dotted OID of an AlgorithmIdentifier in a checked structure."""
    expect(element, SEQUENCE, "an algorithm identifier")
    decoded = decode_as(element, rfc5280.AlgorithmIdentifier(), "algorithm identifier")
    return str(decoded["algorithm"])


def pss_parameters(algorithm: bytes) -> PssParameters:
    """The parameters of an RSASSA-PSS AlgorithmIdentifier (DER); absent ones have defaults."""
    parts = check_der(algorithm).children()
    if len(parts) < 2:
        return PssParameters(digest=SHA1, mask_digest=SHA1, salt_length=20)
    decoded = decode_as(parts[1], rfc4055.RSASSA_PSS_params(), "RSASSA-PSS parameters")
    salt_length = int(decoded["saltLength"])
    if not 0 <= salt_length <= MAX_SALT_LENGTH:
        raise Asn1Error("impossible salt length in RSASSA-PSS parameters", offset=parts[1].start)
    digest, mask_digest = SHA1, SHA1
    if decoded["hashAlgorithm"]["algorithm"].isValue:
        digest = str(decoded["hashAlgorithm"]["algorithm"])
    if decoded["maskGenAlgorithm"]["parameters"].isValue:
        mask_digest = algorithm_oid(check_der(bytes(decoded["maskGenAlgorithm"]["parameters"])))
    return PssParameters(
        digest=digest,
        mask_digest=mask_digest,
        salt_length=salt_length,
    )
