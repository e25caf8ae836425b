"""SCEP messages put together with pyasn1 (RFC 8894, RFC 5652), with any attribute left out."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from pyasn1.codec.der import decoder, encoder
from pyasn1.type import char, univ
from pyasn1_modules import rfc5280, rfc5652

from tests.support.keys import load_key
from tests.support.story import certificate

VERISIGN = "2.16.840.1.113733.1.9"
OIDS = {
    "messageType": f"{VERISIGN}.2",
    "pkiStatus": f"{VERISIGN}.3",
    "senderNonce": f"{VERISIGN}.5",
    "recipientNonce": f"{VERISIGN}.6",
    "transactionID": f"{VERISIGN}.7",
}
SHA256 = "2.16.840.1.101.3.4.2.1"
RSA = "1.2.840.113549.1.1.1"
DATA = "1.2.840.113549.1.7.1"
DEVICE_NONCE = bytes(range(16))
SERVER_NONCE = bytes(range(16, 32))

REQUEST: dict[str, str | bytes] = {
    "messageType": "19",
    "transactionID": "4F1C",
    "senderNonce": DEVICE_NONCE,
}
CERTREP: dict[str, str | bytes] = {
    "messageType": "3",
    "transactionID": "4F1C",
    "pkiStatus": "0",
    "senderNonce": SERVER_NONCE,
    "recipientNonce": DEVICE_NONCE,
}


def pki_message(attributes: dict[str, str | bytes], content: bytes = b"enveloped") -> bytes:
    """A signed message (DER) with those attributes beside contentType and messageDigest."""
    digest = univ.OctetString(hashlib.sha256(content).digest())
    signed = univ.SetOf(componentType=rfc5652.Attribute())
    pairs: list[tuple[str, univ.OctetString | univ.ObjectIdentifier]] = [
        ("1.2.840.113549.1.9.3", univ.ObjectIdentifier(DATA)),
        ("1.2.840.113549.1.9.4", digest),
        *((OIDS[name], _value(value)) for name, value in attributes.items()),
    ]
    for position, (oid, value) in enumerate(pairs):
        signed[position] = _attribute(oid, value)
    signature = load_key("device").sign(encoder.encode(signed), padding.PKCS1v15(), hashes.SHA256())
    signer = rfc5652.SignerInfo()
    signer["version"] = 1
    signer["sid"]["issuerAndSerialNumber"] = _issuer_and_serial()
    signer["digestAlgorithm"]["algorithm"] = univ.ObjectIdentifier(SHA256)
    signer["signedAttrs"].extend(signed)
    signer["signatureAlgorithm"]["algorithm"] = univ.ObjectIdentifier(RSA)
    signer["signature"] = signature
    message = rfc5652.SignedData()
    message["version"] = 1
    message["digestAlgorithms"][0]["algorithm"] = univ.ObjectIdentifier(SHA256)
    message["encapContentInfo"]["eContentType"] = univ.ObjectIdentifier(DATA)
    message["encapContentInfo"]["eContent"] = content
    decoded, _ = decoder.decode(certificate(), asn1Spec=rfc5280.Certificate())
    message["certificates"][0]["certificate"] = decoded
    message["signerInfos"][0] = signer
    info = rfc5652.ContentInfo()
    info["contentType"] = rfc5652.id_signedData
    info["content"] = encoder.encode(message)
    return bytes(encoder.encode(info))


def _value(value: str | bytes) -> univ.OctetString:
    return char.PrintableString(value) if isinstance(value, str) else univ.OctetString(value)


def _attribute(oid: str, value: univ.OctetString | univ.ObjectIdentifier) -> rfc5652.Attribute:
    attribute = rfc5652.Attribute()
    attribute["attrType"] = univ.ObjectIdentifier(oid)
    attribute["attrValues"][0] = univ.Any(encoder.encode(value))
    return attribute


def _issuer_and_serial() -> rfc5652.IssuerAndSerialNumber:
    parsed = x509.load_der_x509_certificate(certificate())
    found = rfc5652.IssuerAndSerialNumber()
    name, _ = decoder.decode(parsed.issuer.public_bytes(), asn1Spec=rfc5280.Name())
    found["issuer"] = name
    found["serialNumber"] = parsed.serial_number
    return found
