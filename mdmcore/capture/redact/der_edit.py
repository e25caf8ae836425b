"""DER whose strings, names, serial numbers and key ids are other ones; all else stays, to the byte.

Lengths are written anew, which DER allows in one way only. Which structure it is, its key and its
signature are the matter of ``certificates`` and ``signed_data``.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from typing import Protocol

from mdmcore.capture.redact.edits import apply_edits
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.run import Run
from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.der import (
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SET,
    Tlv,
    check_der,
    encode_oid,
    encode_tlv,
)

_CODECS = {
    0x0C: "utf-8",
    0x12: "latin-1",
    0x13: "latin-1",
    0x14: "latin-1",
    0x16: "latin-1",
    0x1A: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
_COUNTRY = encode_oid("2.5.4.6")
_SERIAL_NUMBER = encode_oid("2.5.4.5")
_CHALLENGE_PASSWORD = encode_oid("1.2.840.113549.1.9.7")
_SUBJECT_KEY_ID = encode_oid("2.5.29.14")
_AUTHORITY_KEY_ID = encode_oid("2.5.29.35")
_NAMES = (b"\x06\x03\x55\x04", encode_oid("1.2.840.113549.1.9.1"), b"\x06\x0a\x09\x92\x26\x89\x93")
"""How the object identifiers of a name's parts begin: X.520's, e-mail address, RFC 4519's."""
_EMAIL, _DNS, _URI, _ADDRESS = 0x81, 0x82, 0x86, 0x87
_KEY_ID, _SERIAL = 0x80, 0x82
_LONG_NUMBER = 5
_LONG_OCTETS = 8
_SHORT_STRING = 2


class KeyIds(Protocol):
    """Knows what became of key ids."""

    def key_id(self, data: bytes) -> bytes:
        """The id of the key in the place of the one with that id."""


