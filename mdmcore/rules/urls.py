"""Comparing URLs as endpoints: scheme, host, port and path; never the query (session.md 3)."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from mdmcore.http import Exchange

_DEFAULT_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


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


def redirect_of(exchange: Exchange) -> str:
    """The URL that an answer sends the device to, made absolute; empty when it is no redirect."""
    response = exchange.response
    if response is None or response.status not in _REDIRECTS:
        return ""
    location = (response.headers.get("Location") or "").strip()
    try:
        return urljoin(exchange.request.url, location) if location else ""
    except ValueError:
        return ""
