"""What is written of an answer when its bytes have a mistake (RFC 9112 6.3, RFC 9110 8.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace

_TOO_MUCH = 100
_NOT_ASCII = "<!-- Geräteverwaltung für überall: äöü -->".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An answer on the wire: its Content-Length, the body that is sent, and how it goes on.

    ``error`` is what a proxy would have said of it; the body then counts as not seen.
    """

    length: int
    body: bytes
    waits: bool = False
    closes: bool = False
    resets: bool = False
    error: str = ""


def written(body: bytes) -> Written:
    """The answer without any mistake."""
    return Written(length=len(body), body=body)


def spoil(fault_id: str, answer: Written) -> Written | None:
    """The answer with that mistake; ``None`` where it has no room for it. KeyError for others."""
    return _SPOILERS[fault_id](answer)


def _too_long(answer: Written) -> Written | None:
    return replace(answer, length=len(answer.body) + _TOO_MUCH, closes=True)


def _characters(answer: Written) -> Written | None:
    body = answer.body
    end = body.rfind(b"</")
    if not body.lstrip().startswith(b"<") or end < 0:
        return None
    body = body[:end] + _NOT_ASCII + body[end:]
    try:
        length = len(body.decode())
    except UnicodeDecodeError:
        return None
    return replace(answer, length=length, body=body, closes=True)


def _truncated(answer: Written) -> Written | None:
    if len(answer.body) < 2:
        return None
    return replace(answer, body=answer.body[: len(answer.body) // 2], closes=True)


def _broken_off(answer: Written) -> Written | None:
    half = answer.body[: len(answer.body) // 2]
    text = "the server reset the connection in the middle of its answer"
    return replace(answer, length=max(answer.length, 1), body=half, resets=True, error=text)


def _slow(answer: Written) -> Written | None:
    return replace(answer, waits=True)


_SPOILERS = {
    "content-length-wrong": _too_long,
    "content-length-counts-characters": _characters,
    "answer-truncated": _truncated,
    "answer-broken-off": _broken_off,
    "answer-slow": _slow,
}
