"""The bytes of a body that a HAR keeps as text, as base64, or as form fields.

Source: HAR 1.2 (postData, content), formats.md sections 2.1 and 2.3 for what programs write.
"""

from __future__ import annotations

import base64
import binascii
import codecs
from urllib.parse import urlencode

from mdmcore.capture.har.fields import Place
from mdmcore.errors import ParseError

_ELSEWHERE = ("_requestBody", "_content")


_TEXT_TYPES = ("json", "xml", "html", "javascript", "css")
MITMPROXY = "mitmproxy"


def request_body(request: Place, creator: str) -> bytes | None:
    """What a request sent; empty where nothing is written of a body. Raises ParseError."""
    posted = request.get("postData")
    for place in (posted, *(request.get(name) for name in _ELSEWHERE)):
        if place.get("encoding").text_or("").lower() == "base64":
            return _base64(place.get("text"))
    for place in (posted, *(request.get(name) for name in _ELSEWHERE)):
        if place.get("text").text_or(""):
            return _bytes(place, creator)
    fields = [
        (each.get("name").text_or(""), each.get("value").text_or(""))
        for each in posted.get("params").items()
    ]
    if fields:
        return urlencode(fields).encode("ascii")
    size = request.get("bodySize").number()
    return None if size else b""


def response_body(response: Place, creator: str) -> bytes | None:
    """What an answer held, without its Content-Encoding; ``None`` where the file does not keep it.

    Raises ParseError.
    """
    content = response.get("content")
    text = content.get("text")
    if text.value is None:
        size = content.get("size").number()
        return None if size or size is None else b""
    if content.get("encoding").text_or("").lower() == "base64":
        return _base64(text)
    return _bytes(content, creator)


def _base64(place: Place) -> bytes:
    text = "".join(place.text().split())
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ParseError(f"{place.path} is no base64") from None


def _bytes(place: Place, creator: str) -> bytes:
    """The text in the charset of its media type, else UTF-8; lone surrogates are the bytes that
    were no text. mitmproxy takes Latin-1 for what is no text by its type."""
    text = place.get("text").text()
    media_type = place.get("mimeType").text_or("").lower()
    is_latin = creator == MITMPROXY and not any(word in media_type for word in _TEXT_TYPES)
    for name in (_charset(media_type, "latin-1" if is_latin else "utf-8"), "utf-8"):
        try:
            return text.encode(codecs.lookup(name).name, "surrogateescape")
        except (LookupError, UnicodeEncodeError, ValueError):
            continue
    return text.encode("utf-8", "replace")


def _charset(media_type: str, usual: str) -> str:
    for part in media_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"'):
            return value.strip().strip('"')[:40]
    return usual
