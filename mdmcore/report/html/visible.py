"""Captured text made fit for a page: what is unprintable is shown, not obeyed.

Escaping for HTML is the template engine's part; this is about what HTML would let through: control
characters, marks that turn the direction of writing, invisible characters, lone surrogates.
"""

from __future__ import annotations

_KEPT = frozenset("\n\t")


def visible(text: str) -> str:
    """The text with ``\\n`` as line ends, and what is not printable as ``\\xNN`` or the like."""
    if text.isprintable():
        return text
    lines = text.replace("\r\n", "\n")
    return "".join(c if c.isprintable() or c in _KEPT else _escaped(c) for c in lines)


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters of it, in one line; what is cut ends in an ellipsis."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _escaped(character: str) -> str:
    code = ord(character)
    if character == "\r":
        return "\\r"
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )
