"""Whether the DM client opens a session at all: what enrolment left is looked at only now.

Everything here was accepted at enrolment and bites at the first session (rules.md, "at first
sync"): the schedule, ADDR, both APPAUTH entries, their secrets and nonces.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mdmcore.enrollment.provisioning_view import AppAuth, W7Account, parm_path
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.version import DM_11, DM_12, Version
from mdmcore.phone.web import url_problem
from mdmcore.profiles import PollScheme
from mdmcore.records import AuthScheme

_ENCODINGS = (SYNCML_XML_MEDIA_TYPE, SYNCML_WBXML_MEDIA_TYPE)
_SCHEMES = {"DIGEST": AuthScheme.MD5, "BASIC": AuthScheme.BASIC}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAccount:
    """The account as a session uses it. ``encoding`` is the media type of its messages;
    ``server_secret`` is ``None`` where CLIENT is no DIGEST: then no credential of the server is
    accepted. ``device_id`` is what the device calls itself, ``version`` what it speaks first;
    ``has_older_version``: it tries the older one when the first package fails (W7)."""

    device_id: str
    version: Version
    has_older_version: bool
    addr: str
    provider_id: str
    user: str
    secret: str = field(repr=False)
    scheme: AuthScheme
    encoding: str
    server_secret: str | None = field(repr=False)


def ready(phone: EnrolledPhone) -> SessionAccount:
    """The account; Refusal(management) when this phone never opens a session."""
    account = phone.account
    if phone.is_unenrolled:
        raise _refusal("the device is not enrolled any more", "device")
    if phone.sessions == 0:
        _check_schedule(phone)
    addr = account.addr or ""
    problem = url_problem(addr)
    if problem is not None:
        raise _refusal(f"no session: {problem}", account.addr_path, addr)
    encoding = account.encoding or SYNCML_XML_MEDIA_TYPE
    if encoding not in _ENCODINGS:
        raise _refusal(
            f"this phone speaks {' and '.join(_ENCODINGS)} only",
            parm_path(account.path, "DEFAULTENCODING"),
            encoding,
        )
    server, own = _entry(account, "CLIENT"), _entry(account, "APPSRV")
    server_secret = _secret(server)
    if server.type == "DIGEST":
        _need_nonce(server, phone.nonce_s2c)
    scheme = _SCHEMES.get(own.type or "")
    if scheme is None:
        raise _refusal(
            "AAUTHTYPE is neither BASIC nor DIGEST", parm_path(own.path, "AAUTHTYPE"), own.type
        )
    scheme = phone.scheme or scheme  # that of the last session comes first (DMACC)
    if scheme is AuthScheme.MD5:
        _need_nonce(own, phone.nonce_c2s)
    if not own.name:
        raise _refusal("the account has no AAUTHNAME", parm_path(own.path, "AAUTHNAME"))
    is_older = account.version == DM_11.dtd
    return SessionAccount(
        device_id=phone.management_id,
        version=DM_11 if is_older else DM_12,
        has_older_version=not is_older and not account.is_older_version_disabled,
        addr=addr,
        provider_id=account.provider_id or "",
        user=own.name,
        secret=_secret(own),
        scheme=scheme,
        encoding=encoding,
        server_secret=server_secret if server.type == "DIGEST" else None,
    )


def _check_schedule(phone: EnrolledPhone) -> None:
    """In the registry, a first set of 0 means no contact (blog, T34); in Poll it is another set."""
    first = phone.schedule.first
    is_registry = phone.schedule.scheme is PollScheme.REGISTRY
    if is_registry and (first.count <= 0 or first.is_off):
        raise _refusal(
            "the first set of retries is 0, so the device never contacts the server",
            phone.schedule.place,
            f"AuxNumRetries {first.count}, AuxRetryInterval {first.interval}",
        )


def _entry(account: W7Account, level: str) -> AppAuth:
    entry = account.auth(level)
    if entry is None:
        there = ", ".join(auth.level or "(none)" for auth in account.appauth) or "none"
        raise _refusal(
            f"no APPAUTH with AAUTHLEVEL {level}, so the device never opens a session",
            f"{account.path}/characteristic[@type='APPAUTH']",
            there,
        )
    return entry


def _secret(entry: AppAuth) -> str:
    if not entry.secret:
        raise _refusal(
            f"the {entry.level} account has no AAUTHSECRET", parm_path(entry.path, "AAUTHSECRET")
        )
    return entry.secret


def _need_nonce(entry: AppAuth, nonce: bytes | None) -> None:
    if nonce is None:
        what = "is no base64" if entry.data else "is missing"
        raise _refusal(
            f"AAUTHDATA of {entry.level} {what}: authentication required",
            parm_path(entry.path, "AAUTHDATA"),
            entry.data,
        )


def _refusal(reason: str, place: str, evidence: str | None = None) -> Refusal:
    return Refusal(reason, step=Step.MANAGEMENT, place=place, evidence=evidence or "")
