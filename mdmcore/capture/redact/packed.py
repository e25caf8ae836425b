"""Bytes and base64 inside messages: certificates, documents, WBXML, text, each redacted as such."""

from __future__ import annotations

import codecs

from mdmcore.base64_text import decode_base64
from mdmcore.capture.redact.edits import apply_edits
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.pem import refolded
from mdmcore.capture.redact.run import Run
from mdmcore.xml import declared_encoding

_SHORTEST = 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\r\n")
_KEPT_START = 17
"""Bytes of an unknown structure that stay: by them its form is told."""
_DER = b"\x30"


def packed(run: Run, text: str) -> str | None:
    """Base64 of something that is understood, redacted; ``None`` where it is not, or not base64."""
    if len(text) < _SHORTEST:
        return None
    data = decode_base64(text)
    if data is None or len(data) < _SHORTEST // 2:
        return None
    new = run.octets(data)
    if new is None:
        return None
    return text if new == data else refolded(text, new)


def noise(run: Run, data: bytes) -> bytes:
    """Bytes that say nothing in the place of some that are not understood."""
    kept = _KEPT_START if data.startswith(_DER) else 4
    return data[:kept] + run.pseudonyms.octets(ValueKind.TOKEN, data)[kept:]


def decoded_text(data: bytes) -> tuple[str, str, bytes] | None:
    """The text that bytes are, its codec, and the byte order mark before it; ``None`` for what is
    no text. Bytes that a codec does not know are kept where it is UTF-8."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            text = _decode(data[len(bom) :], codec)
            return None if text is None else (text, codec, bom)
    if data[:2] in (b"<\0", b"\0<") and len(data) % 2 == 0:
        codec = "utf-16-le" if data[0] else "utf-16-be"
        text = _decode(data, codec)
        return None if text is None else (text, codec, b"")
    declared = declared_encoding(data[:1024]) if data.lstrip()[:5] == b"<?xml" else None
    for name in (declared, "utf-8"):
        text = _decode(data, name) if name is not None and _is_wide(name) is False else None
        if text is not None:
            return text, name or "utf-8", b""
    return None


def any_text(data: bytes) -> tuple[str, str, bytes]:
    """The same, for what must be text: UTF-8 whose other bytes are kept as they are."""
    return decoded_text(data) or (data.decode("utf-8", "surrogateescape"), "utf-8", b"")


def encoded_text(text: str, codec: str, bom: bytes) -> bytes:
    """The bytes again; what a codec has no character for becomes a reference."""
    if codec == "utf-8":
        return bom + text.encode("utf-8", "surrogateescape")
    return bom + text.encode(codec, "xmlcharrefreplace")


def text_in(run: Run, text: str) -> str:
    """A text that stands for itself: a document, base64, or any other."""
    start = text.lstrip()[:1]
    if start == "<":
        return run.xml(text)
    again = run.packed(text.strip())
    if again is not None:
        return text.replace(text.strip(), again)
    return apply_edits(text, run.free(text))


def readable(data: bytes) -> tuple[str, str, bytes] | None:
    """As ``decoded_text``, but ``None`` also for text that has controls in it."""
    found = decoded_text(data)
    if found is None or not _CONTROLS.isdisjoint(found[0]):
        return None
    return found


def _is_wide(codec: str) -> bool:
    return codec.lower().startswith(("utf-16", "utf16", "utf-32", "ucs"))


def _decode(data: bytes, codec: str) -> str | None:
    try:
        text = data.decode(codec)
        return text if text.encode(codec) == data else None
    except (UnicodeError, LookupError):
        return None
