"""X.501 names with their original bytes and string types (RFC 5280 section 4.1.2.4).

A strict reader refuses NUL or ``!`` in a PrintableString; phones send both, so values are kept as
bytes and judged elsewhere. The text forms are in ``name_text``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pyasn1_modules import rfc5280

from mdmcore.pki.asn1 import name_text
from mdmcore.pki.asn1.der import SEQUENCE, Tlv, check_der, expect, read_tlv, tag_name
from mdmcore.pki.asn1.schema import decode_as

COMMON_NAME = "2.5.4.3"
PRINTABLE_STRING = 0x13
UTF8_STRING = 0x0C

# X.680 section 41.4. No @ _ ! * & among them.
PRINTABLE_ALPHABET = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?"
)

# Single-octet types are read as Latin-1, which takes every octet, legal there or not.
_CODECS = {
    UTF8_STRING: "utf-8",
    0x12: "latin-1",
    PRINTABLE_STRING: "latin-1",
    0x14: "latin-1",
    0x16: "latin-1",
    0x1A: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAttribute:
    """One attribute: dotted type ``oid``, the value's ``tag`` and its content octets ``raw``."""

    oid: str
    tag: int
    raw: bytes

    @property
    def text(self) -> str:
        """The decoded value, NULs kept; U+FFFD for octets its type does not allow.

        A value that is no string reads ``#`` and the hex digits of its octets.
        """
        codec = _CODECS.get(self.tag)
        return f"#{self.raw.hex()}" if codec is None else self.raw.decode(codec, "replace")

    @property
    def type_name(self) -> str:
        """``PrintableString``, ``UTF8String``, ... as X.680 names the value's type."""
        return tag_name(self.tag)

    @property
    def has_nul(self) -> bool:
        """Whether a NUL character stands in the text."""
        return "\0" in self.text

    @property
    def is_printable_alphabet(self) -> bool:
        """Whether every character may stand in a PrintableString, whatever the type is."""
        return PRINTABLE_ALPHABET.issuperset(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class DistinguishedName:
    """A name: its DER as it stood, and its RDNs in the order of the encoding."""

    raw: bytes = field(repr=False)
    rdns: tuple[tuple[NameAttribute, ...], ...]

    @property
    def attributes(self) -> tuple[NameAttribute, ...]:
        """All attributes of all RDNs, in order."""
        return tuple(attribute for rdn in self.rdns for attribute in rdn)

    @property
    def common_names(self) -> tuple[str, ...]:
        """The texts of all CN attributes, NULs kept."""
        return tuple(item.text for item in self.attributes if item.oid == COMMON_NAME)

    @property
    def common_name(self) -> str | None:
        """The last, most specific CN, NULs kept; ``None`` when there is none."""
        return self.common_names[-1] if self.common_names else None

    @property
    def pairs(self) -> tuple[name_text.Rdn, ...]:
        """The RDNs as pairs of dotted OID and text."""
        return tuple(tuple((item.oid, item.text) for item in rdn) for rdn in self.rdns)

    def rfc4514(self) -> str:
        r"""The name for people: RFC 4514, NUL as ``\00``."""
        return name_text.rfc4514(self.pairs)

    def x500_text(self) -> str:
        """The name as CertNameToStr renders it, first RDN first; unconfirmed for the phone."""
        return name_text.x500(self.pairs)


def parse_name(der: bytes) -> DistinguishedName:
    """The name that is all of ``der``; ``Asn1Error`` otherwise."""
    return name_from(check_der(der))


def name_from(element: Tlv) -> DistinguishedName:
    """The name that ``element`` of a checked structure holds."""
    expect(element, SEQUENCE, "a name")
    decoded = decode_as(element, rfc5280.Name(), "name")
    rdns = tuple(
        tuple(_attribute(str(item["type"]), bytes(item["value"])) for item in rdn)
        for rdn in decoded[0]
    )
    return DistinguishedName(raw=element.raw, rdns=rdns)


def _attribute(oid: str, value: bytes) -> NameAttribute:
    tlv = read_tlv(value)
    return NameAttribute(oid=oid, tag=tlv.tag, raw=tlv.content)
