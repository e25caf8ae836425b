"""What is known of a body that passed through and was not kept: a package, a part of one.

Values and their plain JSON form, which a recording keeps under ``passed`` in our metadata; what
they mean is for the rules, which bodies are not kept is known to ``mitm.package_stream``.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mdmcore.block_digests import (
    BLOCK_BYTES,
    DIGEST_BYTES,
    MAX_BLOCKS,
    NO_BLOCKS,
    BlockDigests,
    BlockMeter,
)
from mdmcore.errors import ParseError

BEGINNING_BYTES = 256

_MAX_LENGTH = 2**63
_MAX_TEXT = MAX_BLOCKS * DIGEST_BYTES * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedBody:
    """The bytes that passed, as they were sent, a Content-Encoding still on.

    ``length`` counts them; ``is_whole`` is false where the answer was broken off; ``beginning`` is
    up to 256 bytes; ``blocks`` are their place in the package, none where that is not known.
    """

    length: int
    is_whole: bool = True
    beginning: bytes = b""
    blocks: BlockDigests = NO_BLOCKS


class BodyMeter:
    """Gathers what is to be known of a body while it passes; holds none of it.

    ``start`` is the offset of its first byte in the package, ``None`` where that is not known.
    """

    def __init__(self, start: int | None) -> None:
        self._length = 0
        self._beginning = b""
        self._blocks = None if start is None else BlockMeter(start)

    def take(self, data: bytes) -> None:
        """The next bytes."""
        self._length += len(data)
        if len(self._beginning) < BEGINNING_BYTES:
            self._beginning += data[: BEGINNING_BYTES - len(self._beginning)]
        if self._blocks is not None:
            self._blocks.take(data)

    def passed(self, *, is_whole: bool) -> PassedBody:
        """What is known now."""
        return PassedBody(
            length=self._length,
            is_whole=is_whole,
            beginning=self._beginning,
            blocks=NO_BLOCKS if self._blocks is None else self._blocks.blocks,
        )


def passed_fields(body: PassedBody) -> dict[str, Any]:
    """The record in plain JSON types: bytes in Base64, ``block`` the size of a block."""
    fields: dict[str, Any] = {
        "length": body.length,
        "whole": body.is_whole,
        "beginning": b64encode(body.beginning).decode(),
    }
    if body.blocks.data:
        fields |= {
            "block": BLOCK_BYTES,
            "first": body.blocks.first,
            "digests": b64encode(body.blocks.data).decode(),
        }
    return fields


def parse_passed(data: object) -> PassedBody:
    """The record of ``passed_fields``; unknown fields are passed over. Raises ParseError."""
    if not isinstance(data, Mapping):
        raise ParseError("the record of a body is no table of fields")
    is_whole = data.get("whole")
    if not isinstance(is_whole, bool):
        raise _wrong("whole")
    beginning = _bytes(data, "beginning")
    if len(beginning) > BEGINNING_BYTES:
        raise _wrong("beginning")
    return PassedBody(
        length=_number(data, "length", _MAX_LENGTH),
        is_whole=is_whole,
        beginning=beginning,
        blocks=_blocks(data) if "digests" in data else NO_BLOCKS,
    )


def _blocks(data: Mapping[Any, Any]) -> BlockDigests:
    if data.get("block") != BLOCK_BYTES:  # of another size they cannot be compared with ours
        return NO_BLOCKS
    blocks = BlockDigests(first=_number(data, "first", MAX_BLOCKS), data=_bytes(data, "digests"))
    if len(blocks.data) % DIGEST_BYTES or blocks.end > MAX_BLOCKS:
        raise _wrong("digests")
    return blocks


def _number(data: Mapping[Any, Any], name: str, most: int) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _wrong(name)
    return value


def _bytes(data: Mapping[Any, Any], name: str) -> bytes:
    value = data.get(name)
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise _wrong(name)
    try:
        return b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise _wrong(name) from None


def _wrong(name: str) -> ParseError:
    return ParseError(f"the record of a body has a wrong {name}")
