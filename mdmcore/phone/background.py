"""What the device does between sessions: the work that commands have started.

One stage after another, each when its time has come; a download asks the transport for the package.
What becomes of a package is decided here, what the nodes say of it in ``device``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from datetime import datetime

from mdmcore.csp import parse_uri
from mdmcore.errors import ProtocolError
from mdmcore.http import Request, Response
from mdmcore.phone.certificate_store import PERSONAL, HeldCertificate
from mdmcore.phone.client_identity import found_identity, offering
from mdmcore.phone.device.installation import install_problem, installed_app
from mdmcore.phone.device.package import read_manifest
from mdmcore.phone.device.scep import NOT_IMPLEMENTED
from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.device.work import KEPT, Stage, Work, WorkKind
from mdmcore.phone.download import Bounds, Download, download
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.scep_client import ScepClient
from mdmcore.phone.settings import Consent, Random
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.web import check_url

MAX_PACKAGE_BYTES = 128 * 1024 * 1024
"""An app is held in memory while it is looked at; company apps have some megabytes."""

_CANCELLED = 0x800704C7
_DENIED = 0x80070005
_BAD_PACKAGE = 0x80073CF0
_NOT_A_PACKAGE = 1620
"""ERROR_INSTALL_PACKAGE_INVALID of Windows Installer."""
_BAD_DIGEST = 0x80091007
_CANNOT_CONNECT = 0x80072EFD
_BAD_URL = 0x80072EE5
_BAD_ANSWER = 0x80072F78
_HTTP = 0x80190000
_SCEP_FAILED = 0x80004005
"""E_FAIL; which code Windows gives is not known [U]."""
_COMPOUND_FILE = bytes.fromhex("D0CF11E0A1B11AE1")
"""How a Windows Installer database begins (MS-CFB 2.2)."""

type _Working = Generator[Request, Response, Work]


def next_work(phone: EnrolledPhone) -> datetime | None:
    """When the next stage of any work ends, ``None`` when there is none to wait for."""
    if phone.settings.stalls_work or phone.is_unenrolled:
        return None
    return min((work.due for work in phone.device.work if work.due is not None), default=None)


def work_on(
    phone: EnrolledPhone,
    now: datetime,
    *,
    keys: Keyring | None = None,
    random: Random | None = None,
) -> Generator[Request, Response, EnrolledPhone]:
    """Take each piece of work whose time has come to its next stage. Never a Refusal.

    ``keys`` and ``random`` are needed to fetch a certificate by SCEP, which fails without them.
    """
    if phone.settings.stalls_work or phone.is_unenrolled:
        return phone
    for work in phone.device.work:
        if work.due is not None and work.due <= now:
            if work.scep is not None and keys is not None and random is not None:
                phone = yield from _with_scep(phone, work, now, keys, random)
                continue
            after = yield from _advanced(work, phone, now)
            phone = replace(phone, device=_with_work(phone.device, work, after))
    return forgotten(phone, now)


def work_off(
    phone: EnrolledPhone,
    now: datetime,
    *,
    keys: Keyring | None = None,
    random: Random | None = None,
) -> Generator[Request, Response, EnrolledPhone]:
    """Do all work to its end, whatever time it takes; ``keys``, ``random`` as for ``work_on``."""
    while (at := next_work(phone)) is not None:
        now = max(now, at)
        phone = yield from work_on(phone, now, keys=keys, random=random)
    return phone


def _with_scep(
    phone: EnrolledPhone, work: Work, now: datetime, keys: Keyring, random: Random
) -> Generator[Request, Response, EnrolledPhone]:
    """The phone with the certificate that came by SCEP, or with the work failed."""
    assert work.scep is not None
    client = ScepClient(
        order=work.scep,
        private_key=keys(work.scep.bits),
        user_agent=phone.settings.device.enrollment_user_agent,
        random=random,
        now=now,
    )
    try:
        certificate = yield from client.run()
    except Refusal as error:
        after = replace(_failed(work, Stage.INSTALL_FAILED, _SCEP_FAILED, str(error)), since=now)
        return replace(phone, device=_with_work(phone.device, work, after))
    held = HeldCertificate(
        store=PERSONAL,
        scope="User" if work.context == "user" else "System",
        certificate=certificate,
        has_key=True,
    )
    done = replace(
        work, stage=Stage.INSTALLED, since=now, thumbprint=certificate.thumbprint, error=0
    )
    device = _with_work(phone.device, work, done)
    return replace(phone, device=device, certificates=(*phone.certificates, held))


def forgotten(phone: EnrolledPhone, now: datetime) -> EnrolledPhone:
    """The phone without the nodes of work that was finished more than seven days ago."""
    device = phone.device
    old = tuple(work for work in device.work if work.is_finished and now - work.since > KEPT)
    if not old:
        return phone
    roots = {(work.context, "Vendor", "MSFT", work.kind.value, *work.node) for work in old}
    written = tuple(value for value in phone.written if not _is_below(value.uri, roots))
    kept = tuple(work for work in device.work if work not in old)
    return replace(phone, written=written, device=replace(device, work=kept))


def _is_below(uri: str, roots: set[tuple[str, ...]]) -> bool:
    parsed = parse_uri(uri)
    path = (parsed.context or "device", *parsed.segments)
    return any(path[:length] in roots for length in range(1, len(path) + 1))


def _advanced(work: Work, phone: EnrolledPhone, now: datetime) -> _Working:
    """The work at its next stage."""
    next_stage = _STAGES[work.stage]
    after = yield from next_stage(work, phone, now)
    return replace(after, since=now)


def _asked(work: Work, phone: EnrolledPhone, now: datetime) -> _Working:
    yield from ()
    if phone.settings.consent is Consent.REFUSED:
        return _failed(work, Stage.INSTALL_FAILED, _CANCELLED, "the user does not want the app")
    return replace(work, stage=Stage.QUEUED)


def _begun(work: Work, phone: EnrolledPhone, now: datetime) -> _Working:
    yield from ()
    if not work.urls:
        return _failed(work, Stage.INSTALL_FAILED, _OBSTACLES[work.kind], work.obstacle)
    return replace(work, stage=Stage.DOWNLOADING)


def _fetched(work: Work, phone: EnrolledPhone, now: datetime) -> _Working:
    """One download: the first address that answers with a package."""
    after = work
    for url in work.urls:
        try:
            done = yield from _download(url, phone, now)
        except Refusal as error:
            after = _failed(work, Stage.DOWNLOAD_FAILED, _download_code(error), error.reason)
            continue
        return _examined(work, done)
    if work.retries:
        return replace(after, stage=Stage.RETRYING, retries=work.retries - 1)
    return after


def _download(
    url: str, phone: EnrolledPhone, now: datetime
) -> Generator[Request, Response, Download]:
    check_url(url, step=Step.APP, place="URL")
    leg = download(
        url,
        user_agent=phone.settings.device.enrollment_user_agent,
        step=Step.APP,
        bounds=Bounds(max_bytes=MAX_PACKAGE_BYTES),
        keeps=True,
    )
    identity = found_identity(phone.hub_certificate(now), phone.certificates)
    return (yield from offering(identity, leg))


def _download_code(error: Refusal) -> int:
    status = error.evidence[:3]
    if error.place == "status" and status.isdigit():
        return _HTTP + int(status)
    if error.place == "URL":
        return _BAD_URL
    return _CANNOT_CONNECT if error.place == "url" else _BAD_ANSWER


def _examined(work: Work, done: Download) -> Work:
    """The work with what the device reads in the package; it is installed, or not, later."""
    after = replace(work, stage=Stage.DOWNLOADED, error=0, reason="")
    if work.sha256 and done.sha256 != work.sha256:
        reason = f"the package's SHA-256 is {done.sha256}"
        return _failed(after, Stage.DOWNLOAD_FAILED, _BAD_DIGEST, reason)
    if work.kind is WorkKind.MSI:
        if done.data.startswith(_COMPOUND_FILE):
            return after
        return replace(
            after, error=_NOT_A_PACKAGE, reason="the file is no Windows Installer package"
        )
    try:
        return replace(after, manifest=read_manifest(done.data))
    except ProtocolError as error:
        return replace(after, error=_BAD_PACKAGE, reason=error.message)


def _opened(work: Work, phone: EnrolledPhone, now: datetime) -> _Working:
    yield from ()
    return replace(work, stage=Stage.INSTALLING)


def _installed(work: Work, phone: EnrolledPhone, now: datetime) -> _Working:
    """Installed, unless something is in the way that was known before."""
    yield from ()
    if work.error:
        return _failed(work, Stage.INSTALL_FAILED, work.error, work.reason)
    if work.obstacle:
        return _failed(work, Stage.INSTALL_FAILED, _OBSTACLES[work.kind], work.obstacle)
    problem = install_problem(work, phone.device)
    if problem is not None:
        return _failed(work, Stage.INSTALL_FAILED, problem.code, problem.reason)
    return replace(work, stage=Stage.INSTALLED)


def _failed(work: Work, stage: Stage, code: int, reason: str) -> Work:
    return replace(work, stage=stage, error=code, reason=reason)


def _with_work(device: DeviceState, before: Work, after: Work) -> DeviceState:
    """The device with that piece of work as it is now, and the app that came of it."""
    works = tuple(after if work is before else work for work in device.work)
    device = replace(device, work=works)
    if after.stage is not Stage.INSTALLED or after.scep is not None:
        return device
    app = installed_app(after)
    others = (one for one in device.apps if (one.csp, one.node) != (app.csp, app.node))
    return replace(device, apps=(*others, app))


_OBSTACLES: Mapping[WorkKind, int] = {
    WorkKind.APP: _DENIED,
    WorkKind.MSI: _DENIED,
    WorkKind.MODERN_APP: _CANNOT_CONNECT,
    WorkKind.SCEP: NOT_IMPLEMENTED,
    WorkKind.CLIENT_SCEP: NOT_IMPLEMENTED,
}
_STAGES: Mapping[Stage, Callable[[Work, EnrolledPhone, datetime], _Working]] = {
    Stage.ASKING: _asked,
    Stage.QUEUED: _begun,
    Stage.DOWNLOADING: _fetched,
    Stage.RETRYING: _begun,
    Stage.DOWNLOADED: _opened,
    Stage.INSTALLING: _installed,
}
