"""Following a large object from chunk to chunk (session.md 1.7)."""

from __future__ import annotations

from mdmcore.rules.life import Chunks
from mdmcore.rules.object_chunks import last_item
from mdmcore.syncml.model import SyncML


def chunks_after(under_way: Chunks | None, message: SyncML) -> Chunks | None:
    """The object that is still incomplete after a message of its sender."""
    found = last_item(message)
    if found is None:
        return under_way
    item, uri = found
    if not item.more_data:
        return None
    length = len((item.data or "").encode())
    if under_way is not None and under_way.uri == uri:
        return Chunks(uri=uri, size=under_way.size, received=under_way.received + length)
    size = (item.meta.size if item.meta is not None else None) or ""
    return Chunks(
        uri=uri, size=int(size) if size.isascii() and size.isdigit() else None, received=length
    )
