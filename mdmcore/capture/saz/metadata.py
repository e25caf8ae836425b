"""What Fiddler keeps beside a session: times, who spoke to whom, comments, colours.

Source: formats.md sections 1.2 to 1.4. BitFlags are hexadecimal without a prefix; times are .NET's,
with the year 1 for never.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mdmcore.capture.extension import NOTHING, Extension, read_extension
from mdmcore.errors import ParseError, XmlError
from mdmcore.xml import parse_lenient

IS_HTTPS = 0x1
MADE_BY_FIDDLER = 0x100
BLIND_TUNNEL = 0x1000
DECRYPTING_TUNNEL = 0x2000
EXTENSION_FLAG = "addon.mdmproxy"

_MAX_FLAGS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMetadata:
    """``flags`` are by name in lower case; ``bits`` are the BitFlags, 0 where they are not told."""

    bits: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    flags: Mapping[str, str] = field(default_factory=dict)
    number: str = ""

    @property
    def comment(self) -> str:
        """What a person wrote; Fiddler's own number for a session without a comment is none."""
        text = self.flags.get("ui-comments", "")
        return "" if self.number and text == f"[#{self.number}]" else text

    @property
    def client(self) -> str | None:
        """The device's address."""
        text = self.flags.get("x-clientip", "").removeprefix("::ffff:")
        return text or None

    @property
    def extension(self) -> Extension:
        """What our own writer has put there. Raises ParseError."""
        text = self.flags.get(EXTENSION_FLAG)
        if not text:
            return NOTHING
        try:
            return read_extension(json.loads(text))
        except (ValueError, RecursionError):
            raise ParseError(f"the flag {EXTENSION_FLAG} is no JSON") from None


def parse_metadata(data: bytes) -> SessionMetadata:
    """The metadata of a session. Raises ParseError where it is no such XML."""
    root = parse_lenient(data).root
    if root.tag != "Session":
        raise XmlError("the metadata do not begin with <Session>")
    flags: dict[str, str] = {}
    for element in root.iterfind(".//SessionFlag"):
        if len(flags) < _MAX_FLAGS:
            flags.setdefault((element.get("N") or "").lower(), element.get("V") or "")
    timers = root.find("SessionTimers")
    times = {} if timers is None else dict(timers.attrib)
    return SessionMetadata(
        bits=_bits(root.get("BitFlags") or "0"),
        number=root.get("SID") or "",
        started=_first(times, "ClientBeginRequest", "GotRequestHeaders", "ClientConnected"),
        ended=_first(times, "ServerDoneResponse", "ClientDoneResponse"),
        flags=flags,
    )


def _bits(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return 0


def _first(times: Mapping[str, str], *names: str) -> datetime | None:
    found = (_time(times.get(name, "")) for name in names)
    return next((time for time in found if time is not None), None)


def _time(text: str) -> datetime | None:
    """A time of .NET's; one without a zone is taken for UTC, the year 1 means never."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.year < 1970:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
