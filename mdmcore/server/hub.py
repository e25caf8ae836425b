"""The Company Hub download: which bytes answer a request, with and without Range (RFC 9110 14).

A 206 without Content-Range makes the phone abort the download (blog, T44). Pure arithmetic: the
bytes are read by whoever sends them, so that a package of any size can stream.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from mdmcore.http import Headers

_SINGLE_RANGE = re.compile(r"^bytes\s*=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*$", re.IGNORECASE)


class HubPackage(Protocol):
    """The package file, wherever it is kept."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    @property
    def etag(self) -> str:
        """Strong entity tag, quoted."""

    @property
    def media_type(self) -> str:
        """Content-Type to send."""

    def read(self, start: int, length: int) -> bytes:
        """That part of the package; may read from disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadPlan:
    """Status, headers and the slice that is the body (``length`` 0 for HEAD, 405 and 416)."""

    status: int
    headers: Headers
    start: int = 0
    length: int = 0


def plan_download(
    method: str, headers: Headers, *, size: int, etag: str, media_type: str
) -> DownloadPlan:
    """Decide the answer to one request for the package.

    A Range that is not understood, has several parts, or whose If-Range does not match is
    ignored (200, whole package), as RFC 9110 14.2 allows; one past the end is 416.
    """
    if method not in {"GET", "HEAD"}:
        return DownloadPlan(
            status=405, headers=Headers([("Allow", "GET, HEAD"), ("Content-Length", "0")])
        )
    common = [("Content-Type", media_type), ("Accept-Ranges", "bytes"), ("ETag", etag)]
    span = _requested(headers, size=size, etag=etag) if method == "GET" else None
    if span == "unsatisfiable":
        return DownloadPlan(
            status=416,
            headers=Headers(
                [*common, ("Content-Range", f"bytes */{size}"), ("Content-Length", "0")]
            ),
        )
    if not isinstance(span, tuple):
        length = size if method == "GET" else 0
        return DownloadPlan(
            status=200, headers=Headers([*common, ("Content-Length", str(size))]), length=length
        )
    first, last = span
    length = last - first + 1
    content_range = ("Content-Range", f"bytes {first}-{last}/{size}")
    return DownloadPlan(
        status=206,
        headers=Headers([*common, content_range, ("Content-Length", str(length))]),
        start=first,
        length=length,
    )


def _requested(headers: Headers, *, size: int, etag: str) -> tuple[int, int] | str | None:
    """First and last byte asked for; ``None`` for the whole; ``"unsatisfiable"`` for 416."""
    match = _SINGLE_RANGE.match(headers.get("Range") or "")
    if_range = headers.get("If-Range")
    if match is None or (if_range is not None and if_range.strip() != etag):
        return None
    first_text, last_text = match.groups()
    if not first_text and not last_text:
        return None
    if not first_text:
        suffix = min(int(last_text), size)
        return (size - suffix, size - 1) if suffix else "unsatisfiable"
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    if last_text and int(last_text) < first:
        return None
    return (first, last) if first < size else "unsatisfiable"
