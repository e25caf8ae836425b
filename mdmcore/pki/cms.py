"""CMS SignedData (RFC 5652) by an enrolled device, read and verified: renewals, signed messages.

Signatures are verified with ``cryptography``'s primitives over the original bytes. SHA-1 verifies
here, as phones sign with the digest their policy named; whether it is welcome is judged elsewhere.
Making it stands in ``cms_signing``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1 import cms as asn1_cms
from mdmcore.pki.asn1.der import NULL, SEQUENCE, encode_oid, encode_tlv
from mdmcore.pki.certificate import Certificate, parse_certificate, verify_issued_by
from mdmcore.pki.signature import SCHEMES, Signed, verification_problem

DATA = "1.2.840.113549.1.7.1"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
MAX_CHAIN = 8

# RFC 3370 section 2, RFC 5754 section 2: the digest, its name in hashlib, RSA with it.
DIGESTS = {
    "1.3.14.3.2.26": ("SHA-1", "sha1", "1.2.840.113549.1.1.5"),
    "2.16.840.1.101.3.4.2.1": ("SHA-256", "sha256", "1.2.840.113549.1.1.11"),
    "2.16.840.1.101.3.4.2.2": ("SHA-384", "sha384", "1.2.840.113549.1.1.12"),
    "2.16.840.1.101.3.4.2.3": ("SHA-512", "sha512", "1.2.840.113549.1.1.13"),
}


class CmsReason(StrEnum):
    """Why a SignedData does not prove who sent it."""

    NO_SIGNER = "no-signer"
    NO_CONTENT = "no-content"
    NO_SIGNER_CERTIFICATE = "no-signer-certificate"
    ATTRIBUTE_MISSING = "attribute-missing"
    ATTRIBUTE_WRONG = "attribute-wrong"
    CONTENT_TYPE_DIFFERS = "content-type-differs"
    DIGEST_UNKNOWN = "digest-unknown"
    DIGEST_DIFFERS = "digest-differs"
    SIGNATURE_WRONG = "signature-wrong"
    FOREIGN_CA = "foreign-ca"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class CmsProblem:
    """A reason and one line for people."""

    reason: CmsReason
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedData:
    """A SignedData. ``content`` is what was signed, ``None`` when it is detached."""

    der: bytes = field(repr=False)
    content_type: str
    content: bytes | None = field(repr=False)
    certificates: tuple[Certificate, ...]
    signers: tuple[asn1_cms.SignerParts, ...]

    def certificate_of(self, signer: asn1_cms.SignerParts) -> Certificate | None:
        """The signer's certificate among those that came along; ``None`` when it did not."""
        for certificate in self.certificates:
            if signer.subject_key_id is not None:
                if certificate.subject_key_id == signer.subject_key_id:
                    return certificate
            elif signer.issuer is not None and (
                certificate.serial == signer.serial and certificate.issuer.raw == signer.issuer.raw
            ):
                return certificate
        return None


def parse_signed_data(der: bytes) -> SignedData:
    """The SignedData that is all of ``der``; ``Asn1Error`` with the offset otherwise."""
    parts = asn1_cms.decode_signed_data(der)
    return SignedData(
        der=der,
        content_type=parts.content_type,
        content=parts.content,
        certificates=tuple(_certificate(*item) for item in parts.certificates),
        signers=parts.signers,
    )


def _certificate(offset: int, der: bytes) -> Certificate:
    try:
        return parse_certificate(der)
    except Asn1Error as error:
        at = offset + (error.offset or 0)
        raise Asn1Error(f"a certificate in the message: {error.message}", offset=at) from error


def digest_name(signer: asn1_cms.SignerParts) -> str:
    """The signer's digest, as ``SHA-1``; the dotted OID when it is unknown."""
    known = DIGESTS.get(signer.digest_algorithm)
    return signer.digest_algorithm if known is None else known[0]


def verify_signed_data(
    signed: SignedData,
    *,
    trusted: Iterable[Certificate],
    at: datetime,
    content: bytes | None = None,
) -> CmsProblem | None:
    """Why the message is not to be believed; ``None`` when every signer is good.

    ``trusted`` are the CA certificates believed in; intermediates may come along in the message.
    ``at`` (aware) is the moment at which all certificates must be valid; ``content`` is what was
    signed when the message does not hold it. Key usages are not looked at, nor revocation.
    """
    problem = signers_problem(signed, content=content)
    if problem is not None:
        return problem
    anchors = tuple(trusted)
    for signer in signed.signers:
        certificate = signed.certificate_of(signer)
        assert certificate is not None
        problem = chain_problem(certificate, signed.certificates, anchors, at)
        if problem is not None:
            return problem
    return None


def signers_problem(signed: SignedData, *, content: bytes | None = None) -> CmsProblem | None:
    """As ``verify_signed_data``, but whose certificates the signers have is not looked at."""
    payload = signed.content if signed.content is not None else content
    if payload is None:
        return _problem(CmsReason.NO_CONTENT, "the signed content is neither inside nor given")
    if not signed.signers:
        return _problem(CmsReason.NO_SIGNER, "nobody signed the message")
    for signer in signed.signers:
        certificate = signed.certificate_of(signer)
        if certificate is None:
            message = "the signer's certificate is not in the message"
            return _problem(CmsReason.NO_SIGNER_CERTIFICATE, message)
        problem = _signer_problem(signer, certificate, signed.content_type, payload)
        if problem is not None:
            return problem
    return None


