"""Whether a message ends too early because its trace was cut (formats.md 5.4; field-problems 3.1).

Only what was printed or kept by a tool can be cut so: a text log, a viewer's export, a loose file.
"""

from __future__ import annotations

import re
from enum import Enum

from mdmcore.rules.decoded import BodySide
from mdmcore.rules.scene import Scene
from mdmcore.rules.xml_place import offset_of

_MARKER = re.compile(rb"<!--[^>]*\bclosing SyncML tag added\b[^>]*\btruncated\b", re.IGNORECASE)
"""What SyncMLViewer writes where the trace ended."""
_BUFFER = range(63 * 1024, 64 * 1024 + 1)
"""Bytes of a message that fills an ETW buffer of 64 KB, the event's header aside; the least value
is ours."""


class Cut(Enum):
    """How sure it is that a trace was cut."""

    NO = 0
    MAYBE = 1
    """The document ends in the middle, which its sender may have done, too."""
    SURE = 2


def cut_of(scene: Scene, side: BodySide) -> Cut:
    """Whether the trace of that message was cut."""
    if not side.is_xml:
        return Cut.NO
    if _MARKER.search(side.body):
        return Cut.SURE
    if not _ends_open(side):
        return Cut.NO
    if len(side.body) in _BUFFER:
        return Cut.SURE
    is_loose = not scene.exchange.request.url
    return Cut.MAYBE if is_loose or not scene.exchange.verbatim else Cut.NO


def _ends_open(side: BodySide) -> bool:
    """Whether the parser came to the end of the text with elements open."""
    if not side.problems or "mismatch" in side.problems[0].message:
        return False
    first = side.problems[0]
    body = side.body[side.skipped :]
    text = body.rstrip().removesuffix(b"/")  # there the parser stops one byte before the end
    return offset_of(body, first.line, first.column) >= len(text)
