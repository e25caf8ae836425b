"""Certificate taken apart (X.509 v3, RFC 5280 section 4.1), original bytes kept.

Tolerant where phones and careless CAs are: any string type and any character in names, any
extension. Verifying stands in ``mdmcore.pki.certificate``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pyasn1.type import univ
from pyasn1_modules import rfc5280

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.algorithm import algorithm_oid
from mdmcore.pki.asn1.der import (
    BIT_STRING,
    GENERALIZED_TIME,
    SEQUENCE,
    UTC_TIME,
    Tlv,
    check_der,
    expect,
    read_integer,
    tag_name,
)
from mdmcore.pki.asn1.key_usage import KEY_USAGE, decode_key_usage
from mdmcore.pki.asn1.name import DistinguishedName, name_from
from mdmcore.pki.asn1.pkcs10 import bit_string_octets, exactly
from mdmcore.pki.asn1.schema import decode_as

# RFC 5280 allows 20; longer ones exist and are read, numbers without bound are not.
MAX_SERIAL_OCTETS = 64

VERSION = 0xA0
EXTENSIONS = 0xA3
BASIC_CONSTRAINTS = "2.5.29.19"
EXTENDED_KEY_USAGE = "2.5.29.37"
SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
SUBJECT_ALT_NAME = "2.5.29.17"
CERTIFICATE_POLICIES = "2.5.29.32"
AUTHORITY_KEY_IDENTIFIER = "2.5.29.35"
CRL_DISTRIBUTION_POINTS = "2.5.29.31"

# dNSName of a GeneralName (RFC 5280 section 4.2.1.6).
_DNS_NAME = 0x82

_TIME = re.compile(
    r"(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:\.\d{1,9})?(?:Z|([+-])(\d{2})(\d{2}))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionValues:
    """The extensions that matter here, decoded; ``None`` or empty for what is absent.

    ``dns_names`` are those of subjectAltName, ``policies`` the dotted OIDs of the certificate
    policies, ``oids`` those of all extensions.
    """

    ext_key_usages: tuple[str, ...] | None = None
    is_ca: bool = False
    subject_key_id: bytes | None = None
    authority_key_id: bytes | None = None
    crl_urls: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    oids: tuple[str, ...] = ()
    key_usages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateParts:
    """The pieces of a Certificate; ``bytes`` are DER as they stood, times are aware UTC."""

    info: bytes
    serial: int
    issuer: DistinguishedName
    not_before: datetime
    not_after: datetime
    subject: DistinguishedName
    spki: bytes
    extensions: ExtensionValues
    algorithm: bytes
    signature_algorithm: str
    signature: bytes


def decode_certificate(data: bytes) -> CertificateParts:
    """A Certificate that is all of ``data``; ``Asn1Error`` with offset otherwise."""
    outer = expect(check_der(data), SEQUENCE, "a certificate")
    info, algorithm, signature = exactly(outer, 3, "a certificate")
    expect(info, SEQUENCE, "TBSCertificate")
    expect(signature, BIT_STRING, "the signature")
    fields = list(info.children())
    if fields and fields[0].tag == VERSION:
        fields.pop(0)
    if len(fields) < 6:
        message = f"TBSCertificate has {len(fields)} fields, at least 6 are needed"
        raise Asn1Error(message, offset=info.start)
    serial, _, issuer, validity, subject, spki, *optional = fields
    not_before, not_after = _validity(validity)
    return CertificateParts(
        info=info.raw,
        serial=read_integer(serial, "the serial number", max_octets=MAX_SERIAL_OCTETS),
        issuer=name_from(issuer),
        not_before=not_before,
        not_after=not_after,
        subject=name_from(subject),
        spki=expect(spki, SEQUENCE, "SubjectPublicKeyInfo").raw,
        extensions=_extensions(optional),
        algorithm=algorithm.raw,
        signature_algorithm=algorithm_oid(algorithm),
        signature=bit_string_octets(signature),
    )


def _validity(element: Tlv) -> tuple[datetime, datetime]:
    expect(element, SEQUENCE, "the validity")
    not_before, not_after = exactly(element, 2, "the validity")
    return _time(not_before), _time(not_after)


def _time(element: Tlv) -> datetime:
    """A Time (RFC 5280 section 4.1.2.5); offsets and missing seconds of older writers are read."""
    if element.tag not in (UTC_TIME, GENERALIZED_TIME):
        raise Asn1Error(f"a time was expected, not {tag_name(element.tag)}", offset=element.start)
    text = element.content.decode("latin-1")
    match = _TIME.fullmatch(text)
    if match is None or (len(match[1]) == 2) != (element.tag == UTC_TIME):
        raise Asn1Error(f"unreadable time {text[:40]!r}", offset=element.start)
    year = int(match[1])
    if element.tag == UTC_TIME:
        year += 1900 if year >= 50 else 2000
    month, day, hour, minute, second = (int(part or "0") for part in match.group(2, 3, 4, 5, 6))
    away = timedelta(hours=int(match[8] or "0"), minutes=int(match[9] or "0"))
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return local + away if match[7] == "-" else local - away
    except (ValueError, OverflowError) as error:
        raise Asn1Error(f"impossible time {text!r}", offset=element.start) from error


def _extensions(optional: list[Tlv]) -> ExtensionValues:
    holder = next((element for element in optional if element.tag == EXTENSIONS), None)
    if holder is None:
        return ExtensionValues()
    (listed,) = exactly(holder, 1, "the extensions element")
    expect(listed, SEQUENCE, "the extensions")
    # The first of two with the same OID counts.
    values: dict[str, tuple[bytes, int]] = {}
    for element in listed.children():
        expect(element, SEQUENCE, "an extension")
        extension = decode_as(element, rfc5280.Extension(), "extension")
        value = bytes(extension["extnValue"])
        values.setdefault(str(extension["extnID"]), (value, element.end - len(value)))
    return ExtensionValues(
        ext_key_usages=_ext_key_usages(*values.get(EXTENDED_KEY_USAGE, (b"", 0))),
        is_ca=_is_ca(*values.get(BASIC_CONSTRAINTS, (b"", 0))),
        subject_key_id=_subject_key_id(*values.get(SUBJECT_KEY_IDENTIFIER, (b"", 0))),
        authority_key_id=_authority_key_id(*values.get(AUTHORITY_KEY_IDENTIFIER, (b"", 0))),
        crl_urls=_crl_urls(*values.get(CRL_DISTRIBUTION_POINTS, (b"", 0))),
        dns_names=_dns_names(*values.get(SUBJECT_ALT_NAME, (b"", 0))),
        policies=_policies(*values.get(CERTIFICATE_POLICIES, (b"", 0))),
        oids=tuple(values),
        key_usages=decode_key_usage(values.get(KEY_USAGE, (b"", 0))[0]),
    )


def _decode_value(value: bytes, base: int, spec: object, what: str) -> Any:
    """An extension's value; offsets in its errors count from the certificate's start."""
    try:
        element = check_der(value)
    except Asn1Error as error:
        raise Asn1Error(f"{what}: {error.message}", offset=base + (error.offset or 0)) from error
    return decode_as(element, spec, what, base=base)


def _ext_key_usages(value: bytes, base: int) -> tuple[str, ...] | None:
    if not value:
        return None
    decoded = _decode_value(value, base, rfc5280.ExtKeyUsageSyntax(), "extended key usage")
    return tuple(str(usage) for usage in decoded)


def _is_ca(value: bytes, base: int) -> bool:
    if not value:
        return False
    decoded = _decode_value(value, base, rfc5280.BasicConstraints(), "basic constraints")
    return bool(decoded["cA"])


def _subject_key_id(value: bytes, base: int) -> bytes | None:
    if not value:
        return None
    decoded = _decode_value(value, base, rfc5280.SubjectKeyIdentifier(), "subject key identifier")
    return bytes(decoded)


def _authority_key_id(value: bytes, base: int) -> bytes | None:
    if not value:
        return None
    spec = rfc5280.AuthorityKeyIdentifier()
    identifier = _decode_value(value, base, spec, "authority key identifier")["keyIdentifier"]
    return bytes(identifier) if identifier.isValue else None


def _crl_urls(value: bytes, base: int) -> tuple[str, ...]:
    """The URIs of the distribution points' full names, in order (RFC 5280 section 4.2.1.13)."""
    if not value:
        return ()
    decoded = _decode_value(value, base, rfc5280.CRLDistributionPoints(), "CRL distribution points")
    urls = []
    for point in decoded:
        if not point["distributionPoint"].isValue:
            continue
        name = point["distributionPoint"].getComponent()
        if point["distributionPoint"].getName() == "fullName":
            urls += [
                str(each.getComponent())
                for each in name
                if each.getName() == "uniformResourceIdentifier"
            ]
    return tuple(urls)


def _dns_names(value: bytes, base: int) -> tuple[str, ...]:
    """The host names; what a name of another kind holds is not looked at."""
    listed = _listed(value, base, "subject alternative name")
    return tuple(name.content.decode("latin-1") for name in listed if name.tag == _DNS_NAME)


def _policies(value: bytes, base: int) -> tuple[str, ...]:
    """The OIDs; qualifiers, which CAs write in every way, are not looked at."""
    found = []
    for policy in _listed(value, base, "certificate policies", each=SEQUENCE):
        for oid in policy.children()[:1]:
            decoded = decode_as(oid, univ.ObjectIdentifier(), "policy OID", base=base)
            found.append(str(decoded))
    return tuple(found)


def _listed(value: bytes, base: int, what: str, *, each: int | None = None) -> tuple[Tlv, ...]:
    """The elements of a SEQUENCE that is an extension's value, all of tag ``each`` if given."""
    if not value:
        return ()
    try:
        elements = expect(check_der(value), SEQUENCE, what).children()
        return elements if each is None else tuple(expect(e, each, what) for e in elements)
    except Asn1Error as error:
        raise Asn1Error(f"{what}: {error.message}", offset=base + (error.offset or 0)) from error
