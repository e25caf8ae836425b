"""An independent look for secrets in bytes: every coding, every member of an archive."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import zipfile
import zlib
from urllib.parse import quote, quote_plus


def codings(secret: str) -> set[bytes]:
    """What a secret may look like."""
    texts = {
        secret,
        secret.lower(),
        secret.upper(),
        html.escape(secret),
        html.escape(html.escape(secret)),
        quote(secret, safe=""),
        quote_plus(secret),
        quote(secret, safe="").lower(),
        json.dumps(secret)[1:-1],
    }
    found = {text.encode() for text in texts}
    for codec in ("utf-8", "utf-16-le", "utf-16-be"):
        raw = secret.encode(codec)
        found |= {raw, raw.hex().encode(), raw.hex().upper().encode()}
        for shift in range(3):
            once = _stable(raw, shift)
            found |= {once, once.replace(b"+", b"-").replace(b"/", b"_")}
            found |= {_stable(once, again) for again in range(3)}
    return {one for one in found if len(one) >= 6}


def _stable(raw: bytes, shift: int) -> bytes:
    """What of base64 does not depend on what stands around."""
    text = base64.b64encode(b"x" * shift + raw + b"xx")
    start = -(-shift * 4 // 3)
    end = (shift + len(raw)) * 8 // 6
    return text[start:end]


def found_in(data: bytes, secrets: tuple[str, ...], *, depth: int = 0) -> list[str]:
    """The secrets that stand in the bytes, or in what is packed in them."""
    result = [secret for secret in secrets if any(one in data for one in codings(secret))]
    if depth > 3:
        return result
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for item in archive.infolist():
                result += found_in(archive.read(item), secrets, depth=depth + 1)
    for begin in re.finditer(rb"\x1f\x8b\x08", data):
        try:
            inside = zlib.decompressobj(31).decompress(data[begin.start() :])
        except zlib.error:
            continue
        result += found_in(inside, secrets, depth=depth + 1)
    return result
