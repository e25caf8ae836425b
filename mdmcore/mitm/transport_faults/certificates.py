"""The certificate that the listener shows: right for the host, but for the mistake that is on.

It comes from mitmproxy's own CA, which devices trust, unless the root is the mistake. RFC 5280; the
marks of a public CA are those of the CA/Browser Forum (Baseline Requirements 7.1.6.1).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_BEGAN = timedelta(days=30)
_LASTS = timedelta(days=300)
_KEY_BITS = 2048
_SERVER_POLICY = x509.ObjectIdentifier("2.23.140.1.2.1")
_NAMES_MISTAKEN = frozenset({"tls-name-mismatch", "hub-tls-no-request"})
MISTAKES = _NAMES_MISTAKEN | {
    "tls-wildcard-certificate",
    "tls-root-not-on-device",
    "tls-chain-incomplete",
    "tls-certificate-expired",
    "crl-unreachable",
}
"""The mistakes that are made in a certificate or its chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """A CA: its certificate and private key (of any kind that mitmproxy's CA may have)."""

    certificate: x509.Certificate
    key: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """What a server shows, leaf first, and the leaf's private key."""

    chain: tuple[x509.Certificate, ...]
    key: rsa.RSAPrivateKey


class CertificateMaker:
    """Makes server certificates under a CA; keys are made once, each when it is first needed."""

    def __init__(self, authority: Issuer, *, now: datetime) -> None:
        self._authority = authority
        self._now = now
        self._key: rsa.RSAPrivateKey | None = None
        self._others: dict[str, Issuer] = {}

    def identity(self, host: str, domain: str, mistakes: Collection[str]) -> ServerIdentity:
        """The certificate for a host below ``domain``, with those of the mistakes that are its."""
        if self._key is None:
            self._key = _new_key()
        issuer, others = self._issuer(mistakes)
        names = _names(host, domain, mistakes)
        ends = self._now + _LASTS
        if "tls-certificate-expired" in mistakes:
            ends = self._now - timedelta(days=1)
        builder = _begin(_name(names[0]), issuer, self._key.public_key())
        builder = builder.not_valid_before(self._now - _BEGAN).not_valid_after(ends)
        for extension, is_critical in _extensions(names, domain, mistakes):
            builder = builder.add_extension(extension, critical=is_critical)
        leaf = builder.sign(issuer.key, hashes.SHA256())
        return ServerIdentity(chain=(leaf, *others), key=self._key)

    def _issuer(self, mistakes: Collection[str]) -> tuple[Issuer, tuple[x509.Certificate, ...]]:
        """Who issues the leaf, and what is sent behind it."""
        if "tls-root-not-on-device" in mistakes:
            root = self._other("Root that nobody has", above=None)
            return root, (root.certificate,)
        if "tls-chain-incomplete" in mistakes:
            return self._other("Intermediate CA", above=self._authority), ()
        return self._authority, (self._authority.certificate,)

    def _other(self, name: str, *, above: Issuer | None) -> Issuer:
        """A CA of our own, below another or its own root."""
        if name not in self._others:
            key = _new_key()
            issuer = above or Issuer(certificate=_root(_name(name), key, self._now), key=key)
            certificate = issuer.certificate
            if above is not None:
                builder = _begin(_name(name), above, key.public_key())
                builder = builder.not_valid_before(self._now - _BEGAN)
                certificate = _as_ca(builder.not_valid_after(self._now + _LASTS)).sign(
                    above.key, hashes.SHA256()
                )
            self._others[name] = Issuer(certificate=certificate, key=key)
        return self._others[name]


def _names(host: str, domain: str, mistakes: Collection[str]) -> list[str]:
    if _NAMES_MISTAKEN.intersection(mistakes):
        other = f"mdm.{domain}"
        return [other if host != other else f"www.{domain}"]
    if "tls-wildcard-certificate" in mistakes:
        return [f"*.{domain}"]
    return [host]


def _extensions(
    names: list[str], domain: str, mistakes: Collection[str]
) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False),
    ]
    if "tls-chain-incomplete" in mistakes:
        # Roots of public CAs issue no servers' certificates: so something is missing.
        found.append(
            (x509.CertificatePolicies([x509.PolicyInformation(_SERVER_POLICY, None)]), False)
        )
    if "crl-unreachable" in mistakes:
        url = x509.UniformResourceIdentifier(f"http://crl.{domain}/revoked.crl")
        point = x509.DistributionPoint(
            full_name=[url], relative_name=None, reasons=None, crl_issuer=None
        )
        found.append((x509.CRLDistributionPoints([point]), False))
    return found


def _begin(subject: x509.Name, issuer: Issuer, key: Any) -> x509.CertificateBuilder:
    above = issuer.certificate
    try:
        identifier = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        of_issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    except x509.ExtensionNotFound:
        public: Any = above.public_key()
        of_issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(public)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(above.subject)
    builder = builder.public_key(key).serial_number(x509.random_serial_number())
    builder = builder.add_extension(of_issuer, critical=False)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _root(name: x509.Name, key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    public = key.public_key()
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(public)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - _BEGAN).not_valid_after(now + _LASTS)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    return _as_ca(builder).sign(key, hashes.SHA256())


def _as_ca(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
