"""Text of others made fit to be shown: one line, bounded, nothing unprintable."""

from __future__ import annotations


def shown(text: str, limit: int = 200) -> str:
    """The text in one line of at most ``limit`` characters; the unprintable as ``\\xNN``."""
    plain = "".join(c if c.isprintable() else _escaped(c) for c in text[: limit + 1])
    return plain if len(plain) <= limit else f"{plain[: limit - 3]}..."


def _escaped(character: str) -> str:
    if character in "\t\r\n":
        return " "
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"
