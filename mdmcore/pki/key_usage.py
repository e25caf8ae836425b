"""What a certificate's key may be used for (RFC 5280 4.2.1.3)."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

_USAGES = (
    ("digital_signature", "digitalSignature"),
    ("content_commitment", "nonRepudiation"),
    ("key_encipherment", "keyEncipherment"),
    ("data_encipherment", "dataEncipherment"),
    ("key_agreement", "keyAgreement"),
    ("key_cert_sign", "keyCertSign"),
    ("crl_sign", "cRLSign"),
)


def key_usages(der: bytes) -> tuple[str, ...] | None:
    """The usages by their names in RFC 5280; ``None`` without such an extension, or where the
    certificate's extensions cannot be read."""
    try:
        found = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(
            x509.KeyUsage
        )
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, UnsupportedAlgorithm):
        return None
    return tuple(name for attribute, name in _USAGES if getattr(found.value, attribute))
