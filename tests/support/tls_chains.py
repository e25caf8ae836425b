"""Chains of TLS servers with one deviation each, by the library ``cryptography``, and their files.

They hold from 2000 to 2099, so that the machine's clock does not matter, but where that is the
deviation.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.keys import key_path, load_key

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
END = datetime(2099, 1, 1, tzinfo=UTC)
PUBLIC_POLICY = "2.23.140.1.2.1"
"""CA/Browser Forum Baseline Requirements 7.1.6.1: a mark of public CAs."""
_LEAF_KEY = "device2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """A CA by its certificate and the name of its test key."""

    certificate: x509.Certificate
    key: str


@cache
def root(name: str = "Known Root", key: str = "authority") -> Issuer:
    """A root over that test key."""
    subject = _name(name)
    return Issuer(certificate=_authority(subject, key, subject, key), key=key)


@cache
def intermediate(above: str = "Known Root", above_key: str = "authority") -> Issuer:
    """A CA below a root."""
    issuer = root(above, above_key)
    certificate = _authority(
        _name("Issuing CA"), "enterprise", issuer.certificate.subject, above_key
    )
    return Issuer(certificate=certificate, key="enterprise")


def leaf(
    *names: str,
    issuer: Issuer | None,
    common_name: str | None = None,
    address: str | None = None,
    begins: datetime = BEGIN,
    ends: datetime = END,
    policies: Iterable[str] = (),
    revocation_list: str | None = None,
) -> x509.Certificate:
    """A server's certificate for those DNS names; its CN is the first of them. Without an issuer
    it is its own."""
    subject = _name(common_name or (names[0] if names else "Server"))
    above = subject if issuer is None else issuer.certificate.subject
    builder = _begin(subject, _LEAF_KEY, above, begins, ends)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    builder = builder.add_extension(usage, critical=False)
    alternative: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    if address is not None:
        alternative.append(x509.IPAddress(ipaddress.ip_address(address)))
    if alternative:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternative), critical=False)
    marks = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in policies]
    if marks:
        builder = builder.add_extension(x509.CertificatePolicies(marks), critical=False)
    if revocation_list is not None:
        point = x509.DistributionPoint(
            full_name=[x509.UniformResourceIdentifier(revocation_list)],
            relative_name=None,
            reasons=None,
            crl_issuer=None,
        )
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    key = _LEAF_KEY if issuer is None else issuer.key
    return builder.sign(load_key(key), hashes.SHA256())


def revocation_list(issuer: Issuer, *, ends: datetime = END, revoked: Iterable[int] = ()) -> bytes:
    """The list (DER) of a CA: who is revoked."""
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=issuer.certificate.subject, last_update=BEGIN, next_update=ends
    )
    for serial in revoked:
        one = x509.RevokedCertificateBuilder(serial, BEGIN).build()
        builder = builder.add_revoked_certificate(one)
    return builder.sign(load_key(issuer.key), hashes.SHA256()).public_bytes(Encoding.DER)


def write_chain(path: Path, *chain: x509.Certificate) -> Path:
    """The file that a server loads: the leaf's key, and what is sent, in that order."""
    pem = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)
    path.write_bytes(key_path(_LEAF_KEY).read_bytes() + pem)
    return path


def write_root(path: Path, issuer: Issuer) -> Path:
    """The file with which somebody trusts that CA."""
    path.write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
    return path


def _authority(
    subject: x509.Name, key: str, issuer: x509.Name, issuer_key: str
) -> x509.Certificate:
    builder = _begin(subject, key, issuer, BEGIN, END)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    return builder.sign(load_key(issuer_key), hashes.SHA256())


def _begin(
    subject: x509.Name, key: str, issuer: x509.Name, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer,
        public_key=load_key(key).public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=begins,
        not_valid_after=ends,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


A_YEAR = timedelta(days=365)
