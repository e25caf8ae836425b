"""The device's side: its key, and a certification request in the very form of a captured one.

A Windows Phone 8.1 writes a constant CN with a NUL behind it as PrintableString, an empty
attributes element, and OIW's sha1WithRSA as signature algorithm; a Windows 10 PC a CN with ``!``
in it and its device id in an extension (enrollment.md 8.1, and requests captured from a Lumia 630
and from Windows 10). Reading requests stands in ``csr``.
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from mdmcore.errors import ConfigError
from mdmcore.pki.asn1.der import (
    BIT_STRING,
    NULL,
    OCTET_STRING,
    SEQUENCE,
    SET,
    encode_integer,
    encode_oid,
    encode_tlv,
)
from mdmcore.pki.asn1.name import COMMON_NAME, PRINTABLE_ALPHABET, PRINTABLE_STRING
from mdmcore.pki.asn1.pkcs10 import ATTRIBUTES
from mdmcore.pki.signature import SHA1_WITH_RSA_OIW

# The CN in the request of every phone, without the NUL that stands behind it.
DEFAULT_CSR_COMMON_NAME = "B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1"
# Outside PrintableString, and there in each captured request of Windows 10.
_WRITTEN_ALL_THE_SAME = "!"
# RFC 2985 section 5.4.2.
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
# RFC 4055 section 5.
_SHA256_WITH_RSA = "1.2.840.113549.1.1.11"
_SIGNATURES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "sha1": (SHA1_WITH_RSA_OIW, hashes.SHA1()),
    "sha256": (_SHA256_WITH_RSA, hashes.SHA256()),
}


def build_phone_csr(
    private_key: rsa.RSAPrivateKey,
    *,
    common_name: str = DEFAULT_CSR_COMMON_NAME,
    digest: str = "sha1",
    extension: tuple[str, str] | None = None,
) -> bytes:
    """A request (DER) as a device makes it; the NUL behind ``common_name`` is added here.

    ``digest`` is that of the signature, ``sha1`` or ``sha256`` (the device's form of the latter is
    unconfirmed). ``extension`` asks for one: its dotted OID, and an ASCII text that stands in it
    bare, with a NUL behind it. ``ConfigError`` for another digest, and for texts with characters
    that no device writes (``common_name``: outside PrintableString, but for ``!``).
    """
    if digest not in _SIGNATURES:
        raise ConfigError(f"no phone signs its request with {digest!r}")
    signature_oid, hash_algorithm = _SIGNATURES[digest]
    if not PRINTABLE_ALPHABET.issuperset(common_name.replace(_WRITTEN_ALL_THE_SAME, "")):
        raise ConfigError(f"{common_name!r} cannot be a PrintableString")
    value = encode_tlv(PRINTABLE_STRING, common_name.encode("ascii") + b"\0")
    attribute = encode_tlv(SEQUENCE, encode_oid(COMMON_NAME), value)
    public_key = private_key.public_key()
    info = encode_tlv(
        SEQUENCE,
        encode_integer(0),
        encode_tlv(SEQUENCE, encode_tlv(SET, attribute)),
        public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        encode_tlv(ATTRIBUTES, b"" if extension is None else _extension_request(*extension)),
    )
    signature = private_key.sign(info, padding.PKCS1v15(), hash_algorithm)
    algorithm = encode_tlv(SEQUENCE, encode_oid(signature_oid), encode_tlv(NULL))
    return encode_tlv(SEQUENCE, info, algorithm, encode_tlv(BIT_STRING, b"\0", signature))


def _extension_request(oid: str, text: str) -> bytes:
    if not text.isascii():
        raise ConfigError(f"{text!r} cannot stand in the extension {oid}")
    value = encode_tlv(OCTET_STRING, text.encode("ascii") + b"\0")
    extensions = encode_tlv(SEQUENCE, encode_tlv(SEQUENCE, encode_oid(oid), value))
    return encode_tlv(SEQUENCE, encode_oid(_EXTENSION_REQUEST), encode_tlv(SET, extensions))


def generate_key(bits: int) -> rsa.RSAPrivateKey:
    """A fresh RSA key of ``bits`` bits, drawn from the system's randomness by ``cryptography``.

    ``ConfigError`` for a size that it refuses.
    """
    try:
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)
    except ValueError as error:
        raise ConfigError(f"no RSA key of {bits} bits: {error}") from error


def load_private_key(pem: bytes) -> rsa.RSAPrivateKey:
    """The unencrypted RSA private key in ``pem``; ``ConfigError`` otherwise."""
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise ConfigError("the private key is encrypted; give it without a password") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError("there is no readable PEM private key") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ConfigError("the private key is not RSA, which is all that phones are known to take")
    return key
