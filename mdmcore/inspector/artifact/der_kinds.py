"""Telling what DER is by its first elements, also where the rest is cut off or broken.

Whether it really is that is for the parsers of ``mdmcore.pki`` to say. Shapes: PKCS#10 (RFC 2986),
X.509 and CRLs (RFC 5280), CMS (RFC 5652), PKCS#12 (RFC 7292), private keys (RFC 5208, 5915, 8017).
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.pki.asn1.der import BIT_STRING, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET

_PKCS7 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"
"""1.2.840.113549.1.7, the content types of CMS; ``\\x02`` behind it is SignedData."""
_VERSION = 0xA0
_TIMES = frozenset({0x17, 0x18})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """Tag of an element, where its content starts, and where it says to end."""

    tag: int
    content: int
    end: int


def der_kind(data: bytes) -> ArtifactKind:
    """What these bytes begin like; ``UNKNOWN_DER`` when it is nothing of enrolment."""
    outer = _head(data, 0)
    first = _inside(data, outer)
    if outer is None or outer.tag != SEQUENCE or first is None:
        return ArtifactKind.UNKNOWN_DER
    second = _head(data, first.end)
    if first.tag == OBJECT_IDENTIFIER:
        return _content_info(data, first)
    if first.tag == INTEGER:
        return _numbered(data, first, second)
    return _signed_or_key(data, first, second) if first.tag == SEQUENCE else _UNKNOWN


_UNKNOWN = ArtifactKind.UNKNOWN_DER


def _content_info(data: bytes, oid: _Head) -> ArtifactKind:
    value = data[oid.content : oid.end]
    if not value.startswith(_PKCS7):
        return _UNKNOWN
    return ArtifactKind.PKCS7 if value[len(_PKCS7) :] == b"\x02" else ArtifactKind.OTHER_CMS


def _numbered(data: bytes, number: _Head, second: _Head | None) -> ArtifactKind:
    """A SEQUENCE that begins with an INTEGER: PKCS#12 or some form of private key."""
    if second is None:
        return _UNKNOWN
    if second.tag in (INTEGER, OCTET_STRING):
        return ArtifactKind.PRIVATE_KEY
    inner = _inside(data, second)
    if second.tag != SEQUENCE or inner is None or inner.tag != OBJECT_IDENTIFIER:
        return _UNKNOWN
    is_pfx = data[inner.content : inner.end].startswith(_PKCS7)
    return ArtifactKind.PKCS12 if is_pfx else ArtifactKind.PRIVATE_KEY


def _signed_or_key(data: bytes, first: _Head, second: _Head | None) -> ArtifactKind:
    """A SEQUENCE that begins with a SEQUENCE: something signed, or a key with its algorithm."""
    inner = _inside(data, first)
    if inner is None:
        return _UNKNOWN
    if inner.tag == _VERSION:
        return ArtifactKind.CERTIFICATE
    if inner.tag == OBJECT_IDENTIFIER:
        following = second.tag if second is not None else None
        by_tag = {OCTET_STRING: ArtifactKind.PRIVATE_KEY, BIT_STRING: ArtifactKind.PUBLIC_KEY}
        return by_tag.get(following or 0, _UNKNOWN)
    if inner.tag == SEQUENCE:
        return ArtifactKind.CRL  # a first version, which has no number
    return _with_number(data, inner) if inner.tag == INTEGER else _UNKNOWN


def _with_number(data: bytes, number: _Head) -> ArtifactKind:
    """CSR, first-version certificate or CRL: behind the number stands a name or an algorithm."""
    after = _head(data, number.end)
    below = _inside(data, after)
    if after is None or after.tag != SEQUENCE:
        return _UNKNOWN
    if after.content == after.end or (below is not None and below.tag == SET):
        return ArtifactKind.CSR
    if below is None or below.tag != OBJECT_IDENTIFIER:
        return _UNKNOWN
    name = _head(data, after.end)
    validity = _head(data, name.end) if name is not None else None
    is_crl = validity is not None and validity.tag in _TIMES
    return ArtifactKind.CRL if is_crl else ArtifactKind.CERTIFICATE


def _inside(data: bytes, outer: _Head | None) -> _Head | None:
    """The first element inside; ``None`` where there is none."""
    if outer is None or outer.content >= outer.end:
        return None
    return _head(data, outer.content)


def _head(data: bytes, at: int) -> _Head | None:
    """Tag and length at that offset, whether or not the content is all there."""
    if at + 2 > len(data):
        return None
    first = data[at + 1]
    count = first & 0x7F if first > 0x80 else 0
    if count > 4 or at + 2 + count > len(data):
        return None
    content = at + 2 + count
    if first == 0x80:  # BER of indefinite length: told by the parser
        return _Head(tag=data[at], content=content, end=len(data))
    length = int.from_bytes(data[at + 2 : content]) if count else first
    return _Head(tag=data[at], content=content, end=content + length)
