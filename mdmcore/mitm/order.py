"""Keeping one device's messages in order while different devices are answered side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mdmcore.errors import MdmError
from mdmcore.http import Request
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPES, SYNCML_XML_MEDIA_TYPES
from mdmcore.syncml.wbxml import decode_document, document_element
from mdmcore.xml import Element, child, local_name, parse_lenient, text_of


class KeyedLocks:
    """One lock for each key in use; a key nobody holds or waits for is forgotten."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Wait until nobody else holds that key, first come first served."""
        lock, users = self._locks.get(key) or (asyncio.Lock(), 0)
        self._locks[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            users = self._locks[key][1] - 1
            if users:
                self._locks[key] = (lock, users)
            else:
                del self._locks[key]


def device_key(request: Request, peer: str | None) -> str:
    """Whose message this is: SyncML's Source LocURI, else the network address it came from."""
    root = _message(request)
    if root is not None and local_name(root) == "SyncML":
        source = text_of(child(root, "SyncHdr", "Source", "LocURI"))
        if source:
            return f"device {source}"
    return f"peer {peer or ''}"


def _message(request: Request) -> Element | None:
    """The root of a SyncML message, ``None`` where none can be read."""
    body = request.body or b""
    try:
        if request.media_type in SYNCML_WBXML_MEDIA_TYPES:
            return document_element(decode_document(body, strict=False), strict=False)[0]
        if request.media_type in SYNCML_XML_MEDIA_TYPES:
            return parse_lenient(body).root
    except MdmError:
        return None
    return None
