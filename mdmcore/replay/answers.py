"""Captured answers of enrolment and downloads, made anew for the device that asks now.

MS-MDE 3.2 to 3.4, enrollment.md sections 3 to 9. Bodies are changed octet by octet in the few
places that must differ, so that whatever else was wrong with them stays wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import quote

from mdmcore.base64_text import encode_base64
from mdmcore.http import Headers, Request, Response
from mdmcore.replay.reissue import Applicant, Authorities, reissued_document, replaced_text
from mdmcore.rules.decoded import Decoded
from mdmcore.rules.scene import Scene

_TIMES = re.compile(rb"(<(?:\w+:)?(?:Created|Expires)>)\s*([0-9TZ:.+-]{10,40})\s*(</)")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)$")
MAX_PACKAGE = 256 * 1024 * 1024
"""Bytes of a package that are put together from captured ranges."""


def enrollment_answer(
    captured: Scene, asked: Decoded, authorities: Authorities, later: timedelta
) -> bytes:
    """The body for a request of the enrolment: RelatesTo, times, and a new certificate."""
    decoded = captured.decoded
    response = captured.exchange.response
    body = (response.body if response is not None else None) or b""
    old, new = decoded.request.envelope, asked.request.envelope
    if old is not None and new is not None and old.message_id and new.message_id:
        body = body.replace(old.message_id.strip().encode(), new.message_id.strip().encode())
    body = _TIMES.sub(lambda found: found[1] + _moved(found[2], later) + found[3], body)
    if decoded.provisioning is None or decoded.rstrc is None:
        return body
    applicant = Applicant(captured=decoded.csr, new=asked.csr, later=later)
    document = reissued_document(decoded.provisioning, applicant, authorities)
    return replaced_text(body, decoded.rstrc.token_text, encode_base64(document))


def _moved(text: bytes, later: timedelta) -> bytes:
    try:
        moment = datetime.fromisoformat(text.decode("ascii")) + later
    except (ValueError, OverflowError):
        return text
    written = moment.isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z").encode("ascii")


def page_answer(captured: Scene, asked: Decoded) -> tuple[bytes, dict[str, str]]:
    """The body of a sign-in page, and its headers' texts, for the device's own ``appru``."""
    response = captured.exchange.response
    body = (response.body if response is not None else None) or b""
    old, new = captured.decoded.wab, asked.wab
    changes: dict[str, str] = {}
    if old is not None and new is not None:
        for before, after in ((old.appru, new.appru), (old.login_hint, new.login_hint)):
            if before and after and before != after:
                changes |= {before: after, quote(before, safe=""): quote(after, safe="")}
    for before, after in changes.items():
        body = body.replace(before.encode(), after.encode())
    return body, changes


class Package:
    """A package of the hub, put together from the ranges that were captured."""

    def __init__(self, scenes: Iterable[Scene]) -> None:
        self._parts: dict[int, bytes] = {}
        self._total: int | None = None
        self._whole: bytes | None = None
        for scene in scenes:
            self._take(scene.exchange.response)

    def _take(self, response: Response | None) -> None:
        if response is None or not response.body:
            return
        if response.status == 200:
            self._whole = response.body
            return
        found = _CONTENT_RANGE.match(response.headers.get("Content-Range") or "")
        if response.status == 206 and found is not None:
            self._parts[int(found[1])] = response.body
            self._total = None if found[3] == "*" else int(found[3])

    def body(self) -> bytes | None:
        """All of it, ``None`` where a part is missing."""
        if self._whole is not None:
            return self._whole
        if self._total is None or self._total > MAX_PACKAGE:
            return None
        pieces, at = [], 0
        for start in sorted(self._parts):
            if start > at:
                return None
            piece = self._parts[start][at - start :]
            pieces.append(piece)
            at += len(piece)
        return b"".join(pieces) if at == self._total else None


def range_answer(request: Request, package: bytes, like: Response) -> Response:
    """The range that was asked for, in the manner of a captured answer."""
    found = _RANGE.match((request.headers.get("Range") or "").strip())
    headers = like.headers.without("Content-Range").without("Content-Length")
    if found is None:
        return Response(status=200, headers=headers, body=package)
    first, total = int(found[1]), len(package)
    last = min(int(found[2]) if found[2] else total - 1, total - 1)
    if first >= total or last < first:
        return Response(
            status=416, headers=Headers([("Content-Range", f"bytes */{total}")]), body=b""
        )
    headers = headers.replaced("Content-Range", f"bytes {first}-{last}/{total}")
    return Response(status=206, headers=headers, body=package[first : last + 1])
