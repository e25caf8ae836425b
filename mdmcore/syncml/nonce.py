"""Nonces: raw bytes in the digest, base64 text on the wire (session.md 2.4, 4.2)."""

from __future__ import annotations

from mdmcore.base64_text import decode_base64, encode_base64


def decode_nonce(text: str) -> bytes | None:
    """The raw nonce of a NextNonce or AAUTHDATA text; ``None`` when that is not base64.

    White space inside is accepted, missing padding is not.
    """
    return decode_base64(text)


def encode_nonce(nonce: bytes) -> str:
    """The base64 text of a raw nonce."""
    return encode_base64(nonce)


def nonce_forms(nonce: bytes | None, text: str | None) -> tuple[bytes | None, str | None]:
    """Both forms of a nonce that is given in one, or in both if they agree.

    Raises ValueError (a mistake of the caller) when they contradict each other.
    """
    if text is None:
        return nonce, None if nonce is None else encode_nonce(nonce)
    decoded = decode_nonce(text)
    if nonce is not None and nonce != decoded:
        raise ValueError("next_nonce and next_nonce_text are different nonces: give one of them")
    return decoded, text
