"""Certificates, requests, revocation lists and PKCS#7 messages, made anew with throw-away keys.

Structure, string types, extensions, validity and algorithms stay. A signature that was right is
right, also along a chain; one that was wrong stays so; where the signer is not in the capture a key
in his name signs. So what belongs together by key, name, serial number, key id or thumbprint still
does.
"""

from __future__ import annotations

import hashlib

from mdmcore.capture.redact.der_edit import DerEditor, key_digest
from mdmcore.capture.redact.keys import PrivateKey, ThrowAwayKeys, signed
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.run import Run
from mdmcore.capture.redact.signed_data import is_enveloped, rewritten
from mdmcore.errors import Asn1Error, MdmError
from mdmcore.pki.asn1.algorithm import algorithm_oid
from mdmcore.pki.asn1.cms import decode_signed_data
from mdmcore.pki.asn1.der import BIT_STRING, INTEGER, SEQUENCE, Tlv, check_der, encode_tlv
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.csr import parse_pkcs10
from mdmcore.pki.revocation import parse_revocation_list
from mdmcore.pki.signature import SCHEMES, Signed, verification_problem

_VERSION = 0xA0
_MAX_KNOWN = 20_000
_MAX_CANDIDATES = 16


class Certificates:
    """All of a capture's certificates and what was made of them."""

    def __init__(self, run: Run, keys: ThrowAwayKeys) -> None:
        self._run = run
        self.keys = keys
        self.editor = DerEditor(run, self)
        self._made: dict[bytes, bytes] = {}
        self._by_digest: dict[bytes, bytes] = {}
        self._by_subject: dict[bytes, list[Certificate]] = {}
        self._spki_by_key_id: dict[bytes, bytes] = {}

    # --- what others ask ------------------------------------------------------------------------

    def any(self, data: bytes, *, content: bytes | None = None) -> bytes | None:
        """The structure made anew; ``None`` where it is none of these, or cannot be read.
        ``content``: what a PKCS#7 signature that stands apart is about, before and after."""
        for kind, read, make in (
            (ValueKind.CERTIFICATE, parse_certificate, self._certificate),
            (ValueKind.REQUEST, parse_pkcs10, self._request),
            (ValueKind.SIGNED, decode_signed_data, self._signed_data),
            (ValueKind.REVOCATIONS, parse_revocation_list, self._revocations),
        ):
            try:
                read(data)
                new = self._once(data, make)
            except MdmError:
                continue
            if not self._run.is_learning:
                self._run.tally.count(kind)
            return new
        return self._enveloped(data)

    def certificate(self, der: bytes) -> bytes:
        """A certificate made anew; one that cannot be read becomes noise."""
        new = self.any(der)
        if new is not None or self._run.is_learning:
            return der if new is None else new
        return self._run.pseudonyms.octets(ValueKind.CERTIFICATE, der)

    def detached(self, der: bytes, old: bytes, new: bytes) -> bytes | None:
        """A PKCS#7 signature of a text that stands apart, now of its new form."""
        try:
            decode_signed_data(der)
        except MdmError:
            return None
        return rewritten(self, self._run, der, apart=(old, new))

    def thumbprint(self, digest: bytes) -> bytes | None:
        """The SHA-1 or SHA-256 of what took a certificate's place, by the original's."""
        der = self._by_digest.get(digest)
        if der is None or self._run.is_learning:
            return None
        return _digest(self.certificate(der), len(digest))

    def key_id(self, data: bytes) -> bytes:
        """The id of the key in the place of the one with that id."""
        if self._run.is_learning:
            return data
        spki = self._spki_by_key_id.get(data)
        new = None if spki is None else self.keys.spki_instead_of(spki)
        if new is not None:
            return key_digest(check_der(new))
        return self._run.pseudonyms.octets(ValueKind.CERTIFICATE, data)

    def holders(self, subject: bytes) -> tuple[Certificate, ...]:
        """The certificates of that subject (DER)."""
        return tuple(self._by_subject.get(subject, ()))[:_MAX_CANDIDATES]

    def all(self) -> list[Certificate]:
        """All certificates that were seen."""
        return [one for row in self._by_subject.values() for one in row]

    # --- making ---------------------------------------------------------------------------------

    def _once(self, data: bytes, make: object) -> bytes:
        assert callable(make)
        if self._run.is_learning:
            make(data)
            return data
        mark = hashlib.sha256(data).digest()
        if mark not in self._made:
            self._made[mark] = make(data)
        return self._made[mark]

    def _learn(self, certificate: Certificate, der: bytes) -> None:
        if len(self._by_digest) >= 2 * _MAX_KNOWN or _digest(der, 20) in self._by_digest:
            return
        self._by_digest[_digest(der, 20)] = der
        self._by_digest[_digest(der, 32)] = der
        self._by_subject.setdefault(certificate.subject.raw, []).append(certificate)

    def _spki(self, item: Tlv) -> bytes:
        if self._run.is_learning:
            self._spki_by_key_id.setdefault(key_digest(item), item.raw)
            return item.raw
        new = self.keys.spki_instead_of(item.raw)
        if new is not None:
            return new
        algorithm, bits = item.children()[:2]
        noise = self._run.pseudonyms.octets(ValueKind.CERTIFICATE, bits.content)
        # The outermost lengths stay, so that it reads as a key of that size.
        kept = bits.content[:12] + noise[12:-5] + bits.content[-5:]
        return encode_tlv(SEQUENCE, algorithm.raw, encode_tlv(BIT_STRING, kept))

    def _certificate(self, data: bytes) -> bytes:
        parsed = parse_certificate(data)
        if self._run.is_learning:
            self._learn(parsed, data)
        info, algorithm, signature = check_der(data).children()
        fields = list(info.children())
        new: list[bytes] = [fields.pop(0).raw] if fields[0].tag == _VERSION else []
        serial, scheme, issuer, validity, subject, spki, *rest = fields
        new += [
            encode_tlv(INTEGER, self.editor.serial(serial.content)),
            scheme.raw,
            self.editor.element(issuer),
            validity.raw,
            self.editor.element(subject),
            self._spki(spki),
            *(self.editor.element(one) for one in rest),
        ]
        return self._closed(info, encode_tlv(SEQUENCE, *new), algorithm, signature, issuer.raw)

    def _request(self, data: bytes) -> bytes:
        info, algorithm, signature = check_der(data).children()
        version, subject, spki, *rest = info.children()
        new = encode_tlv(
            SEQUENCE,
            version.raw,
            self.editor.element(subject),
            self._spki(spki),
            *(self.editor.element(one) for one in rest),
        )
        if self._run.is_learning:
            return data
        old = Signed(
            data=info.raw,
            algorithm=algorithm.raw,
            oid=algorithm_oid(algorithm),
            signature=signature.content[1:],
        )
        is_right = verification_problem(old, spki.raw) is None
        key = self.keys.instead_of(spki.raw) if is_right else None
        return encode_tlv(SEQUENCE, new, algorithm.raw, self._bits(key, new, old))

    def _signed_data(self, data: bytes) -> bytes:
        return rewritten(self, self._run, data)

    def _revocations(self, data: bytes) -> bytes:
        info, algorithm, signature = check_der(data).children()
        fields = list(info.children())
        at = 1 if fields[0].tag == INTEGER else 0
        issuer = fields[at + 1]
        new = encode_tlv(
            SEQUENCE,
            *(one.raw for one in fields[: at + 1]),
            *map(self.editor.element, fields[at + 1 :]),
        )
        return self._closed(info, new, algorithm, signature, issuer.raw)

    def _closed(
        self, info: Tlv, new: bytes, algorithm: Tlv, signature: Tlv, issuer: bytes
    ) -> bytes:
        """The structure signed as it was: by whom it was, or by nobody."""
        if self._run.is_learning:
            return b""
        old = Signed(
            data=info.raw,
            algorithm=algorithm.raw,
            oid=algorithm_oid(algorithm),
            signature=signature.content[1:],
        )
        key = self._signer(old, issuer)
        return encode_tlv(SEQUENCE, new, algorithm.raw, self._bits(key, new, old))

    def _signer(self, old: Signed, issuer: bytes) -> PrivateKey | None:
        holders = self.holders(issuer)
        for holder in holders:
            if verification_problem(old, holder.spki) is None:
                return self.keys.instead_of(holder.spki)
        if holders:
            return None
        scheme = SCHEMES.get(old.oid)
        is_ecdsa = scheme is not None and scheme.is_ecdsa
        return self.keys.of_unknown(issuer, old.signature, is_ecdsa=is_ecdsa)

    def _bits(self, key: PrivateKey | None, data: bytes, old: Signed) -> bytes:
        made = None if key is None else signed(key, data, oid=old.oid, algorithm=old.algorithm)
        if made is None:
            made = self._run.pseudonyms.octets(ValueKind.CERTIFICATE, old.signature)
        return encode_tlv(BIT_STRING, b"\0", made)

    def _enveloped(self, data: bytes) -> bytes | None:
        """What is encrypted for somebody: other recipients, noise inside."""
        try:
            outer = check_der(data)
            return self.editor.element(outer) if is_enveloped(outer) else None
        except Asn1Error:
            return None


def _digest(data: bytes, length: int) -> bytes:
    if length == 32:
        return hashlib.sha256(data).digest()
    return hashlib.sha1(data, usedforsecurity=False).digest()