class DerEditor:
    """Rewrites elements of DER."""

    def __init__(self, run: Run, keys: KeyIds) -> None:
        self._run = run
        self._keys = keys

    def element(self, item: Tlv) -> bytes:
        """The element with other values in it."""
        if item.is_constructed:
            return self._constructed(item)
        if item.tag in _CODECS:
            return self._string(item)
        if item.tag == INTEGER and len(item.content) >= _LONG_NUMBER:
            return encode_tlv(INTEGER, self.serial(item.content))
        if item.tag == OCTET_STRING:
            return encode_tlv(item.tag, self._octets(item.content))
        if item.tag & 0xC0 == 0x80:
            return encode_tlv(item.tag, self._in_context(item))
        return item.raw

    def serial(self, content: bytes) -> bytes:
        """Another serial number of as many octets and the same sign."""
        if len(content) < _LONG_NUMBER or self._run.is_learning:
            return content
        new = bytearray(self._run.pseudonyms.octets(ValueKind.CERTIFICATE, content))
        lead = 1 if content[0] in (0, 0xFF) else 0
        new[:lead] = content[:lead]
        new[lead] = new[lead] & 0x7F | content[lead] & 0x80
        if lead == 0 and new[0] == 0:
            new[0] = 1
        return bytes(new)

    def _constructed(self, item: Tlv) -> bytes:
        children = item.children()
        oid = children[0].raw if children and children[0].tag == OBJECT_IDENTIFIER else b""
        if oid and len(children) > 1:
            special = self._attribute(oid, children)
            if special is not None:
                return encode_tlv(item.tag, *special)
        return encode_tlv(item.tag, *(self.element(child) for child in children))

    def _attribute(self, oid: bytes, children: Sequence[Tlv]) -> list[bytes] | None:
        """What follows an object identifier that tells what it is."""
        last = children[-1]
        before = [child.raw for child in children[:-1]]
        if oid == _COUNTRY:
            return [*before, last.raw]
        if oid.startswith(_NAMES) and last.tag in _CODECS:
            kind = ValueKind.NUMBER if oid == _SERIAL_NUMBER else ValueKind.NAME
            return [*before, self._string(last, kind)]
        if oid == _CHALLENGE_PASSWORD and last.tag == SET:
            inside = (
                self._string(one, ValueKind.SECRET) if one.tag in _CODECS else one.raw
                for one in last.children()
            )
            return [*before, encode_tlv(SET, *inside)]
        if oid == _SUBJECT_KEY_ID and last.tag == OCTET_STRING:
            return [*before, encode_tlv(OCTET_STRING, self._key_id(last.content))]
        if oid == _AUTHORITY_KEY_ID and last.tag == OCTET_STRING:
            return [*before, encode_tlv(OCTET_STRING, self._authority(last.content))]
        return None

    def _key_id(self, content: bytes) -> bytes:
        try:
            inner = check_der(content)
        except Asn1Error:
            return content
        if inner.tag != OCTET_STRING:
            return content
        return encode_tlv(OCTET_STRING, self._keys.key_id(inner.content))

    def _authority(self, content: bytes) -> bytes:
        try:
            inner = check_der(content)
            parts = inner.children() if inner.is_constructed else ()
        except Asn1Error:
            return content
        new = []
        for part in parts:
            if part.tag == _KEY_ID:
                new.append(encode_tlv(_KEY_ID, self._keys.key_id(part.content)))
            elif part.tag == _SERIAL:
                new.append(encode_tlv(_SERIAL, self.serial(part.content)))
            else:
                new.append(self.element(part))
        return encode_tlv(inner.tag, *new) if parts else content

    def _string(self, item: Tlv, kind: ValueKind | None = None) -> bytes:
        codec = _CODECS[item.tag]
        try:
            text = item.content.decode(codec)
        except UnicodeDecodeError:
            return item.raw
        new = self._text(text, kind)
        if new == text:
            return item.raw
        return encode_tlv(item.tag, new.encode(codec, "replace"))

    def _text(self, text: str, kind: ValueKind | None) -> str:
        if kind is None:
            return apply_edits(text, self._run.free(text))
        core = text.strip("\0 ")
        if not core:
            return text
        return text.replace(core, self._run.value(kind, core), 1)

    def _octets(self, content: bytes) -> bytes:
        try:
            return self.element(check_der(content))
        except Asn1Error:
            return self._loose(content)

    def _in_context(self, item: Tlv) -> bytes:
        """A value whose type its place tells, as in a GeneralName."""
        content = item.content
        if item.tag == _ADDRESS and len(content) in (4, 16):
            address = str(ipaddress.ip_address(content))
            new = self._run.pseudonyms.address(address)
            return content if self._run.is_learning else ipaddress.ip_address(new).packed
        if item.tag in (_EMAIL, _DNS, _URI):
            try:
                text = content.decode("ascii")
            except UnicodeDecodeError:
                return self._loose(content)
            if text.isprintable() and text:
                if item.tag == _DNS:
                    return self._run.value(ValueKind.HOST, text).encode("ascii")
                return apply_edits(text, self._run.free(text)).encode()
        return self._loose(content)

    def _loose(self, content: bytes) -> bytes:
        """Octets that are no DER: text, or noise instead."""
        for codec in ("utf-8", "utf-16-le", "utf-16-be"):
            text = _printable(content, codec)
            if text is not None:
                return apply_edits(text, self._run.free(text)).encode(codec)
        if len(content) < _LONG_OCTETS or self._run.is_learning:
            return content
        return self._run.pseudonyms.octets(ValueKind.CERTIFICATE, content)


def _printable(content: bytes, codec: str) -> str | None:
    """The text, which may end in NULs; of two bytes a character only what is ASCII."""
    try:
        text = content.decode(codec)
    except UnicodeDecodeError:
        return None
    is_text = text.rstrip("\0").isprintable() and (codec == "utf-8" or text.isascii())
    return text if is_text else None


def attribute_value(editor: DerEditor, run: Run, item: Tlv) -> bytes:
    """A value among the signed attributes of a message: short strings are codes (RFC 8894)."""
    if item.tag in _CODECS:
        text = item.content.decode(_CODECS[item.tag], "replace")
        if len(text) <= _SHORT_STRING:
            return item.raw
        return encode_tlv(item.tag, run.value(ValueKind.TOKEN, text).encode(_CODECS[item.tag]))
    if item.tag == OCTET_STRING:
        if run.is_learning:
            return item.raw
        return encode_tlv(item.tag, run.pseudonyms.octets(ValueKind.NONCE, item.content))
    return editor.element(item)


def key_digest(spki: Tlv) -> bytes:
    """SHA-1 of the key's bits, by which most CAs name a key (RFC 5280 section 4.2.1.2)."""
    bits = spki.children()[1].content[1:]
    return hashlib.sha1(bits, usedforsecurity=False).digest()
