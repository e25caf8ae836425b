"""Packet captures by their first bytes, as they are or packed by gzip.

Source: formats.md section 3.6. tshark takes nearly anything for a capture, so it is not asked.
"""

from __future__ import annotations

import re
import zlib

_GZIP = b"\x1f\x8b\x08"
_MAGIC = re.compile(
    rb"\x0a\x0d\x0d\x0a.{4}(?:\x1a\x2b\x3c\x4d|\x4d\x3c\x2b\x1a)"  # pcapng
    rb"|\xa1\xb2(?:\xc3\xd4|\x3c\x4d|\xcd\x34)|(?:\xd4\xc3|\x4d\x3c|\x34\xcd)\xb2\xa1"  # pcap
    rb"|GMBU|RTSS",  # NetMon 2 and 1
    re.S,
)
_LONGEST_MAGIC = 12


def is_pcap(head: bytes) -> bool:
    """Whether a file that begins like this is pcap, pcapng or a NetMon capture."""
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(31).decompress(head, _LONGEST_MAGIC)
        except zlib.error:
            return False
    return bool(_MAGIC.match(head))
