"""Fetching a package in ranges, each answer checked (enrollment.md 9.7, 12).

A 206 without a fitting Content-Range ends the download (blog, T44). Which package, and with which
certificate, is known to ``hub`` and to the work that the device does after a session.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator
from dataclasses import dataclass, field

from mdmcore.http import Headers, Request, Response
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.web import announced_body, fetch

CHUNK_BYTES = 64 * 1024
"""How much a device asks for at a time; the figure is ours [U]."""

_CONTENT_RANGE = re.compile(r"\s*bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is asked for at a time, and beyond how much the device does not go on, in bytes."""

    chunk_bytes: int = CHUNK_BYTES
    max_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A package that came whole: length in bytes, SHA-256 in lower-case hex.

    ``data`` is empty unless it was to be kept.
    """

    total: int
    sha256: str
    requests: int
    media_type: str
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One piece of the package; ``total`` is the length of all of it."""

    data: bytes
    total: int
    is_whole: bool


def download(
    url: str, *, user_agent: str, step: Step, bounds: Bounds, keeps: bool = False
) -> Generator[Request, Response, Download]:
    """Fetch a package, in memory only when it ``keeps`` it; Refusal of that step."""
    return (yield from _Fetching(url, user_agent, step, bounds, keeps).run())


class _Fetching:
    """One download."""

    def __init__(self, url: str, user_agent: str, step: Step, bounds: Bounds, keeps: bool) -> None:
        self._url = url
        self._user_agent = user_agent
        self._step = step
        self._bounds = bounds
        self._keeps = keeps

    def run(self) -> Generator[Request, Response, Download]:
        """Range after range until it is whole."""
        digest = hashlib.sha256()
        kept = bytearray()
        start, total, requests, etag = 0, None, 0, None
        while total is None or start < total:
            response = yield from fetch(self._request(start), self._step)
            requests += 1
            part = self._part(response, start)
            etag = self._same_etag(etag, response) if not part.is_whole else None
            if part.is_whole:
                digest, start = hashlib.sha256(), 0
                kept.clear()
            elif total is not None and part.total != total:
                raise self._refusal(
                    f"the length of the package was {total}",
                    "header Content-Range",
                    str(part.total),
                )
            total = part.total
            digest.update(part.data)
            if self._keeps:
                kept += part.data
            start += len(part.data)
        return Download(
            total=total,
            sha256=digest.hexdigest(),
            requests=requests,
            media_type=response.media_type,
            data=bytes(kept),
        )

    def _request(self, start: int) -> Request:
        headers = [
            ("Range", f"bytes={start}-{start + self._bounds.chunk_bytes - 1}"),
            ("User-Agent", self._user_agent),
        ]
        return Request(method="GET", url=self._url, headers=Headers(headers))

    def _part(self, response: Response, start: int) -> _Part:
        if response.status not in {200, 206}:
            raise self._refusal(
                f"HTTP {response.status} instead of the package",
                "status",
                f"{response.status} {response.headers.get('Location') or ''}".strip(),
            )
        body = announced_body(response, self._step)
        self._check_size(len(body), "body", str(len(body)))
        if response.status == 200:
            if not body:
                raise self._refusal("the package is empty", "body")
            return _Part(data=body, total=len(body), is_whole=True)
        total = self._checked_range(response, start, len(body))
        return _Part(data=body, total=total, is_whole=False)

    def _checked_range(self, response: Response, start: int, length: int) -> int:
        """The total that a fitting Content-Range names; Refusal for any other."""
        place = "header Content-Range"
        last_asked = start + self._bounds.chunk_bytes - 1
        text = response.headers.get("Content-Range")
        if text is None:
            raise self._refusal("206 without Content-Range, the download aborts", place, "(none)")
        match = _CONTENT_RANGE.match(text)
        if match is None or match[3] == "*":
            raise self._refusal("Content-Range names no range and length in bytes", place, text)
        first, last, total = int(match[1]), int(match[2]), int(match[3])
        if first != start or not first <= last <= last_asked or last >= total:
            raise self._refusal(
                f"Content-Range is not what was asked, {start}-{last_asked}", place, text
            )
        if last - first + 1 != length:
            raise self._refusal(
                f"Content-Range does not fit the {length} bytes that came", place, text
            )
        self._check_size(total, place, text)
        return total

    def _check_size(self, length: int, place: str, evidence: str) -> None:
        if length > self._bounds.max_bytes:
            raise self._refusal(
                f"a package of more than {self._bounds.max_bytes} bytes", place, evidence
            )

    def _same_etag(self, etag: str | None, response: Response) -> str | None:
        """The entity tag, which must not change between parts."""
        given = response.headers.get("ETag")
        if etag is not None and given != etag:
            raise self._refusal(
                f"the package changed, its ETag was {etag}", "header ETag", given or "(none)"
            )
        return given

    def _refusal(self, reason: str, place: str, evidence: str = "") -> Refusal:
        return Refusal(reason, step=self._step, place=place, evidence=evidence)
