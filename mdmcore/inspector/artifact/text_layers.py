"""What text is wrapped in on its way through editors, logs and mails: one layer at a time.

Each function takes bytes and gives those inside, or ``None`` where its layer is not there. Which
is tried when, and how often, is decided in ``layers``.
"""

from __future__ import annotations

import base64
import re
from types import MappingProxyType

from mdmcore.base64_text import decode_base64

UTF8_BOM = b"\xef\xbb\xbf"
_UTF16 = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED_UTF16 = re.compile(r"\s*<\?xml[^>]{0,200}encoding\s*=\s*[\"']utf-16", re.IGNORECASE)

_START = rb"[ \t]*(?:HTTP/[0-9.]{1,4} [0-9]{3}\b|[A-Z]{3,10} [^\s]{1,8000} HTTP/[0-9.]{1,4}\s*$)"
_START_LINE = re.compile(_START)
_FIELD = re.compile(rb"[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,80}):(?!//)")
_TELLING = frozenset(
    {"content-type", "content-length", "transfer-encoding", "host", "user-agent", "server"}
)
_MAX_HEADER_LINES = 200

_ENTITY = re.compile(rb"&(?:(lt|gt|quot|apos|amp)|#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6}));")
_ENTITIES = MappingProxyType({b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'", b"amp": b"&"})
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|([\"\\/bfnrt]))")
_ESCAPES = MappingProxyType({b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"})

_BLANKS = b" \t\r\n\x0b\x0c"
_WRAPPING = _BLANKS + b"\"'"
_LEAST_BASE64 = 16
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_BASE64_HEADS = (b"MII", b"MIA", b"PD94", b"PHdhcC", b"PHM6", b"PFN5", b"77u/PD94", b"LS0tLS1CRU")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}[\s:,]{0,2})+")
_DUMP_LINE = re.compile(
    rb"\s*([0-9a-fA-F]{4,8}):?[ \t]+((?:[0-9a-fA-F]{2,4}[ \t]{1,3}|- ){0,16}[0-9a-fA-F]{2,4})"
    rb"(?:[ \t]{2,}.*|[ \t]*\|.*|[ \t]*)"
)


def from_utf16(data: bytes) -> bytes | None:
    """UTF-16 with its mark as UTF-8. XML that declares UTF-16 is left as it is: it was meant so."""
    for bom, codec in _UTF16:
        if data.startswith(bom):
            text = data[2:].decode(codec, "replace")
            return None if _DECLARED_UTF16.match(text) else text.encode("utf-8", "replace")
    return None


def behind_http_headers(data: bytes) -> bytes | None:
    """The body behind a start line and header fields, or fields alone, and their empty line."""
    position, found = 0, False
    for number in range(_MAX_HEADER_LINES):
        end = data.find(b"\n", position)
        line = (data[position:] if end < 0 else data[position:end]).rstrip(b"\r")
        if not line.strip():
            return data[end + 1 :] if found and end >= 0 else None
        field = _FIELD.match(line)
        if number == 0 and _START_LINE.match(line):
            found = True
        elif field is None:
            return None
        elif field[1].decode("ascii").lower() in _TELLING:
            found = True
        if end < 0:
            return None
        position = end + 1
    return None


def without_entities(data: bytes) -> bytes:
    """XML's predefined entities and character references decoded, once."""
    return _ENTITY.sub(_character, data)


def _character(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return _ENTITIES[match[1]]
    code = int(match[2]) if match[2] else int(match[3], 16)
    return match[0] if code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code).encode()


def without_backslashes(data: bytes) -> bytes:
    """The escapes of a JSON string decoded, once."""
    return _ESCAPE.sub(_escaped, data)


def _escaped(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return chr(int(match[1], 16)).encode("utf-8", "replace")
    return _ESCAPES.get(match[2], match[2])


def from_base64(data: bytes) -> bytes | None:
    """Base64 with blanks, line breaks and quotes around it; not for less than 16 characters."""
    bare = data.strip(_WRAPPING)
    if len(bare) < _LEAST_BASE64 or not bare.isascii() or _NOT_BASE64.search(bare):
        return None
    return decode_base64(bare.decode("ascii").translate(_DROPPED))


_DROPPED = str.maketrans("", "", "\x0b\x0c")


def broken_base64(data: bytes) -> tuple[str, int] | None:
    """Why text that begins like base64 of ours is none, and at which offset."""
    start = len(data) - len(data.lstrip(_WRAPPING))
    bare = data[start:].rstrip(_WRAPPING)
    # Sentences have blanks, base64 has line breaks at most.
    if len(bare) < _LEAST_BASE64 or not bare.startswith(_BASE64_HEADS) or b" " in bare[:40]:
        return None
    wrong = _NOT_BASE64.search(bare)
    if wrong is not None:
        if wrong.start() < _LEAST_BASE64:
            return None
        character = wrong[0].decode("latin-1")
        return f"base64 with a {character!r} in it", start + wrong.start()
    padding = bare.find(b"=")
    if padding >= 0 and bare[padding:].translate(None, b"=" + _BLANKS):
        return "base64 that goes on behind its padding", start + padding
    length = len(bare.translate(None, _BLANKS))
    return f"base64 that is cut off: {length} characters are no whole groups of four", len(data)


def base64_before(data: bytes, offset: int) -> bytes:
    """What the whole groups of four before that offset decode to."""
    packed = data[:offset].strip(_WRAPPING).translate(None, _BLANKS + b"=")
    return base64.b64decode(packed[: len(packed) // 4 * 4])


def from_hex(data: bytes) -> bytes | None:
    """Hex digits in pairs, with or without blanks, colons or commas between them."""
    bare = data.strip(_WRAPPING)
    if len(bare) < _LEAST_BASE64 or not _HEX.fullmatch(bare):
        return None
    return bytes.fromhex(bare.translate(None, _BLANKS + b":,").decode("ascii"))


def from_hex_dump(data: bytes) -> bytes | None:
    """A dump in lines of offset, hex and text, as hexdump, xxd and certutil -encodehex write it.

    The offsets must count the bytes: what leaves something out is no dump of a whole file.
    """
    found = bytearray()
    lines = 0
    for line in data.splitlines():
        if not line.strip():
            continue
        match = _DUMP_LINE.fullmatch(line[:200])
        if match is None:
            # hexdump -C ends with the length, certutil with a sentence.
            if lines and (line.strip().isalnum() or line.lstrip().startswith(b"CertUtil:")):
                continue
            return None
        if int(match[1], 16) != len(found):
            return None
        digits = match[2].translate(None, b" \t-")
        if len(digits) % 2:
            return None
        found += bytes.fromhex(digits.decode("ascii"))
        lines += 1
    return bytes(found) if lines else None
