"""Fetching the Company Hub (enrollment.md 9.7, 12): the certificate first, then the package.

In ranges, each answer checked; the package itself is not kept, only its length and digest. A 206
without a fitting Content-Range ends the download (blog, T44).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.aetx import read_enterprise_id
from mdmcore.enrollment.provisioning_view import AppManagement, parm_path
from mdmcore.errors import ConfigError
from mdmcore.http import Headers, Request, Response
from mdmcore.phone.certificate_store import HeldCertificate
from mdmcore.phone.client_identity import client_identity, offering
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.settings import Clock
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.web import announced_body, check_url, fetch

MAX_HUB_BYTES = 512 * 1024 * 1024
"""A company hub has a few megabytes; beyond this the phone does not go on."""

_CONTENT_RANGE = re.compile(r"\s*bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubDownload:
    """A package that came whole: length in bytes, SHA-256 in lower-case hex.

    ``certificate`` is what the device found to offer in the TLS handshake.
    """

    url: str
    total: int
    sha256: str
    requests: int
    media_type: str
    certificate: HeldCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One piece of the package; ``total`` is the length of all of it."""

    data: bytes
    total: int
    is_whole: bool


def download_hub(
    phone: EnrolledPhone, chunk_bytes: int = 64 * 1024, *, clock: Clock | None = None
) -> Generator[Request, Response, HubDownload]:
    """Fetch the hub in ranges of ``chunk_bytes``; ConfigError when that is below 1.

    ``clock``, when given, lets the device judge its certificate's dates.
    """
    if chunk_bytes < 1:
        raise ConfigError(f"a range of {chunk_bytes} bytes cannot be asked for")
    url, certificate = _target(phone, None if clock is None else clock())
    leg = _download(phone, url, certificate, chunk_bytes)
    return (yield from offering(client_identity(certificate, phone.certificates), leg))


def _download(
    phone: EnrolledPhone, url: str, certificate: HeldCertificate, chunk_bytes: int
) -> Generator[Request, Response, HubDownload]:
    digest = hashlib.sha256()
    start, total, requests, etag = 0, None, 0, None
    while total is None or start < total:
        response = yield from fetch(_request(url, start, chunk_bytes, phone), Step.HUB)
        requests += 1
        part = _part(response, start, chunk_bytes)
        etag = _same_etag(etag, response) if not part.is_whole else None
        if part.is_whole:
            digest, start = hashlib.sha256(), 0
        elif total is not None and part.total != total:
            raise _refusal(
                f"the length of the package was {total}", "header Content-Range", str(part.total)
            )
        total = part.total
        digest.update(part.data)
        start += len(part.data)
    return HubDownload(
        url=url,
        total=total,
        sha256=digest.hexdigest(),
        requests=requests,
        media_type=response.media_type,
        certificate=certificate,
    )


def _target(phone: EnrolledPhone, now: datetime | None) -> tuple[str, HeldCertificate]:
    """Where the package is, and the certificate found for it; without one nothing is asked."""
    hub = _hub(phone)
    url = check_url(hub.store_uri or "", step=Step.HUB, place=parm_path(hub.path, "StoreURI"))
    search = phone.hub_certificate(now)
    if search.found is None:
        raise _refusal(
            search.problem,
            parm_path(hub.path, "CertificateSearchCriteria"),
            hub.certificate_search_criteria or "(none)",
        )
    return url, search.found


def _hub(phone: EnrolledPhone) -> AppManagement:
    hub = phone.hub
    if hub is None:
        raise _refusal(
            "the document has no EnterpriseAppManagement branch",
            "/wap-provisioningdoc/characteristic[@type='EnterpriseAppManagement']",
        )
    inner = read_enterprise_id(decode_base64(hub.enrollment_token or "") or b"")
    if inner != hub.enterprise_id:
        raise _refusal(
            f"the token is that of enterprise {inner}, not of {hub.enterprise_id}",
            parm_path(hub.path, "EnrollmentToken"),
            inner or "",
        )
    return hub


def _request(url: str, start: int, chunk_bytes: int, phone: EnrolledPhone) -> Request:
    headers = [
        ("Range", f"bytes={start}-{start + chunk_bytes - 1}"),
        ("User-Agent", phone.settings.device.enrollment_user_agent),
    ]
    return Request(method="GET", url=url, headers=Headers(headers))


def _part(response: Response, start: int, chunk_bytes: int) -> _Part:
    if response.status not in {200, 206}:
        raise _refusal(
            f"HTTP {response.status} instead of the package",
            "status",
            f"{response.status} {response.headers.get('Location') or ''}".strip(),
        )
    body = announced_body(response, Step.HUB)
    if len(body) > MAX_HUB_BYTES:
        raise _refusal(f"a package of more than {MAX_HUB_BYTES} bytes", "body", str(len(body)))
    if response.status == 200:
        if not body:
            raise _refusal("the package is empty", "body")
        return _Part(data=body, total=len(body), is_whole=True)
    total = _checked_range(response, start, start + chunk_bytes - 1, len(body))
    return _Part(data=body, total=total, is_whole=False)


def _checked_range(response: Response, start: int, last_asked: int, length: int) -> int:
    """The total that a fitting Content-Range names; Refusal for any other."""
    place = "header Content-Range"
    text = response.headers.get("Content-Range")
    if text is None:
        raise _refusal("206 without Content-Range, the download aborts", place, "(none)")
    match = _CONTENT_RANGE.match(text)
    if match is None or match[3] == "*":
        raise _refusal("Content-Range names no range and length in bytes", place, text)
    first, last, total = int(match[1]), int(match[2]), int(match[3])
    if first != start or not first <= last <= last_asked or last >= total:
        raise _refusal(f"Content-Range is not what was asked, {start}-{last_asked}", place, text)
    if last - first + 1 != length:
        raise _refusal(f"Content-Range does not fit the {length} bytes that came", place, text)
    if total > MAX_HUB_BYTES:
        raise _refusal(f"a package of more than {MAX_HUB_BYTES} bytes", place, text)
    return total


def _same_etag(etag: str | None, response: Response) -> str | None:
    """The entity tag, which must not change between parts."""
    given = response.headers.get("ETag")
    if etag is not None and given != etag:
        raise _refusal(
            f"the package changed, its ETag was {etag}", "header ETag", given or "(none)"
        )
    return given


def _refusal(reason: str, place: str, evidence: str = "") -> Refusal:
    return Refusal(reason, step=Step.HUB, place=place, evidence=evidence)
