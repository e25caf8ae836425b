"""Objects that a device sends in chunks, put together (session.md 1.7; DMPRO 7).

Each chunk is answered 213, the last one as the whole; the announced Size decides whether it is
whole. What comes in between ends it: nothing of it counts then.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace

from mdmcore.base64_text import decode_base64
from mdmcore.server.session.limits import MAX_UPLOAD_BYTES
from mdmcore.server.session.work import Upload
from mdmcore.syncml.model import Item, Meta

_MAX_DIGITS = 10
"""Of a size in bytes that is looked at; more is more than we take."""

_MAX_NAMED = 100
"""Objects of one message that broke off and are named to the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one item: its Status code, and the item where it is whole."""

    code: str
    item: Item | None = None


@dataclass(slots=True)
class Uploads:
    """The one object that may be on its way; changes while a message is read.

    ``broken`` are the URIs of objects that broke off. ``has_grown``: this message brought a chunk.
    """

    current: Upload | None
    broken: list[str] = field(default_factory=list)
    has_grown: bool = False

    def take(self, key: str, item: Item, meta: Meta | None) -> Taken:
        """One item of a command, whose own ``meta`` it shares; ``key`` tells its chunks."""
        if self.current is not None and self.current.key != key:
            self.break_off()
        if self.current is None:
            if not item.more_data:
                return Taken(code="200", item=item)
            refused = self._begin(key, item, meta)
            if refused is not None:
                return Taken(code=refused)
        return self._append(item)

    def break_off(self) -> None:
        """Something else came: what there is of the object is dropped, and named."""
        if self.current is not None and len(self.broken) < _MAX_NAMED:
            self.broken.append(self.current.uri)
        self.current = None

    def _begin(self, key: str, item: Item, meta: Meta | None) -> str | None:
        """The first chunk; the code when the object is refused."""
        own = item.meta or Meta()
        size = own.size or (meta.size if meta is not None else None)
        if size is None:
            return "411"
        if not (size.isascii() and size.isdigit()):
            return "400"
        if len(size) > _MAX_DIGITS or int(size) > MAX_UPLOAD_BYTES:
            return "413"
        self.current = Upload(
            key=key,
            uri=item.source or item.target or "",
            size=int(size),
            received=0,
            data="",
            is_binary=item.is_binary,
            format=own.format or (meta.format if meta is not None else None),
            type=own.type or (meta.type if meta is not None else None),
        )
        return None

    def _append(self, item: Item) -> Taken:
        upload = self.current
        assert upload is not None
        if item.data_xml is not None or item.is_binary is not upload.is_binary:
            self.current = None
            return Taken(code="400")
        chunk = item.data or ""
        if upload.is_binary:
            whole = (decode_base64(upload.data) or b"") + (decode_base64(chunk) or b"")
            received, data = len(whole), base64.b64encode(whole).decode("ascii")
        else:
            received, data = upload.received + len(chunk.encode()), upload.data + chunk
        is_whole = not item.more_data
        if received > upload.size or (is_whole and received != upload.size):
            self.current = None
            return Taken(code="424")
        self.has_grown = True
        if not is_whole:
            self.current = replace(upload, received=received, data=data)
            return Taken(code="213")
        self.current = None
        meta = replace(item.meta or Meta(), format=upload.format, type=upload.type)
        return Taken(code="200", item=replace(item, data=data, meta=meta))