def _problem(reason: CmsReason, message: str) -> CmsProblem:
    return CmsProblem(reason=reason, message=message)


def _signer_problem(
    signer: asn1_cms.SignerParts, certificate: Certificate, content_type: str, content: bytes
) -> CmsProblem | None:
    known = DIGESTS.get(signer.digest_algorithm)
    if known is None:
        message = f"the digest {signer.digest_algorithm} is not one we know"
        return _problem(CmsReason.DIGEST_UNKNOWN, message)
    name, hash_name, rsa_oid = known
    if signer.attributes_raw:
        digest = hashlib.new(hash_name, content, usedforsecurity=False).digest()
        problem = _attribute_problem(signer, content_type, digest)
        if problem is not None:
            return problem
    elif content_type != DATA:
        message = f"signed attributes are missing, which content of type {content_type} needs"
        return _problem(CmsReason.ATTRIBUTE_MISSING, message)
    # RFC 3370 section 3.2: rsaEncryption leaves the digest to digestAlgorithm.
    is_bare = signer.signature_algorithm == RSA_ENCRYPTION
    oid = rsa_oid if is_bare else signer.signature_algorithm
    if oid in SCHEMES and SCHEMES[oid].name != name:
        message = f"digest {name}, but a signature with {SCHEMES[oid].name}"
        return _problem(CmsReason.SIGNATURE_WRONG, message)
    bare = encode_tlv(SEQUENCE, encode_oid(rsa_oid), encode_tlv(NULL))
    described = Signed(
        data=signer.attributes_raw or content,
        algorithm=bare if is_bare else signer.algorithm,
        oid=oid,
        signature=signer.signature,
    )
    reason = verification_problem(described, certificate.spki)
    return None if reason is None else _problem(CmsReason.SIGNATURE_WRONG, reason)


def _attribute_problem(
    signer: asn1_cms.SignerParts, content_type: str, digest: bytes
) -> CmsProblem | None:
    """RFC 5652 section 5.3: contentType and messageDigest, once each and with one value."""
    values: dict[str, bytes] = {}
    for oid, name in ((CONTENT_TYPE, "contentType"), (MESSAGE_DIGEST, "messageDigest")):
        found = [item for item in signer.attributes if item.oid == oid]
        if not found:
            message = f"the signed attribute {name} is missing"
            return _problem(CmsReason.ATTRIBUTE_MISSING, message)
        if len(found) > 1 or len(found[0].values) != 1:
            message = f"the signed attribute {name} has not exactly one value"
            return _problem(CmsReason.ATTRIBUTE_WRONG, message)
        values[oid] = found[0].values[0]
    try:
        claimed_type = asn1_cms.attribute_oid(values[CONTENT_TYPE])
        claimed_digest = asn1_cms.attribute_octets(values[MESSAGE_DIGEST])
    except Asn1Error as error:
        return _problem(CmsReason.ATTRIBUTE_WRONG, f"a signed attribute: {error.message}")
    if claimed_type != content_type:
        message = f"contentType says {claimed_type}, the content is {content_type}"
        return _problem(CmsReason.CONTENT_TYPE_DIFFERS, message)
    if claimed_digest != digest:
        return _problem(CmsReason.DIGEST_DIFFERS, "the content is not what was signed")
    return None


def chain_problem(
    certificate: Certificate,
    intermediates: Iterable[Certificate],
    trusted: Iterable[Certificate],
    at: datetime,
) -> CmsProblem | None:
    """Why no chain of certificates valid at ``at`` leads to a trusted one; ``None``: one does."""
    anchors = tuple(trusted)
    helpers = tuple(intermediates)
    current = certificate
    for _ in range(MAX_CHAIN):
        if (problem := _validity_problem(current, at)) is not None:
            return problem
        for anchor in anchors:
            if anchor.is_ca and verify_issued_by(current, anchor):
                return _validity_problem(anchor, at)
        above = (one for one in helpers if one.is_ca and one.der != current.der)
        issuer = next((one for one in above if verify_issued_by(current, one)), None)
        if issuer is None:
            break
        current = issuer
    who = current.issuer.rfc4514()
    return _problem(CmsReason.FOREIGN_CA, f"the issuer {who} is not the CA of this enrolment")


def _validity_problem(certificate: Certificate, at: datetime) -> CmsProblem | None:
    who = certificate.subject.rfc4514()
    if at < certificate.not_before:
        message = f"the certificate {who} begins on {certificate.not_before:%Y-%m-%d %H:%M} UTC"
        return _problem(CmsReason.NOT_YET_VALID, message)
    if at > certificate.not_after:
        message = f"the certificate {who} ended on {certificate.not_after:%Y-%m-%d %H:%M} UTC"
        return _problem(CmsReason.EXPIRED, message)
    return None
