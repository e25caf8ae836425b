"""Comparing URLs as endpoints: scheme, host, port and path; never the query (session.md 3)."""

from __future__ import annotations

from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def endpoint(url: str) -> str:
    """A URL as ``host:port/path`` in lower case, empty when it is none.

    Paths are compared without case, as our own server does. The scheme counts by its port only.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme.lower())
    except ValueError:
        return ""
    if not parts.hostname:
        return ""
    return f"{parts.hostname.lower()}:{port}{(parts.path or '/').lower()}"
