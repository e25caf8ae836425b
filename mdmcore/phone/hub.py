"""Fetching the Company Hub (enrollment.md 9.7, 12): the certificate first, then the package.

The package itself is not kept, only its length and digest. How it comes stands in ``download``.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.aet import read_aet
from mdmcore.enrollment.aetx import read_enterprise_id
from mdmcore.enrollment.provisioning_view import AppManagement, parm_path
from mdmcore.errors import ConfigError
from mdmcore.http import Request, Response
from mdmcore.phone.certificate_store import HeldCertificate
from mdmcore.phone.client_identity import client_identity, offering
from mdmcore.phone.download import Bounds, download
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.settings import Clock
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.web import check_url

MAX_HUB_BYTES = 512 * 1024 * 1024
"""A company hub has a few megabytes; beyond this the phone does not go on."""


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


def download_hub(
    phone: EnrolledPhone, chunk_bytes: int = 64 * 1024, *, clock: Clock | None = None
) -> Generator[Request, Response, HubDownload]:
    """Fetch the hub in ranges of ``chunk_bytes``; ConfigError when that is below 1.

    ``clock``, when given, lets the device judge its certificate's dates, and those of the
    enterprise's token as far as it shows any.
    """
    if chunk_bytes < 1:
        raise ConfigError(f"a range of {chunk_bytes} bytes cannot be asked for")
    now = None if clock is None else clock()
    hub = _hub(phone, now)
    url, certificate = _target(phone, hub, now)
    leg = download(
        url,
        user_agent=phone.settings.device.enrollment_user_agent,
        step=Step.HUB,
        bounds=Bounds(chunk_bytes=chunk_bytes, max_bytes=MAX_HUB_BYTES),
    )
    identity = client_identity(certificate, phone.certificates)
    checks = (hub.crl_check or "").strip() not in ("", "0")
    done = yield from offering(replace(identity, checks_revocation=checks), leg)
    return HubDownload(
        url=url,
        total=done.total,
        sha256=done.sha256,
        requests=done.requests,
        media_type=done.media_type,
        certificate=certificate,
    )


def _target(
    phone: EnrolledPhone, hub: AppManagement, now: datetime | None
) -> tuple[str, HeldCertificate]:
    """Where the package is, and the certificate found for it; without one nothing is asked."""
    url = check_url(hub.store_uri or "", step=Step.HUB, place=parm_path(hub.path, "StoreURI"))
    search = phone.hub_certificate(now)
    if search.found is None:
        raise _refusal(
            search.problem,
            parm_path(hub.path, "CertificateSearchCriteria"),
            hub.certificate_search_criteria or "(none)",
        )
    return url, search.found


def _hub(phone: EnrolledPhone, now: datetime | None) -> AppManagement:
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
    aet = read_aet(hub.enrollment_token or "")
    end = None if aet is None else aet.end
    if now is not None and end is not None and now > end.moment:
        raise _refusal(
            f"the token has expired, nothing is installed: {end.what} ended",
            parm_path(hub.path, "EnrollmentToken"),
            f"{end.moment:%Y-%m-%d %H:%M} UTC",
        )
    return hub


def _refusal(reason: str, place: str, evidence: str = "") -> Refusal:
    return Refusal(reason, step=Step.HUB, place=place, evidence=evidence)
