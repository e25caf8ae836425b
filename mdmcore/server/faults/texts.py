"""Changing the text of an answer that we wrote ourselves: elements by name, headers, whole bodies.

Our serializers are known: no comments, no CDATA, attributes in double quotes. So text is enough,
and mistakes that no tree can hold are as easy as others. ``None`` means that there was nothing to
change.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mdmcore.http import Response
from mdmcore.xml import escape_text


def with_body(response: Response, body: bytes | None) -> Response | None:
    """The answer with another body and its Content-Length; ``None`` for no or the same body."""
    if body is None or body == response.body:
        return None
    headers = response.headers
    if "Content-Length" in headers:
        headers = headers.replaced("Content-Length", str(len(body)))
    return Response(status=response.status, headers=headers, body=body)


def with_header(response: Response, name: str, value: str) -> Response:
    """The answer with another value of that header."""
    headers = response.headers.replaced(name, value)
    return Response(status=response.status, headers=headers, body=response.body)


def with_status(response: Response, status: int) -> Response:
    """The answer under another HTTP status."""
    return Response(status=status, headers=response.headers, body=response.body)


def replaced(body: bytes, old: bytes, new: bytes, *, count: int = -1) -> bytes | None:
    """The body with a text replaced that must be there."""
    return body.replace(old, new, count) if old in body else None


def element_text(body: bytes, name: str) -> str | None:
    """The text of the first element of that local name, as written."""
    found = _element(name).search(body)
    return None if found is None else found["inner"].decode() if found["inner"] else ""


def with_text(body: bytes, name: str, text: str) -> bytes | None:
    """The first element of that local name with another text."""
    return _changed(body, name, lambda head, _, tail: head + escape_text(text).encode() + tail)


def with_inner(body: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes | None:
    """The first element of that local name with changed content, as bytes of XML."""
    return _changed(body, name, lambda head, inner, tail: head + change(inner) + tail)


def without_element(body: bytes, name: str) -> bytes | None:
    """The body without the first element of that local name."""
    return _changed(body, name, lambda _head, _inner, _tail: b"")


def around_element(body: bytes, name: str, before: bytes = b"", after: bytes = b"") -> bytes | None:
    """The body with something put before or behind the first element of that local name."""
    return _changed(body, name, lambda head, inner, tail: before + head + inner + tail + after)


def _changed(
    body: bytes, name: str, change: Callable[[bytes, bytes, bytes], bytes]
) -> bytes | None:
    found = _element(name).search(body)
    if found is None:
        return None
    if found["empty"]:
        opening = found["empty"][:-2] + b">"
        tag = found["empty"][1:-2].split()[0]
        new = change(opening, b"", b"</" + tag + b">")
    else:
        new = change(found["head"], found["inner"], found["tail"])
    return body[: found.start()] + new + body[found.end() :]


def _element(name: str) -> re.Pattern[bytes]:
    tag = rb"(?:\w+:)?" + re.escape(name.encode())
    return re.compile(
        rb"(?P<empty><" + tag + rb"(?:\s[^<>]*)?/>)|"
        rb"(?P<head><(?P<tag>"
        + tag
        + rb")(?:\s[^<>]*[^/<>])?>)(?P<inner>.*?)(?P<tail></(?P=tag)>)",
        re.DOTALL,
    )
