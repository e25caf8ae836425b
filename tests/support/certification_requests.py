"""The four certification requests made by real devices, and requests with one deviation."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from mdmcore.pki.asn1.der import BIT_STRING, NULL, SEQUENCE, encode_integer, encode_oid, encode_tlv
from mdmcore.pki.certificate_builder import encode_common_name
from tests.support.keys import load_key, spki
from tests.support.requirements import shared_file

LUMIA = ("wp81-lumia", "lumia630_csr.der")
REAL_REQUESTS = (
    LUMIA,
    ("csr", "win10_19043_csr.der"),
    ("csr", "poc_ngrok_win10_csr.der"),
    ("csr", "mdmtest_win11_csr.der"),
)
SHA256_WITH_RSA = "1.2.840.113549.1.1.11"


def real_request(name: tuple[str, str]) -> bytes:
    """One of ``REAL_REQUESTS`` (DER); skips where the captures are absent."""
    return shared_file("captures", *name).read_bytes()


def build_request(
    *,
    key: str = "device",
    signing_key: str | None = None,
    subject_value: bytes = b"DEVICE-0001",
    subject_tag: int = 0x13,
    oid: str = SHA256_WITH_RSA,
    digest: hashes.HashAlgorithm | None = None,
    attributes: bytes = b"\xa0\x00",
) -> bytes:
    """A request (DER) for the test key ``key``, signed by ``signing_key`` (default: itself)."""
    info = encode_tlv(
        SEQUENCE,
        encode_integer(0),
        encode_common_name(subject_value, subject_tag),
        spki(key),
        attributes,
    )
    signer = load_key(signing_key or key)
    signature = signer.sign(info, padding.PKCS1v15(), digest or hashes.SHA256())
    algorithm = encode_tlv(SEQUENCE, encode_oid(oid), encode_tlv(NULL))
    return encode_tlv(SEQUENCE, info, algorithm, encode_tlv(BIT_STRING, b"\0", signature))
