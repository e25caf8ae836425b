"""A captured provisioning document for another device: its certificates issued anew.

enrollment.md 9.2. The captured authorities' private keys are not in the capture: throw-away keys
stand for them, the same key for the same authority in all documents of a life. What was wrong with
a certificate (another key than the CSR's, a bad signature, a wrong thumbprint, a lifetime that is
over) is wrong again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mdmcore.base64_text import encode_base64
from mdmcore.errors import MdmError
from mdmcore.pki.certificate import Certificate, parse_certificate, verify_issued_by
from mdmcore.pki.remake import Stand, remake_certificate, spki_of
from mdmcore.rules.decoded import CsrPart, Provisioning

_USUAL_KEY_BITS = 2048
_MIN_KEY_BITS, _MAX_KEY_BITS = 1024, 4096
_GAP = r"(?:\s|&#(?:10|13|x[aAdD]);)+"
_ENCODINGS = ("utf-8", "utf-16-le")


class Authorities:
    """The stand-ins for all captured keys; ``make`` gives a fresh key of so many bits."""

    def __init__(self, make: Callable[[int], RSAPrivateKey]) -> None:
        self._make = make
        self._keys: dict[bytes, RSAPrivateKey] = {}
        self._known: dict[bytes, Certificate] = {}

    def key(self, name: bytes, bits: int | None = None) -> RSAPrivateKey:
        """The stand-in for a key (by its SubjectPublicKeyInfo), or for a name whose key is not
        known; the same each time."""
        if name not in self._keys:
            wanted = bits or _USUAL_KEY_BITS
            self._keys[name] = self._make(min(max(wanted, _MIN_KEY_BITS), _MAX_KEY_BITS))
        return self._keys[name]

    def learn(self, part: Provisioning) -> None:
        """Authorities that sign certificates in this document or in a later one."""
        for item in part.certificates:
            if item.certificate is not None and (item.certificate.is_ca or not item.is_client):
                self._known[item.certificate.der] = item.certificate

    def issuer(self, certificate: Certificate) -> tuple[Certificate | None, bool]:
        """The authority that signed it, or the one that it only names; and whether it signed."""
        named = [one for one in self._known.values() if one.subject.raw == certificate.issuer.raw]
        if certificate.is_self_issued:
            named.insert(0, certificate)
        for one in named:
            if verify_issued_by(certificate, one):
                return one, True
        return (named[0], False) if named else (None, True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """The captured request and the new one, and how much later it is."""

    captured: CsrPart | None
    new: CsrPart | None
    later: timedelta = timedelta()


def reissued_document(part: Provisioning, applicant: Applicant, authorities: Authorities) -> bytes:
    """The document (as it stood, octet by octet) with certificates for the new request."""
    authorities.learn(part)
    raw = part.raw
    for item in part.certificates:
        certificate = item.certificate
        if certificate is None:
            continue
        try:
            der = _reissued(certificate, applicant, authorities, is_client=item.is_client)
            new = parse_certificate(der)
        except MdmError:
            continue  # too odd to be made anew: it is handed out as it was
        raw = replaced_text(raw, item.stored.text, encode_base64(der))
        for old_text, new_text in _named(certificate, new):
            raw = _replaced(raw, old_text, new_text)
    return raw


def _reissued(
    certificate: Certificate, applicant: Applicant, authorities: Authorities, *, is_client: bool
) -> bytes:
    issuer, is_right = authorities.issuer(certificate)
    captured = applicant.captured.csr if applicant.captured is not None else None
    new = applicant.new.csr if applicant.new is not None else None
    spki, subject = None, None
    if is_client and not certificate.is_ca and captured is not None and new is not None:
        spki = new.spki if certificate.spki == captured.spki else None
        subject = new.subject.raw if certificate.subject.raw == captured.subject.raw else None
    if issuer is None:
        issuer_key = authorities.key(b"name " + certificate.issuer.raw)
    else:
        issuer_key = authorities.key(issuer.spki, issuer.key_bits)
    stand = Stand(
        spki=spki or spki_of(authorities.key(certificate.spki, certificate.key_bits)),
        issuer_key=issuer_key,
        issuer_spki=None if issuer is None else (issuer.spki, spki_of(issuer_key)),
        subject=subject,
        later=applicant.later,
        is_rightly_signed=is_right,
    )
    return remake_certificate(certificate, stand)


def _named(old: Certificate, new: Certificate) -> Iterator[tuple[str, str]]:
    """How a certificate is named elsewhere in the document: by thumbprint, and by its subject in
    search criteria, escaped as URLs are."""
    for change in (str.upper, str.lower):
        yield change(old.thumbprint), change(new.thumbprint)
    before, after = (old.subject.common_name or "").rstrip("\0"), new.subject.common_name or ""
    after = after.rstrip("\0")
    if before and after and before != after:
        for form in (str, quote, _twice):
            yield form(before), form(after)


def _twice(text: str) -> str:
    return quote(quote(text, safe=""), safe="")


def _replaced(raw: bytes, old: str, new: str) -> bytes:
    for encoding in _ENCODINGS:
        raw = raw.replace(old.encode(encoding), new.encode(encoding))
    return raw


def replaced_text(raw: bytes, old: str, new: str) -> bytes:
    """The document with another base64 text in place of that one, broken into lines as that was;
    character references for line ends are understood."""
    chunks = old.split()
    if not chunks:
        return raw
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        found = re.search(_GAP.join(map(re.escape, chunks)), text)
        if found is not None:
            gap = re.search(_GAP, found[0])
            written = _broken(new, len(chunks[0]), gap[0]) if gap is not None else new
            return f"{text[: found.start()]}{written}{text[found.end() :]}".encode(encoding)
    return raw


def _broken(text: str, width: int, gap: str) -> str:
    return gap.join(text[at : at + width] for at in range(0, len(text), width))
