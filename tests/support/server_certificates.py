"""Certificates of TLS servers, for tests of what a device thinks of them."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from mdmcore.pki.asn1.name import PRINTABLE_STRING
from mdmcore.pki.authority import Authority
from mdmcore.pki.certificate_builder import (
    CertificateForm,
    encode_common_name,
    sign_certificate,
)
from tests.support.certificates import NOW, build_authority
from tests.support.keys import load_key, spki

HOST = "mdm.example.test"


def server_certificate(
    *names: str,
    common_name: str = "",
    issuer: Authority | None = None,
    policies: tuple[str, ...] = (),
    lifetime: timedelta = timedelta(days=365),
) -> bytes:
    """A server's certificate (DER) for those subjectAltNames, for one CN, or for both."""
    authority = issuer or build_authority()
    listed = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in policies]
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
    ]
    if names:
        alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        extensions.append((alternative, False))
    if listed:
        extensions.append((x509.CertificatePolicies(listed), False))
    form = CertificateForm(
        serial=77,
        issuer=authority.parsed.subject.raw,
        subject=encode_common_name(common_name.encode(), PRINTABLE_STRING),
        spki=spki("device2"),
        not_before=NOW - timedelta(hours=1),
        not_after=NOW + lifetime,
        extensions=tuple(extensions),
    )
    return sign_certificate(form, authority.private_key)


def intermediate_authority(root: Authority | None = None) -> Authority:
    """A CA below the root."""
    above = root or build_authority()
    form = CertificateForm(
        serial=78,
        issuer=above.parsed.subject.raw,
        subject=encode_common_name(b"Test Intermediate CA", PRINTABLE_STRING),
        spki=spki("enterprise"),
        not_before=NOW - timedelta(hours=1),
        not_after=NOW + timedelta(days=3650),
        extensions=((x509.BasicConstraints(ca=True, path_length=0), True),),
    )
    certificate = sign_certificate(form, above.private_key)
    return Authority(certificate=certificate, private_key=load_key("enterprise"))
