"""Character sets by their IANA MIBenum, as the header of a WBXML document names them.

SyncML is UTF-8 (106) in all that was seen; the others are read because the format allows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from mdmcore.errors import WbxmlError

UTF_8 = 106
UNKNOWN = 0
"""The document does not say; read as UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charset:
    """A character set: IANA's preferred name, Python's codec, bytes of the NUL that ends a text."""

    mib: int
    name: str
    codec: str
    width: int = 1

    @property
    def terminator(self) -> bytes:
        """What stands behind a string."""
        return bytes(self.width)


_CHARSETS = MappingProxyType(
    {
        mib: Charset(mib=mib, name=name, codec=codec, width=width)
        for mib, name, codec, width in (
            (UNKNOWN, "unknown", "utf-8", 1),
            (3, "US-ASCII", "ascii", 1),
            *((3 + part, f"ISO-8859-{part}", f"iso8859-{part}", 1) for part in range(1, 10)),
            (17, "Shift_JIS", "shift_jis", 1),
            (18, "EUC-JP", "euc_jp", 1),
            (38, "EUC-KR", "euc_kr", 1),
            (UTF_8, "UTF-8", "utf-8", 1),
            (113, "GBK", "gbk", 1),
            (1000, "ISO-10646-UCS-2", "utf-16-be", 2),
            (1013, "UTF-16BE", "utf-16-be", 2),
            (1014, "UTF-16LE", "utf-16-le", 2),
            (1015, "UTF-16", "utf-16-be", 2),
            (2025, "GB2312", "gb2312", 1),
            (2026, "Big5", "big5", 1),
            *((2250 + part, f"windows-125{part}", f"cp125{part}", 1) for part in range(3)),
        )
    }
)


def charset_of(mib: int, *, offset: int | None = None) -> Charset:
    """The character set of that MIBenum; WbxmlError for one that is not known."""
    try:
        return _CHARSETS[mib]
    except KeyError:
        raise WbxmlError(f"charset with MIBenum {mib} is not known", offset=offset) from None
