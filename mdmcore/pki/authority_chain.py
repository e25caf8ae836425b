"""A CA that somebody brings along: key, certificate and what stands above it, from PEM or PFX.

The issuing certificate is that of the key; from there each issuer is looked for, up to the root.
A provisioning document carries one root and one intermediate (enrollment.md 9.2), so a longer
chain is refused, as is all with which devices would later not trust what was issued (RFC 5280
section 6.1). Bytes come in; which files they are from is the business of ``mdmcore.mitm``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from mdmcore.errors import Asn1Error, ConfigError
from mdmcore.pki.authority import Authority
from mdmcore.pki.certificate import Certificate, parse_certificate, verify_issued_by
from mdmcore.pki.pem import CERTIFICATE, pem_blocks

MAX_INTERMEDIATES = 1
_MAX_CERTIFICATES = 20
_KEY_BLOCK = re.compile(
    rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----[ \t]*\r?\n?", re.DOTALL
)
_BEGIN = b"-----BEGIN "
_UNREADABLE = (
    ValueError,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Material:
    """What the files hold: one key, and certificates in any order."""

    private_key: object = field(repr=False)
    certificates: tuple[Certificate, ...]


def has_private_key(data: bytes) -> bool:
    """Whether a file's content is, or may be, a secret: PEM without a key is none."""
    return _BEGIN not in data or _KEY_BLOCK.search(data) is not None


def load_authority_chain(
    parts: Sequence[bytes], *, password: bytes | None, now: datetime
) -> Authority:
    """The authority whose key and certificates are in these PEM texts or in this PFX.

    ``password`` opens an encrypted key or the PFX; ``now`` must be within the validity of every
    certificate. ``ConfigError`` in words for anything else; it never tells the password.
    """
    material = _read(parts, password)
    key = material.private_key
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ConfigError("the CA's key is not RSA, which is all that phones are known to take")
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    issuing = next((one for one in material.certificates if one.spki == spki), None)
    if issuing is None:
        raise ConfigError(
            "there is no certificate for the CA's key"
            if not material.certificates
            else "the CA's key does not belong to any of the certificates"
        )
    chain = _chain(issuing, material.certificates)
    for below, certificate in enumerate(chain):
        _check(certificate, below=below, now=now)
    above = tuple(certificate.der for certificate in chain[1:])
    return Authority(certificate=issuing.der, private_key=key, chain=above)


def _read(parts: Sequence[bytes], password: bytes | None) -> _Material:
    is_pem = [_BEGIN in part for part in parts]
    if not parts or not any(parts):
        raise ConfigError("it is empty")
    if all(is_pem):
        return _read_pem(b"\n".join(parts), password)
    if len(parts) > 1:
        raise ConfigError("either PEM files, or one PFX file alone")
    return _read_pfx(parts[0], password)


def _read_pem(data: bytes, password: bytes | None) -> _Material:
    keys = [match[0] for match in _KEY_BLOCK.finditer(data)]
    if len(keys) != 1:
        found = "no readable PEM private key" if not keys else f"{len(keys)} private keys"
        raise ConfigError(f"{found} in it: give the issuing CA's alone")
    try:
        blocks = pem_blocks(_KEY_BLOCK.sub(b"", data))
    except Asn1Error as error:
        raise ConfigError(f"the PEM text cannot be read: {error.message}") from None
    ders = tuple(block.der for block in blocks if block.label == CERTIFICATE)
    return _Material(private_key=_pem_key(keys[0], password), certificates=_certificates(ders))


def _pem_key(pem: bytes, password: bytes | None) -> object:
    try:
        return load_pem_private_key(pem, password)
    except TypeError:
        if password is None:
            raise ConfigError("the CA's key is encrypted, its password is not given") from None
        return _pem_key(pem, None)  # a password for a key that needs none
    except UnsupportedAlgorithm as error:
        raise ConfigError(f"the CA's key is of a kind that is not known: {error}") from None
    except ValueError:
        reason = "" if password is None else ", or its password is wrong"
        raise ConfigError(f"the CA's private key cannot be read{reason}") from None


def _read_pfx(data: bytes, password: bytes | None) -> _Material:
    try:
        pfx = load_pkcs12(data, password)
    except UnsupportedAlgorithm as error:
        raise ConfigError(f"the PFX is encrypted in a way that is not known: {error}") from None
    except ValueError:
        reason = "not a PFX, or it needs a password" if password is None else "password wrong"
        raise ConfigError(f"it is no PEM and cannot be opened as PFX ({reason})") from None
    if pfx.key is None:
        raise ConfigError("the PFX holds no private key")
    found = (pfx.cert, *pfx.additional_certs)
    ders = tuple(one.certificate.public_bytes(Encoding.DER) for one in found if one is not None)
    return _Material(private_key=pfx.key, certificates=_certificates(ders))


def _certificates(ders: Sequence[bytes]) -> tuple[Certificate, ...]:
    """Each once: a PFX and a bundle may name one again."""
    if len(ders) > _MAX_CERTIFICATES:
        raise ConfigError(f"{len(ders)} certificates, more than {_MAX_CERTIFICATES} are not read")
    try:
        return tuple(map(parse_certificate, dict.fromkeys(ders)))
    except Asn1Error as error:
        raise ConfigError(f"a certificate cannot be read: {error}") from None


def _chain(issuing: Certificate, given: Sequence[Certificate]) -> tuple[Certificate, ...]:
    """From the issuing CA to its root, every certificate used."""
    chain = [issuing]
    while not chain[-1].is_self_issued:
        above = [one for one in given if one not in chain and verify_issued_by(chain[-1], one)]
        if not above:
            last = chain[-1]
            raise ConfigError(
                f"the certificate of {last.issuer.rfc4514()!r}, which issued "
                f"{last.subject.rfc4514()!r}, is missing: give the chain up to its root"
            )
        chain.append(above[0])
    if unused := [one.subject.rfc4514() for one in given if one not in chain]:
        raise ConfigError(f"the certificate of {unused[0]!r} does not belong to the CA's chain")
    if not verify_issued_by(chain[-1], chain[-1]):
        raise ConfigError(f"the root {chain[-1].subject.rfc4514()!r} is not signed by its own key")
    intermediates = len(chain) - 1
    if intermediates > MAX_INTERMEDIATES:
        raise ConfigError(
            f"the chain has {intermediates} intermediates; devices are given one root and at most "
            f"{MAX_INTERMEDIATES} intermediate"
        )
    return tuple(chain)


def _check(certificate: Certificate, *, below: int, now: datetime) -> None:
    """That it may issue, with ``below`` CAs under it, and now."""
    who = f"the certificate of {certificate.subject.rfc4514()!r}"
    if not certificate.is_ca:
        raise ConfigError(f"{who} is not that of a CA (basicConstraints)")
    if certificate.not_after <= now:
        raise ConfigError(f"{who} expired on {certificate.not_after:%Y-%m-%d}")
    if certificate.not_before > now:
        raise ConfigError(f"{who} is not valid before {certificate.not_before:%Y-%m-%d}")
    try:
        extensions = x509.load_der_x509_certificate(certificate.der).extensions
        constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
        usages = [one.value for one in extensions if isinstance(one.value, x509.KeyUsage)]
    except _UNREADABLE as error:
        raise ConfigError(f"{who} has extensions that cannot be read: {error}") from None
    if constraints.path_length is not None and constraints.path_length < below:
        raise ConfigError(f"{who} allows {constraints.path_length} CAs below it, there is {below}")
    if usages and not usages[0].key_cert_sign:
        raise ConfigError(f"{who} may not sign certificates (keyUsage)")
