"""CMS SignedData taken apart (RFC 5652 section 5), original bytes kept.

DER only, which is what devices and ``openssl cms`` write. pyasn1 judges the types, the TLV reader
hands out the bytes that were signed. Verifying stands in ``mdmcore.pki.cms``.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyasn1.type.univ import ObjectIdentifier

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.algorithm import algorithm_oid
from mdmcore.pki.asn1.der import (
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    Tlv,
    check_der,
    expect,
    read_integer,
)
from mdmcore.pki.asn1.name import (
    PRINTABLE_STRING,
    UTF8_STRING,
    DistinguishedName,
    name_from,
)
from mdmcore.pki.asn1.pkcs10 import exactly
from mdmcore.pki.asn1.schema import decode_as
from mdmcore.pki.asn1.x509 import MAX_SERIAL_OCTETS

SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTEXT_0 = 0xA0
CONTEXT_1 = 0xA1
KEY_ID = 0x80
_STRINGS = frozenset({UTF8_STRING, PRINTABLE_STRING})


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeParts:
    """A signed attribute: its dotted type, and the DER of each of its values."""

    oid: str
    values: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerParts:
    """The pieces of a SignerInfo.

    Either ``issuer`` and ``serial`` name the signer's certificate or ``subject_key_id`` does.
    ``attributes_raw`` are the signed attributes as they were signed (as SET, RFC 5652 section
    5.4), empty when there are none.
    """

    issuer: DistinguishedName | None
    serial: int | None
    subject_key_id: bytes | None
    digest_algorithm: str
    attributes: tuple[AttributeParts, ...]
    attributes_raw: bytes
    algorithm: bytes
    signature_algorithm: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDataParts:
    """The pieces of a SignedData; ``content`` is ``None`` when it is detached."""

    content_type: str
    content: bytes | None
    certificates: tuple[tuple[int, bytes], ...]
    """Offset and DER of each."""
    signers: tuple[SignerParts, ...]


def decode_signed_data(data: bytes) -> SignedDataParts:
    """The SignedData whose ContentInfo is all of ``data``; ``Asn1Error`` with offset otherwise."""
    # It costs a fifth of the proxy's start, and few messages are signed.
    from pyasn1_modules import rfc5652

    outer = expect(check_der(data), SEQUENCE, "a CMS message")
    kind, holder = exactly(outer, 2, "a CMS message")
    if (found := _oid(kind, "the content type")) != SIGNED_DATA:
        raise Asn1Error(f"a CMS message of type {found}, not SignedData", offset=kind.start)
    (signed,) = exactly(expect(holder, CONTEXT_0, "the content"), 1, "the content")
    decode_as(expect(signed, SEQUENCE, "SignedData"), rfc5652.SignedData(), "SignedData")
    fields = list(signed.children())
    # pyasn1 has seen that what must be there is there, and in order.
    read_integer(fields[0], "the version", max_octets=4)
    content_type, content = _content(fields[2])
    certificates = next((field for field in fields[3:-1] if field.tag == CONTEXT_0), None)
    return SignedDataParts(
        content_type=content_type,
        content=content,
        certificates=() if certificates is None else _certificates(certificates),
        signers=tuple(_signer(item) for item in expect(fields[-1], SET, "the signers").children()),
    )


def _oid(element: Tlv, what: str) -> str:
    expect(element, OBJECT_IDENTIFIER, what)
    return str(decode_as(element, ObjectIdentifier(), what))


def _content(element: Tlv) -> tuple[str, bytes | None]:
    parts = expect(element, SEQUENCE, "the encapsulated content").children()
    content_type = _oid(parts[0], "the encapsulated content's type")
    if len(parts) < 2:
        return content_type, None
    (octets,) = exactly(parts[1], 1, "the encapsulated content")
    return content_type, expect(octets, OCTET_STRING, "the encapsulated content").content


def _certificates(element: Tlv) -> tuple[tuple[int, bytes], ...]:
    """Plain certificates; attribute certificates and other formats are no signer's."""
    listed = (item for item in element.children() if item.tag == SEQUENCE)
    return tuple((item.start, item.raw) for item in listed)


def _signer(element: Tlv) -> SignerParts:
    fields = list(expect(element, SEQUENCE, "a signer").children())
    has_attributes = fields[3].tag == CONTEXT_0
    algorithm, signature = fields[4:6] if has_attributes else fields[3:5]
    attributes = fields[3] if has_attributes else None
    issuer, serial, key_id = _identifier(fields[1])
    return SignerParts(
        issuer=issuer,
        serial=serial,
        subject_key_id=key_id,
        digest_algorithm=algorithm_oid(fields[2]),
        attributes=() if attributes is None else _attributes(attributes),
        attributes_raw=b"" if attributes is None else bytes((SET,)) + attributes.raw[1:],
        algorithm=algorithm.raw,
        signature_algorithm=algorithm_oid(algorithm),
        signature=expect(signature, OCTET_STRING, "the signature").content,
    )


def _identifier(element: Tlv) -> tuple[DistinguishedName | None, int | None, bytes | None]:
    if element.tag == KEY_ID:
        return None, None, element.content
    issuer, serial = exactly(expect(element, SEQUENCE, "the signer's id"), 2, "the signer's id")
    number = read_integer(serial, "the serial number", max_octets=MAX_SERIAL_OCTETS)
    return name_from(issuer), number, None


def _attributes(element: Tlv) -> tuple[AttributeParts, ...]:
    found = []
    for item in element.children():
        kind, values = exactly(expect(item, SEQUENCE, "an attribute"), 2, "an attribute")
        listed = expect(values, SET, "an attribute's values").children()
        oid = _oid(kind, "an attribute's type")
        found.append(AttributeParts(oid=oid, values=tuple(value.raw for value in listed)))
    return tuple(found)


def attribute_oid(value: bytes) -> str:
    """The OID that is all of an attribute's value; ``Asn1Error`` otherwise."""
    return _oid(check_der(value), "an attribute's value")


def attribute_octets(value: bytes) -> bytes:
    """The octets of an OCTET STRING that is all of an attribute's value."""
    return expect(check_der(value), OCTET_STRING, "an attribute's value").content


def attribute_text(value: bytes) -> str:
    """The text of a string of ASCII (PrintableString, UTF8String) that is all of a value."""
    element = check_der(value)
    if element.tag not in _STRINGS:
        raise Asn1Error("an attribute's value is no string", offset=element.start)
    try:
        return element.content.decode("ascii")
    except UnicodeDecodeError:
        raise Asn1Error("an attribute's text is not ASCII", offset=element.start) from None
