"""The enrolment CA: made, stored as PEM, and issuing device certificates (enrollment.md 8.2).

A device certificate gets the request's public key and a subject of the server's choice (made in
``subject``). Whether the request may be trusted (``csr.signature_problem``) and who may enrol is
decided by the server; a CA that somebody brings along is read by ``authority_chain``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from mdmcore.errors import Asn1Error, ConfigError
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.certificate_builder import (
    CertificateForm,
    key_identifier,
    sign_certificate,
)
from mdmcore.pki.csr import Pkcs10
from mdmcore.pki.pem import CERTIFICATE, encode_pem, pem_blocks
from mdmcore.pki.request import load_private_key
from mdmcore.pki.subject import single_name

type Random = Callable[[int], bytes]
"""A source of randomness: ``rng(n)`` gives ``n`` random bytes."""

DEFAULT_BACKDATE = timedelta(hours=1)

_parse_cached = lru_cache(maxsize=16)(parse_certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A CA: its certificate (DER) and the RSA key that belongs to it.

    ``chain`` has the certificates above it, each the issuer of the one before, the root last; it
    is empty where the CA is a root itself.
    """

    certificate: bytes
    private_key: rsa.RSAPrivateKey = field(repr=False)
    chain: tuple[bytes, ...] = ()

    @property
    def parsed(self) -> Certificate:
        """The certificate, read."""
        return _parse_cached(self.certificate)

    @property
    def root(self) -> bytes:
        """The root (DER) that a device must trust."""
        return self.chain[-1] if self.chain else self.certificate

    @property
    def intermediate(self) -> bytes | None:
        """The issuing CA (DER) where it is not the root."""
        return self.certificate if self.chain else None

    @property
    def not_after(self) -> datetime:
        """When the first certificate of the chain ends."""
        return min(_parse_cached(der).not_after for der in (self.certificate, *self.chain))


def create_authority(
    *,
    common_name: str,
    private_key: rsa.RSAPrivateKey,
    now: datetime,
    serial: int,
    lifetime: timedelta,
) -> Authority:
    """A self-signed CA, valid from an hour before ``now`` to ``now + lifetime`` (aware times).

    It may issue leaf certificates only. ``ConfigError`` for a name outside PrintableString.
    """
    subject = single_name(common_name)
    spki = _spki(private_key)
    form = CertificateForm(
        serial=serial,
        issuer=subject,
        subject=subject,
        spki=spki,
        not_before=now - DEFAULT_BACKDATE,
        not_after=now + lifetime,
        extensions=(
            (x509.BasicConstraints(ca=True, path_length=0), True),
            (_key_usage("key_cert_sign", "crl_sign"), True),
            (x509.SubjectKeyIdentifier(key_identifier(spki)), False),
        ),
    )
    return Authority(certificate=sign_certificate(form, private_key), private_key=private_key)


def issue_device_certificate(
    csr: Pkcs10,
    *,
    authority: Authority,
    common_name: str,
    now: datetime,
    serial: int,
    lifetime: timedelta,
    backdate: timedelta = DEFAULT_BACKDATE,
) -> bytes:
    """As ``issue_certificate``, with the subject ``CN=common_name`` alone.

    ``ConfigError`` for a name outside PrintableString.
    """
    return issue_certificate(
        csr,
        authority=authority,
        subject=single_name(common_name),
        now=now,
        serial=serial,
        lifetime=lifetime,
        backdate=backdate,
    )


def issue_certificate(
    csr: Pkcs10,
    *,
    authority: Authority,
    subject: bytes,
    now: datetime,
    serial: int,
    lifetime: timedelta,
    backdate: timedelta = DEFAULT_BACKDATE,
) -> bytes:
    """A client certificate (DER) for the request's key and that subject (DER).

    Valid from ``now - backdate`` to ``now + lifetime``, but within the validity of the authority.
    The request's subject, attributes and signature are not looked at. ``ConfigError`` for an
    authority that is no longer valid; ``Asn1Error`` for a public key without structure.
    """
    issuer, last_day = authority.parsed, authority.not_after
    if last_day <= now:
        raise ConfigError(f"the authority's certificate ended on {last_day:%Y-%m-%d}")
    form = CertificateForm(
        serial=serial,
        issuer=issuer.subject.raw,
        subject=subject,
        spki=csr.spki,
        not_before=max(now - backdate, issuer.not_before),
        not_after=min(now + lifetime, last_day),
        extensions=(
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_key_usage("digital_signature", "key_encipherment"), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
            (x509.SubjectKeyIdentifier(key_identifier(csr.spki)), False),
            (authority_key_identifier(authority), False),
        ),
    )
    return sign_certificate(form, authority.private_key)


def authority_key_identifier(authority: Authority) -> x509.AuthorityKeyIdentifier:
    """The extension that points to ``authority``: its own key id, computed when it has none."""
    issuer = authority.parsed
    identifier = issuer.subject_key_id or key_identifier(issuer.spki)
    return x509.AuthorityKeyIdentifier(identifier, None, None)


def random_serial(rng: Random) -> int:
    """A positive serial number of at most 159 random bits (RFC 5280 section 4.1.2.2)."""
    return (int.from_bytes(rng(20)) >> 1) or 1


def certificate_pem(der: bytes) -> bytes:
    """A certificate in PEM."""
    return encode_pem(CERTIFICATE, der)


def to_pem(authority: Authority) -> bytes:
    """Private key (PKCS#8, not encrypted) and certificate in one PEM text: a secret."""
    key = authority.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key + certificate_pem(authority.certificate)


def load_authority(pem: bytes) -> Authority:
    """The authority that ``to_pem`` wrote; ``ConfigError`` when it is not a CA with its key."""
    private_key = load_private_key(pem)
    try:
        blocks = [block for block in pem_blocks(pem) if block.label == CERTIFICATE]
        if not blocks:
            raise ConfigError("there is no certificate beside the authority's key")
        certificate = parse_certificate(blocks[0].der)
    except Asn1Error as error:
        raise ConfigError(f"the authority's certificate cannot be read: {error}") from error
    if certificate.spki != _spki(private_key):
        raise ConfigError("the authority's key does not belong to its certificate")
    if not certificate.is_ca:
        raise ConfigError("the authority's certificate is not that of a CA")
    return Authority(certificate=certificate.der, private_key=private_key)


def _spki(private_key: rsa.RSAPrivateKey) -> bytes:
    public_key = private_key.public_key()
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _key_usage(*usages: str) -> x509.KeyUsage:
    """A KeyUsage with these bits, named as in ``cryptography``."""
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{item: item in usages for item in names})
