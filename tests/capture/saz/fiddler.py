"""A second reader of archives, as strict as Fiddler's loader is described (formats.md section 1).

Nothing of ours is used: zipfile, and the standard library's XML parser. It gives up a session's
metadata at the first thing that Fiddler would trip over, and raises instead of being silent.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

_TIMES = (
    "ClientConnected",
    "ClientDoneRequest",
    "ServerGotRequest",
    "ServerDoneResponse",
    "ClientBeginResponse",
    "ClientDoneResponse",
)
_OPC = "{http://schemas.openxmlformats.org/package/2006/content-types}"


@dataclass(frozen=True)
class Session:
    """What Fiddler shows of a session."""

    request_line: str
    status: int | None
    flags: dict[str, str]
    bits: int
    times: dict[str, datetime]

    @property
    def comment(self) -> str | None:
        return self.flags.get("ui-comments")


def load(data: bytes) -> list[Session]:
    """The sessions in the order of the archive; raises at anything that Fiddler trips over."""
    assert len(data) >= 64
    assert data.startswith(b"PK")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        names = [info.filename for info in infos]
        assert len(names) == len(set(names))
        assert all(info.compress_type in (0, 8) and not info.flag_bits & 1 for info in infos)
        _check_types(archive.read("[Content_Types].xml"), names)
        asked = [name for name in names if re.fullmatch(r"raw/[^/\\]+_c\.txt", name, re.IGNORECASE)]
        return [_session(archive, name) for name in asked]


def _check_types(data: bytes, names: list[str]) -> None:
    root = ElementTree.fromstring(data)
    known = {each.get("Extension") for each in root.iter(f"{_OPC}Default")}
    used = {PurePosixPath(name).suffix.removeprefix(".") for name in names[1:]}
    assert used <= known


def _session(archive: zipfile.ZipFile, name: str) -> Session:
    stem = name[: -len("_c.txt")]
    request_line, _ = _message(archive.read(name))
    assert re.fullmatch(r"\S+ \S+ HTTP/1\.1", request_line)
    answer = archive.read(f"{stem}_s.txt")
    status = None
    if answer:
        line, _ = _message(answer)
        found = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", line)
        assert found is not None
        status = int(found[1])
    root = ElementTree.fromstring(archive.read(f"{stem}_m.xml"))
    assert root.tag == "Session"
    timers, *_ = root
    assert timers.tag == "SessionTimers"
    times = {each: datetime.fromisoformat(timers.attrib[each]) for each in _TIMES}
    flags: dict[str, str] = {}
    for flag in root.iter("SessionFlag"):
        key = flag.attrib["N"].lower()
        assert key not in flags
        flags[key] = flag.attrib["V"]
    return Session(
        request_line=request_line,
        status=status,
        flags=flags,
        bits=int(root.attrib["BitFlags"], 16),
        times=times,
    )


def _message(data: bytes) -> tuple[str, bytes]:
    """The first line and the body, chunks taken off."""
    head, end, body = data.partition(b"\r\n\r\n")
    assert end
    first, *lines = head.decode("latin-1").split("\r\n")
    assert all(re.match(r"[^\s:][^:]*:", line) for line in lines)
    is_chunked = any(re.match(r"transfer-encoding:.*chunked", line, re.I) for line in lines)
    return first, _unchunked(body) if is_chunked and body else body


def _unchunked(body: bytes) -> bytes:
    result = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            assert body == b"\r\n"
            return result
        result += body[:length]
        assert body[length : length + 2] == b"\r\n"
        body = body[length + 2 :]
