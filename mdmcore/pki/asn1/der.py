"""The TLV layer of DER (X.690 sections 8.1, 10.1): original bytes, offsets, bounds.

Lengths are definite and minimal, tags of one octet: what PKCS#10 and X.509 use. ``check_der``
walks a whole input without recursion before anything else looks at it. What the elements mean
does not belong here. Every error is an ``Asn1Error`` whose offset counts from the input's start.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mdmcore.errors import Asn1Error

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_ELEMENTS = 10_000
MAX_OID_OCTETS = 128

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31

_TAG_NAMES = {
    0x01: "BOOLEAN",
    INTEGER: "INTEGER",
    BIT_STRING: "BIT STRING",
    OCTET_STRING: "OCTET STRING",
    NULL: "NULL",
    OBJECT_IDENTIFIER: "OBJECT IDENTIFIER",
    0x0C: "UTF8String",
    0x12: "NumericString",
    0x13: "PrintableString",
    0x14: "T61String",
    0x16: "IA5String",
    UTC_TIME: "UTCTime",
    GENERALIZED_TIME: "GeneralizedTime",
    0x1A: "VisibleString",
    0x1C: "UniversalString",
    0x1E: "BMPString",
    SEQUENCE: "SEQUENCE",
    SET: "SET",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tlv:
    """One element inside ``data``: it starts at ``start``, its content at ``start + header``.

    ``header`` is the length of tag and length octets, ``end`` the offset behind the content;
    ``tag`` is the identifier octet as it stands (class and constructed bits included).
    """

    tag: int
    start: int
    header: int
    end: int
    data: bytes = field(repr=False)

    @property
    def content(self) -> bytes:
        """The content octets."""
        return self.data[self.start + self.header : self.end]

    @property
    def raw(self) -> bytes:
        """The whole element, tag and length included."""
        return self.data[self.start : self.end]

    @property
    def is_constructed(self) -> bool:
        """Whether the content is a row of elements again."""
        return bool(self.tag & 0x20)

    def children(self) -> tuple[Tlv, ...]:
        """The elements inside a constructed one; ``Asn1Error`` when they do not fill it."""
        return tuple(iter_tlv(self.data, self.start + self.header, self.end))


def tag_name(tag: int) -> str:
    """A tag in the words of X.680, such as ``SEQUENCE`` or ``[0]``."""
    if tag in _TAG_NAMES:
        return _TAG_NAMES[tag]
    return f"[{tag & 0x1F}]" if tag & 0xC0 == 0x80 else f"tag 0x{tag:02x}"


def read_tlv(data: bytes, offset: int = 0, end: int | None = None) -> Tlv:
    """The element at ``offset``; ``end`` bounds it (default: the end of the data)."""
    limit = len(data) if end is None else end
    if offset >= limit:
        raise Asn1Error("an element is missing here", offset=limit)
    tag = data[offset]
    if tag & 0x1F == 0x1F:
        raise Asn1Error("a tag number above 30 does not occur in certificates", offset=offset)
    header, length = _read_length(data, offset, limit)
    stop = offset + header + length
    if stop > limit:
        _raise_too_long(tag, offset, stop, limit, at_end=limit == len(data))
    return Tlv(tag=tag, start=offset, header=header, end=stop, data=data)


def _read_length(data: bytes, offset: int, limit: int) -> tuple[int, int]:
    """Header length and content length of the element at ``offset``."""
    at = offset + 1
    if at >= limit:
        raise Asn1Error("truncated: the length is missing", offset=limit)
    first = data[at]
    if first < 0x80:
        return 2, first
    count = first & 0x7F
    if count == 0:
        raise Asn1Error("indefinite length is BER, not DER", offset=at)
    if count > 4:
        raise Asn1Error(f"a length of {count} octets is too large", offset=at)
    if at + 1 + count > limit:
        raise Asn1Error("truncated inside a length", offset=limit)
    length = int.from_bytes(data[at + 1 : at + 1 + count])
    if length < 0x80 or length < 1 << (8 * (count - 1)):
        raise Asn1Error("the length is not encoded in its shortest form", offset=at)
    return 2 + count, length


def _raise_too_long(tag: int, offset: int, stop: int, limit: int, *, at_end: bool) -> None:
    what = f"{tag_name(tag)} at offset {offset}"
    if at_end:
        message = f"truncated: {what} needs {stop - offset} bytes, {limit - offset} are there"
        raise Asn1Error(message, offset=limit)
    raise Asn1Error(f"{what} ends at {stop}, behind its parent's end at {limit}", offset=offset)


def iter_tlv(data: bytes, start: int, end: int) -> Iterator[Tlv]:
    """The elements that fill ``data[start:end]``, one after the other."""
    offset = start
    while offset < end:
        element = read_tlv(data, offset, end)
        yield element
        offset = element.end


def check_der(data: bytes) -> Tlv:
    """The single element that is all of ``data``, after a walk through everything inside it.

    ``Asn1Error`` for truncated or trailing bytes, broken nesting, more than ``MAX_BYTES``,
    ``MAX_DEPTH`` or ``MAX_ELEMENTS``.
    """
    if len(data) > MAX_BYTES:
        raise Asn1Error(f"{len(data)} bytes are more than {MAX_BYTES}", offset=MAX_BYTES)
    outer = read_tlv(data)
    if outer.end != len(data):
        surplus = len(data) - outer.end
        raise Asn1Error(f"{surplus} trailing bytes behind the structure", offset=outer.end)
    waiting = [(outer, 1)]
    count = 1
    while waiting:
        element, depth = waiting.pop()
        if element.tag == OBJECT_IDENTIFIER and len(element.content) > MAX_OID_OCTETS:
            raise Asn1Error(f"an OID longer than {MAX_OID_OCTETS} octets", offset=element.start)
        if not element.is_constructed:
            continue
        for child in iter_tlv(data, element.start + element.header, element.end):
            count += 1
            if depth >= MAX_DEPTH:
                raise Asn1Error(f"nested deeper than {MAX_DEPTH} levels", offset=child.start)
            if count > MAX_ELEMENTS:
                raise Asn1Error(f"more than {MAX_ELEMENTS} elements", offset=child.start)
            waiting.append((child, depth + 1))
    return outer


def expect(element: Tlv, tag: int, what: str) -> Tlv:
    """``element`` itself when it has that tag, otherwise ``Asn1Error`` naming ``what``."""
    if element.tag != tag:
        message = f"{what} should be {tag_name(tag)}, but is {tag_name(element.tag)}"
        raise Asn1Error(message, offset=element.start)
    return element


def read_integer(element: Tlv, what: str, *, max_octets: int) -> int:
    """An INTEGER of at most ``max_octets``; ``Asn1Error`` naming ``what`` otherwise."""
    expect(element, INTEGER, what)
    if not 1 <= len(element.content) <= max_octets:
        message = f"{what} has {len(element.content)} octets, 1 to {max_octets} are taken"
        raise Asn1Error(message, offset=element.start)
    return int.from_bytes(element.content, signed=True)


def encode_tlv(tag: int, *contents: bytes) -> bytes:
    """An element with that identifier octet; its content is ``contents`` joined."""
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets + content


def encode_integer(value: int) -> bytes:
    """A DER INTEGER."""
    size = value.bit_length() // 8 + 1
    return encode_tlv(INTEGER, value.to_bytes(size, signed=True))


def encode_oid(dotted: str) -> bytes:
    """A DER OBJECT IDENTIFIER from its dotted text."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return encode_tlv(OBJECT_IDENTIFIER, *(_base128(arc) for arc in (first * 40 + second, *rest)))


def encode_time(moment: datetime) -> bytes:
    """UTCTime until 2049, GeneralizedTime from then on (RFC 5280 4.1.2.5, RFC 5652 11.3)."""
    utc = moment.astimezone(UTC)
    if 1950 <= utc.year < 2050:
        return encode_tlv(UTC_TIME, f"{utc:%y%m%d%H%M%S}Z".encode("ascii"))
    return encode_tlv(GENERALIZED_TIME, f"{utc.year:04}{utc:%m%d%H%M%S}Z".encode("ascii"))


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.insert(0, 0x80 | (arc & 0x7F))
    return bytes(octets)
