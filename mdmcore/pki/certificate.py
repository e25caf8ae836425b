"""Certificates as they are met in enrolments (X.509, RFC 5280), read tolerantly.

A strict reader refuses a NUL or ``!`` in a PrintableString, which are the very mistakes to be
shown; so everything loads here that has the structure of a certificate. Issuing stands in
``authority``, judging in ``mdmcore.rules``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from mdmcore.pki.asn1.name import DistinguishedName
from mdmcore.pki.asn1.x509 import decode_certificate
from mdmcore.pki.signature import Signed, digest_name, key_bits, verification_problem

SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
_KEPT_OCTETS = 16 * 1024
"""Certificates of devices have one or two thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate. All ``bytes`` are DER as it stood, ``signature`` its bare octets.

    Times are aware UTC; ``ext_key_usages`` are dotted OIDs, ``None`` when the extension is
    absent; the key ids are the bare octets or ``None``; ``info_raw`` is what was signed.
    ``dns_names`` stand in subjectAltName, ``policies`` are the OIDs of the certificate policies,
    ``extension_oids`` those of all extensions, ``crl_urls`` the URIs of its revocation list.
    ``key_usages`` are names of RFC 5280 4.2.1.3, ``None`` when the extension is absent.
    """

    der: bytes = field(repr=False)
    serial: int
    issuer: DistinguishedName
    subject: DistinguishedName
    not_before: datetime
    not_after: datetime
    spki: bytes = field(repr=False)
    signature_algorithm: str
    ext_key_usages: tuple[str, ...] | None
    is_ca: bool
    subject_key_id: bytes | None
    authority_key_id: bytes | None
    info_raw: bytes = field(repr=False)
    algorithm_raw: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    crl_urls: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    extension_oids: tuple[str, ...] = ()
    key_usages: tuple[str, ...] | None = None

    @property
    def is_tls_server(self) -> bool:
        """Whether it names hosts and is for servers, not for clients: no device has such a one."""
        usages = self.ext_key_usages or ()
        return bool(self.dns_names) and SERVER_AUTH in usages and CLIENT_AUTH not in usages

    @property
    def thumbprint(self) -> str:
        """SHA-1 of the DER as 40 upper-case hex digits (enrollment.md 9.2)."""
        return hashlib.sha1(self.der, usedforsecurity=False).hexdigest().upper()

    @property
    def spki_sha256(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo, lower-case hex: links request and certificate."""
        return hashlib.sha256(self.spki).hexdigest()

    @property
    def key_bits(self) -> int | None:
        """The key's size in bits; ``None`` when it is no readable RSA or EC key."""
        return key_bits(self.spki)

    @property
    def digest_name(self) -> str:
        """The digest of the issuer's signature, as ``SHA-1``; the OID when it is unknown."""
        return digest_name(self.signature_algorithm, self.algorithm_raw)

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are the same name (RFC 5280 section 3.2)."""
        return self.subject.raw == self.issuer.raw

    @property
    def has_client_auth(self) -> bool:
        """Whether the extended key usage names clientAuth."""
        return CLIENT_AUTH in (self.ext_key_usages or ())


def parse_certificate(der: bytes) -> Certificate:
    """The certificate that is all of ``der``; ``Asn1Error`` with the offset otherwise.

    Those read last are kept: a device shows the same few again and again.
    """
    return _parse_kept(der) if len(der) <= _KEPT_OCTETS else _parse(der)


def _parse(der: bytes) -> Certificate:
    parts = decode_certificate(der)
    extensions = parts.extensions
    return Certificate(
        der=der,
        serial=parts.serial,
        issuer=parts.issuer,
        subject=parts.subject,
        not_before=parts.not_before,
        not_after=parts.not_after,
        spki=parts.spki,
        signature_algorithm=parts.signature_algorithm,
        ext_key_usages=extensions.ext_key_usages,
        is_ca=extensions.is_ca,
        subject_key_id=extensions.subject_key_id,
        authority_key_id=extensions.authority_key_id,
        info_raw=parts.info,
        algorithm_raw=parts.algorithm,
        signature=parts.signature,
        crl_urls=extensions.crl_urls,
        dns_names=extensions.dns_names,
        policies=extensions.policies,
        extension_oids=extensions.oids,
        key_usages=extensions.key_usages,
    )


@lru_cache(maxsize=64)
def _parse_kept(der: bytes) -> Certificate:
    return _parse(der)


def verify_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether ``issuer`` has the name of the certificate's issuer and made its signature.

    Names are compared octet by octet. Validity, constraints and usages are not looked at.
    """
    if certificate.issuer.raw != issuer.subject.raw:
        return False
    signed = Signed(
        data=certificate.info_raw,
        algorithm=certificate.algorithm_raw,
        oid=certificate.signature_algorithm,
        signature=certificate.signature,
    )
    return verification_problem(signed, issuer.spki) is None
