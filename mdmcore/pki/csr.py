"""The certification request of an enrolling device (PKCS#10, RFC 2986; enrollment.md 8.1).

Reads what phones really send: a NUL or ``!`` inside a PrintableString, sha1WithRSA under OIW's OID,
an empty attributes element. The subject means nothing (each phone sends the same one); the public
key is what counts. Making such a request stands in ``request``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from mdmcore.pki.asn1.name import DistinguishedName
from mdmcore.pki.asn1.pkcs10 import decode_request
from mdmcore.pki.signature import Signed, digest_name, key_bits, verification_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs10:
    """A CertificationRequest. All ``bytes`` are DER as it stood, ``signature`` its bare octets.

    ``info_raw`` is what was signed, ``spki`` the SubjectPublicKeyInfo, ``attributes_raw`` the
    ``[0]`` element (empty when missing), ``algorithm_raw`` the AlgorithmIdentifier and
    ``signature_algorithm`` its dotted OID.
    """

    raw: bytes = field(repr=False)
    info_raw: bytes = field(repr=False)
    version: int
    subject: DistinguishedName
    spki: bytes = field(repr=False)
    attributes_raw: bytes = field(repr=False)
    algorithm_raw: bytes = field(repr=False)
    signature_algorithm: str
    signature: bytes = field(repr=False)

    @property
    def key_bits(self) -> int | None:
        """The key's size in bits; ``None`` when it is no readable RSA or EC key."""
        return key_bits(self.spki)

    @property
    def spki_sha256(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo, lower-case hex: links request and certificate."""
        return hashlib.sha256(self.spki).hexdigest()

    @property
    def digest_name(self) -> str:
        """The digest of the self-signature, as ``SHA-1``; the OID when it is unknown."""
        return digest_name(self.signature_algorithm, self.algorithm_raw)


def parse_pkcs10(data: bytes) -> Pkcs10:
    """The request that is all of ``data`` (DER); ``Asn1Error`` with the offset otherwise.

    The self-signature is not judged: see ``signature_problem``.
    """
    parts = decode_request(data)
    return Pkcs10(
        raw=data,
        info_raw=parts.info,
        version=parts.version,
        subject=parts.subject,
        spki=parts.spki,
        attributes_raw=parts.attributes,
        algorithm_raw=parts.algorithm,
        signature_algorithm=parts.signature_algorithm,
        signature=parts.signature,
    )


def signature_problem(csr: Pkcs10) -> str | None:
    """Why the self-signature does not prove possession of the key; ``None`` when it does."""
    signed = Signed(
        data=csr.info_raw,
        algorithm=csr.algorithm_raw,
        oid=csr.signature_algorithm,
        signature=csr.signature,
    )
    return verification_problem(signed, csr.spki)
