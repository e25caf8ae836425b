"""Wrapping bodies into HTTP answers: media type, and a Content-Length that counts bytes."""

from __future__ import annotations

from mdmcore.http import Headers, Response
from mdmcore.namespaces import SOAP_CONTENT_TYPE


def soap_answer(body: bytes, *, status: int = 200) -> Response:
    """A SOAP 1.2 message; faults go under 500 (enrollment.md section 11, unconfirmed for WP8)."""
    return _answer(status, SOAP_CONTENT_TYPE, body)


def syncml_answer(body: bytes, content_type: str) -> Response:
    """A SyncML message; authentication outcomes travel inside a 200 (session.md 3)."""
    return _answer(200, content_type, body)


def plain_answer(status: int, text: str, *headers: tuple[str, str]) -> Response:
    """A refusal below the protocol, one line of text."""
    return _answer(status, "text/plain; charset=utf-8", f"{text}\n".encode(), *headers)


def html_answer(body: bytes, *, policy: str) -> Response:
    """A page that is not kept, under that Content-Security-Policy."""
    more = (("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"))
    return _answer(200, "text/html; charset=utf-8", body, *more)


def _answer(status: int, content_type: str, body: bytes, *more: tuple[str, str]) -> Response:
    fields = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-cache"),
        *more,
    ]
    return Response(status=status, headers=Headers(fields), body=body)
