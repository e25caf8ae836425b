"""CertificationRequest taken apart (PKCS#10, RFC 2986 section 4), original bytes kept.

pyasn1 judges the types, the TLV reader hands out the bytes that were signed. Verifying stands in
``mdmcore.pki.csr``.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyasn1_modules import rfc2986

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.algorithm import algorithm_oid
from mdmcore.pki.asn1.der import (
    BIT_STRING,
    SEQUENCE,
    Tlv,
    check_der,
    expect,
    read_integer,
)
from mdmcore.pki.asn1.name import DistinguishedName, name_from
from mdmcore.pki.asn1.schema import decode_as

ATTRIBUTES = 0xA0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestParts:
    """The pieces of a CertificationRequest; ``bytes`` are DER as they stood in the input.

    ``attributes`` is the whole ``[0]`` element, empty when the request has none; ``signature``
    the octets of the BIT STRING.
    """

    info: bytes
    version: int
    subject: DistinguishedName
    spki: bytes
    attributes: bytes
    algorithm: bytes
    signature_algorithm: str
    signature: bytes


def decode_request(data: bytes) -> RequestParts:
    """A CertificationRequest that is all of ``data``; ``Asn1Error`` with offset otherwise."""
    outer = expect(check_der(data), SEQUENCE, "a certification request")
    info, algorithm, signature = exactly(outer, 3, "a certification request")
    expect(info, SEQUENCE, "CertificationRequestInfo")
    expect(signature, BIT_STRING, "the signature")
    fields = info.children()
    if not 3 <= len(fields) <= 4:
        message = f"CertificationRequestInfo has {len(fields)} elements instead of 3 or 4"
        raise Asn1Error(message, offset=info.start)
    version = read_integer(fields[0], "the version", max_octets=4)
    expect(fields[2], SEQUENCE, "SubjectPublicKeyInfo")
    attributes = b""
    if len(fields) == 4:
        attributes = expect(fields[3], ATTRIBUTES, "the attributes").raw
    subject = name_from(fields[1])
    signature_algorithm = algorithm_oid(algorithm)
    # Some requests have no attributes element at all, which RFC 2986 does not allow: then only
    # the pieces are judged.
    if attributes:
        decode_as(outer, rfc2986.CertificationRequest(), "certification request")
    return RequestParts(
        info=info.raw,
        version=version,
        subject=subject,
        spki=fields[2].raw,
        attributes=attributes,
        algorithm=algorithm.raw,
        signature_algorithm=signature_algorithm,
        signature=bit_string_octets(signature),
    )


def exactly(element: Tlv, count: int, what: str) -> tuple[Tlv, ...]:
    """The children of ``element`` when they are ``count``; ``Asn1Error`` otherwise."""
    children = element.children()
    if len(children) != count:
        message = f"{what} has {len(children)} elements instead of {count}"
        raise Asn1Error(message, offset=element.start)
    return children


def bit_string_octets(element: Tlv) -> bytes:
    """The octets of a BIT STRING without unused bits; ``Asn1Error`` for any other."""
    content = element.content
    if not content or content[0] != 0:
        raise Asn1Error("a bit string of whole octets was expected", offset=element.start)
    return content[1:]
