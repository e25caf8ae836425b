"""A DER structure as ``certutil -asn`` prints it, written after what it prints (not after our
reader): offset, bars of the tree, at most 16 bytes, lengths in hex, remarks behind semicolons.
"""

from __future__ import annotations

from collections.abc import Iterator

_NAMES = {
    0x01: "BOOL",
    0x02: "INTEGER",
    0x03: "BIT_STRING",
    0x04: "OCTET_STRING",
    0x05: "NULL",
    0x06: "OBJECT_ID",
    0x0C: "UTF8_STRING",
    0x13: "PRINTABLE_STRING",
    0x16: "IA5_STRING",
    0x17: "UTCTime",
    0x30: "SEQUENCE",
    0x31: "SET",
}
_FRIENDLY = {bytes.fromhex("550403"): "2.5.4.3 Common Name (CN)"}
_STRINGS = (0x0C, 0x13, 0x16)


def certutil_asn(der: bytes, *, offsets: bool = True) -> str:
    """The dump of ``der``; each line ends with a line feed."""
    body = "".join(_element(der, 0, [], is_last=True))
    lines = body.splitlines()
    if not offsets:
        lines = [line[6:] for line in lines]
    return "\n".join([*lines, "CertUtil: -asn command completed successfully.", ""])


def _element(der: bytes, at: int, bars: list[bool], *, is_last: bool) -> Iterator[str]:
    tag, header, length = der[at], 2, der[at + 1]
    if length & 0x80:
        header += length & 0x7F
        length = int.from_bytes(der[at + 2 : at + header])
    tree = "".join("|  " if bar else "   " for bar in bars)
    name = _NAMES.get(tag, f"CONTEXT_SPECIFIC[{tag & 0x1F}]" if tag & 0x80 else "UNKNOWN")
    head = f"{at:04x}: {tree}{der[at : at + header].hex(' ')}"
    yield f"{head:<48}; {name} ({length:x} Bytes)\n"
    below = [*bars, not is_last]
    start, end = at + header, at + header + length
    inner = der[start:end]
    if tag & 0x20 or (tag == 0x04 and _is_structure(inner)):
        while start < end:
            size = _size(der, start)
            yield from _element(der, start, below, is_last=start + size >= end)
            start += size
        return
    yield from _value(start, tag, inner, below)


def _value(start: int, tag: int, content: bytes, bars: list[bool]) -> Iterator[str]:
    tree = "".join("|  " if bar else "   " for bar in bars)
    for at in range(0, len(content), 16):
        row = content[at : at + 16]
        hexes = row[:8].hex(" ") + ("  " + row[8:].hex(" ") if len(row) > 8 else "")
        text = "".join(chr(c) if 32 <= c < 127 else "." if c else "" for c in row)
        yield f"{start + at:04x}: {tree}{hexes:<50}; {text}\n"
    blank = " " * 6
    if tag in _STRINGS:
        text = content.replace(b"\0", b"").decode("latin-1")
        yield f'{blank}{tree}   ; "{text}"\n'
    if content in _FRIENDLY:
        yield f"{blank}{tree}   ; {_FRIENDLY[content]}\n"


def _is_structure(content: bytes) -> bool:
    return len(content) > 2 and content[0] == 0x30 and _size(content, 0) == len(content)


def _size(der: bytes, at: int) -> int:
    length = der[at + 1]
    if not length & 0x80:
        return 2 + length
    count = length & 0x7F
    return 2 + count + int.from_bytes(der[at + 2 : at + 2 + count])
