"""Naming the kind of a loose file by its first bytes and its content, never by its name."""

from __future__ import annotations

import re
from types import MappingProxyType

from mdmcore.inspector.artifact.certutil_text import is_certutil_text
from mdmcore.inspector.artifact.der_kinds import der_kind
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.xml_documents import first_name

_HEAD = 8192
_LONG_HEAD = 64 * 1024
_MAX_TOKEN = 512 * 1024
_BLANKS = b" \t\r\n\x0b\x0c"
_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\x0b\x0c\x1b")

_XML_ROOTS = MappingProxyType(
    {
        "envelope": ArtifactKind.SOAP,
        "wap-provisioningdoc": ArtifactKind.PROVISIONING,
        "aet": ArtifactKind.AET,
        "syncml": ArtifactKind.SYNCML,
        "characteristic": ArtifactKind.FRAGMENT,
        "parm": ArtifactKind.FRAGMENT,
        "html": ArtifactKind.HTML,
        "events": ArtifactKind.EVENT_LOG,
        "event": ArtifactKind.EVENT_LOG,
    }
)
_MAGIC = (
    (b"PK\x03\x04", ArtifactKind.ARCHIVE),
    (b"MSCF", ArtifactKind.ARCHIVE),
    (b"\x1f\x8b", ArtifactKind.COMPRESSED),
    (b"ElfFile\0", ArtifactKind.EVENT_LOG),
    (b"\x0a\x0d\x0d\x0a", ArtifactKind.CAPTURE),
    (b"\xd4\xc3\xb2\xa1", ArtifactKind.CAPTURE),
    (b"\xa1\xb2\xc3\xd4", ArtifactKind.CAPTURE),
    (b"\x4d\x3c\xb2\xa1", ArtifactKind.CAPTURE),
    (b"\xa1\xb2\x3c\x4d", ArtifactKind.CAPTURE),
)
_FLOWS = re.compile(rb"[0-9]{1,12}:[0-9]{1,3}:[a-z_]{1,30}[;,]")
_HAR = re.compile(rb"\s*\{\s*\"log\"\s*:\s*\{")
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|form)\b", re.IGNORECASE)
_SIGN_IN = re.compile(rb"wresult|ms-app://", re.IGNORECASE)
# The numeric public ids of SyncML 1.1, SyncML 1.2 and DevInf 1.2 (wbxml.md section 4).
_WBXML = re.compile(rb"[\x01-\x03](?:\xa4[\x01-\x03]|\x9f[\x51-\x54]|\x00[\x00-\x7f]|\x01)\x6a")
_BASE64URL = rb"[A-Za-z0-9_-]"
_JWT = re.compile(
    rb"(?:Bearer )?(eyJ" + _BASE64URL + rb"{4,}\." + _BASE64URL + rb"*\." + _BASE64URL + rb"*)"
)
_JWE = re.compile(rb"(?:Bearer )?eyJ" + _BASE64URL + rb"{4,}(?:\." + _BASE64URL + rb"*){4}")
_OPENSSL = re.compile(rb"\s*Certificate(?: Request)?:\s+Data:\s")
_QUOTES = b"\"'"


def is_text(data: bytes) -> bool:
    """Whether the bytes are for reading: XML of any kind, or free of control characters."""
    head = data[:_HEAD]
    if head.lstrip(_BLANKS + b"\xef\xbb\xbf").startswith(b"<") or head.startswith(
        tuple(bom for bom, _ in _BOMS)
    ):
        return True
    return _CONTROLS.isdisjoint(head)


def kind_of(data: bytes) -> ArtifactKind:
    """The kind; ``EMPTY`` or ``UNKNOWN`` when it is none of those known. Never raises."""
    if not data or data.isspace():
        return ArtifactKind.EMPTY
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if not is_text(data):
        if _WBXML.match(data):
            return ArtifactKind.WBXML
        return der_kind(data) if data.startswith(b"\x30") else ArtifactKind.UNKNOWN
    return _text_kind(data)


def _text_kind(data: bytes) -> ArtifactKind:
    text = _ascii_of(data[:_LONG_HEAD]).strip(_BLANKS + b"\xef\xbb\xbf")
    if text.startswith(b"<"):
        named = _XML_ROOTS.get(first_name(text), ArtifactKind.OTHER_XML)
        kind = ArtifactKind.HTML if _HTML.match(text) else named
        is_sign_in = kind is ArtifactKind.HTML and _SIGN_IN.search(data)
        return ArtifactKind.SIGN_IN_PAGE if is_sign_in else kind
    if _FLOWS.match(text) or _HAR.match(text):
        return ArtifactKind.CAPTURE
    bare = data.strip(_BLANKS).strip(_QUOTES) if len(data) <= _MAX_TOKEN else b""
    if _JWT.fullmatch(bare):
        return ArtifactKind.USER_TOKEN
    if _JWE.fullmatch(bare):
        return ArtifactKind.ENCRYPTED_TOKEN
    if is_certutil_text(text):
        return ArtifactKind.DUMP_TEXT
    return ArtifactKind.OPENSSL_TEXT if _OPENSSL.match(text) else ArtifactKind.UNKNOWN


def token_in(data: bytes) -> str:
    """The JWT that is all of ``data``, quotes and ``Bearer`` taken off."""
    found = _JWT.fullmatch(data.strip(_BLANKS).strip(_QUOTES))
    return found[1].decode("ascii") if found else ""


def _ascii_of(data: bytes) -> bytes:
    """The bytes, those of UTF-16 in UTF-8."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return data[2:].decode(codec, "replace").encode("utf-8", "replace")
    return data
