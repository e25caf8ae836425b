"""PKCS#7 SignedData with other content, certificates and signers (RFC 5652 section 5).

A digest of the content that was right is right, a signature too; what was wrong stays wrong.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from mdmcore.capture.redact.der_edit import attribute_value
from mdmcore.capture.redact.keys import signed
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.run import Run
from mdmcore.pki.asn1.algorithm import algorithm_oid
from mdmcore.pki.asn1.der import (
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    Tlv,
    check_der,
    encode_oid,
    encode_tlv,
)
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.cms import DIGESTS, MESSAGE_DIGEST, RSA_ENCRYPTION
from mdmcore.pki.signature import Signed, verification_problem

if TYPE_CHECKING:
    from mdmcore.capture.redact.certificates import Certificates

_CONTEXT_0 = 0xA0
_KEY_ID = 0x80
_ENVELOPED = encode_oid("1.2.840.113549.1.7.3")
_MESSAGE_DIGEST = encode_oid(MESSAGE_DIGEST)
_KEPT_ATTRIBUTES = frozenset(
    encode_oid(oid) for oid in ("1.2.840.113549.1.9.3", "1.2.840.113549.1.9.5")
)
"""Content type and signing time."""
_MAX_TRIED = 32


def is_enveloped(outer: Tlv) -> bool:
    """Whether it is a ContentInfo of encrypted content."""
    children = outer.children() if outer.tag == SEQUENCE else ()
    return bool(children) and children[0].raw == _ENVELOPED


def rewritten(
    all_of: Certificates, run: Run, data: bytes, *, apart: tuple[bytes, bytes] | None = None
) -> bytes:
    """The SignedData, which can be read; ``apart`` is its content before and after where that
    stands elsewhere."""
    kind, holder = check_der(data).children()
    (body,) = holder.children()
    version, digests, content, *rest = body.children()
    inside, old, new = _content(all_of, run, content)
    if apart is not None:
        old, new = apart
    parts = [_rewritten_part(all_of, part) for part in rest[:-1]]
    signers = [_signer(all_of, run, one, old, new) for one in rest[-1].children()]
    result = encode_tlv(
        SEQUENCE, version.raw, digests.raw, inside, *parts, encode_tlv(SET, *signers)
    )
    if run.is_learning:
        return data
    return encode_tlv(SEQUENCE, kind.raw, encode_tlv(holder.tag, result))


def _content(all_of: Certificates, run: Run, item: Tlv) -> tuple[bytes, bytes, bytes]:
    """The element, and the content before and after."""
    kind, *rest = item.children()
    if not rest:
        return item.raw, b"", b""
    (octets,) = rest[0].children()
    old = octets.content
    new = run.octets(old) if old else old
    if new is None:
        new = old if run.is_learning else run.pseudonyms.octets(ValueKind.TOKEN, old)
    wrapped = encode_tlv(rest[0].tag, encode_tlv(octets.tag, new))
    return encode_tlv(item.tag, kind.raw, wrapped), old, new


def _rewritten_part(all_of: Certificates, part: Tlv) -> bytes:
    """The certificates or the revocation lists that come along."""
    items = (
        all_of.certificate(item.raw) if item.tag == SEQUENCE else item.raw
        for item in part.children()
    )
    return encode_tlv(part.tag, *items)


def _signer(all_of: Certificates, run: Run, item: Tlv, old: bytes, new: bytes) -> bytes:
    fields = list(item.children())
    version, name, digest = fields[:3]
    has_attributes = fields[3].tag == _CONTEXT_0
    attributes = fields[3] if has_attributes else None
    algorithm, signature, *rest = fields[4:] if has_attributes else fields[3:]
    digest_oid = algorithm_oid(digest)
    new_attributes = b""
    if attributes is not None:
        each = (_attribute(all_of, run, one, digest_oid, old, new) for one in attributes.children())
        new_attributes = encode_tlv(_CONTEXT_0, *each)
    oid = _signature_oid(algorithm_oid(algorithm), digest_oid)
    before = Signed(
        data=old if attributes is None else bytes((SET,)) + attributes.raw[1:],
        algorithm=algorithm.raw,
        oid=oid,
        signature=signature.content,
    )
    after = new if attributes is None else bytes((SET,)) + new_attributes[1:]
    new_name = _name(all_of, name)
    made = None if run.is_learning else _signature(all_of, name, before, after)
    if made is None:
        made = run.pseudonyms.octets(ValueKind.SIGNED, signature.content)
    return encode_tlv(
        SEQUENCE,
        version.raw,
        new_name,
        digest.raw,
        new_attributes,
        algorithm.raw,
        encode_tlv(OCTET_STRING, made),
        *(one.raw for one in rest),
    )


def _signature(all_of: Certificates, name: Tlv, before: Signed, after: bytes) -> bytes | None:
    for one in _holders(all_of, name):
        if verification_problem(before, one.spki) is None:
            key = all_of.keys.instead_of(one.spki)
            if key is not None:
                return signed(key, after, oid=before.oid, algorithm=before.algorithm)
    return None


def _holders(all_of: Certificates, name: Tlv) -> list[Certificate]:
    """The certificates that may have signed; those that are named first."""
    everyone = all_of.all()
    named = [one for one in everyone if _is_named(one, name)]
    return [*named, *(one for one in everyone if one not in named)][:_MAX_TRIED]


def _is_named(one: Certificate, name: Tlv) -> bool:
    if name.tag == _KEY_ID:
        return one.subject_key_id == name.content
    children = name.children() if name.is_constructed else ()
    return (
        len(children) == 2
        and children[0].raw == one.issuer.raw
        and int.from_bytes(children[1].content, signed=True) == one.serial
    )


def _name(all_of: Certificates, name: Tlv) -> bytes:
    if name.tag == _KEY_ID:
        return encode_tlv(_KEY_ID, all_of.key_id(name.content))
    children = name.children()
    if len(children) != 2 or children[1].tag != INTEGER:
        return name.raw
    issuer, serial = children
    number = encode_tlv(INTEGER, all_of.editor.serial(serial.content))
    return encode_tlv(name.tag, all_of.editor.element(issuer), number)


def _attribute(
    all_of: Certificates, run: Run, item: Tlv, digest_oid: str, old: bytes, new: bytes
) -> bytes:
    kind, values = item.children()
    if kind.tag != OBJECT_IDENTIFIER or kind.raw in _KEPT_ATTRIBUTES:
        return item.raw
    if kind.raw == _MESSAGE_DIGEST:
        each = [_content_digest(run, one, digest_oid, old, new) for one in values.children()]
    else:
        each = [attribute_value(all_of.editor, run, one) for one in values.children()]
    return encode_tlv(item.tag, kind.raw, encode_tlv(values.tag, *each))


def _content_digest(run: Run, item: Tlv, oid: str, old: bytes, new: bytes) -> bytes:
    name = DIGESTS[oid][1] if oid in DIGESTS else None
    if run.is_learning or name is None:
        return item.raw
    if hashlib.new(name, old, usedforsecurity=False).digest() == item.content:
        return encode_tlv(item.tag, hashlib.new(name, new, usedforsecurity=False).digest())
    return encode_tlv(item.tag, run.pseudonyms.octets(ValueKind.DIGEST, item.content))


def _signature_oid(algorithm: str, digest: str) -> str:
    """RSA alone is named where the digest is named apart (RFC 3370 section 3.2)."""
    if algorithm == RSA_ENCRYPTION and digest in DIGESTS:
        return DIGESTS[digest][2]
    return algorithm
