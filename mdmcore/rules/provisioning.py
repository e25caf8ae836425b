"""Rules on the provisioning document: well-formedness, certificates, account (enrollment.md 9)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.provisioning_view import AppAuth, W7Account, parm_path
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.xml_place import offset_of
from mdmcore.syncml.model import SyncML

_ISSUING = frozenset({Kind.RST, Kind.RENEW})
_UNRESERVED = re.compile(r"[A-Za-z0-9._~!*'()-]*\Z")


@rule("wap-not-wellformed", kinds=_ISSUING)
def not_wellformed(scene: Scene) -> Iterator[Hit]:
    """The provisioning document is not well-formed XML: enrolment fails and the certificate is
    taken back. Build the document with an XML library."""
    part = scene.decoded.provisioning
    if part is None or not part.problems:
        return
    problem = part.problems[0]
    yield scene.hit(
        f"the provisioning document is not well-formed: {problem.message}",
        part="document",
        offset=offset_of(part.raw, problem.line, problem.column),
        line=problem.line,
        column=problem.column,
        evidence=problem.message,
    )


@rule("wap-thumbprint-mismatch", kinds=_ISSUING)
def thumbprint_mismatch(scene: Scene) -> Iterator[Hit]:
    """A certificate's characteristic is not named by the SHA-1 of its DER bytes, so the certificate
    step fails (0x8018001E or 0x80180024). Name it by the thumbprint in 40 upper-case digits."""
    part = scene.decoded.provisioning
    for item in part.certificates if part is not None else ():
        certificate = item.certificate
        if certificate is None or item.stored.thumbprint.upper() == certificate.thumbprint:
            continue
        yield scene.hit(
            f"the certificate is named {item.stored.thumbprint}, "
            f"its thumbprint is {certificate.thumbprint}",
            part="document",
            xpath=item.stored.path,
            evidence=item.stored.thumbprint,
        )


@rule("provider-id-needs-escaping", kinds=_ISSUING)
def provider_id_needs_escaping(scene: Scene) -> Iterator[Hit]:
    """PROVIDER-ID has characters that must be escaped in a LocURI, so nodes below DMClient are not
    found unless every side escapes alike. Use letters, digits, hyphen, dot and underscore only."""
    account = _account(scene)
    if account is None or account.provider_id is None:
        return
    if not _UNRESERVED.match(account.provider_id):
        yield scene.hit(
            f"PROVIDER-ID {account.provider_id!r} needs escaping in a LocURI",
            part="document",
            xpath=parm_path(account.path, "PROVIDER-ID"),
            evidence=account.provider_id,
        )


@rule("appauth-entry-missing", kinds=_ISSUING)
def appauth_entry_missing(scene: Scene) -> Iterator[Hit]:
    """The account has not both APPAUTH entries, CLIENT for the server's credentials and APPSRV for
    the device's, so the device never opens a session. Provide both."""
    account = _account(scene)
    if account is None or (scene.decoded.kind is Kind.RENEW and not account.appauth):
        return
    for level in ("CLIENT", "APPSRV"):
        if account.auth(level) is None:
            levels = [auth.level or "no AAUTHLEVEL" for auth in account.appauth]
            yield scene.hit(
                f"the account has no APPAUTH entry {level}",
                part="document",
                xpath=account.path,
                evidence=", ".join(levels) or "no APPAUTH at all",
            )


@rule("appauth-client-not-digest", kinds=_ISSUING)
def client_not_digest(scene: Scene) -> Iterator[Hit]:
    """The CLIENT entry, for the server's credentials, is not DIGEST: the device refuses what the
    server presents. Set AAUTHTYPE DIGEST."""
    account = _account(scene)
    auth = account.auth("CLIENT") if account is not None else None
    if auth is not None and auth.type != "DIGEST":
        yield scene.hit(
            f"AAUTHTYPE of the CLIENT entry is {auth.type!r}",
            part="document",
            xpath=parm_path(auth.path, "AAUTHTYPE"),
            evidence=auth.type or "",
        )


@rule("appauth-nonce-not-base64")
def nonce_not_base64(scene: Scene) -> Iterator[Hit]:
    """A nonce (AAUTHDATA or NextNonce) is not base64, so the account is refused or the two sides
    digest different bytes. Send the base64 of 16 random bytes."""
    account = _account(scene)
    for auth in account.appauth if account is not None else ():
        if auth.type != "BASIC" and auth.data is not None and auth.nonce is None:
            yield scene.hit(
                f"AAUTHDATA of the {auth.level} entry is not base64",
                part="document",
                xpath=parm_path(auth.path, "AAUTHDATA"),
                evidence=_shape(auth.data),
            )
    for side in scene.decoded.sides:
        if side.syncml is not None:
            yield from _next_nonces(scene, side.part, side.syncml)


def _next_nonces(scene: Scene, part: str, message: SyncML) -> Iterator[Hit]:
    for status in message.statuses:
        text = status.chal.next_nonce_text if status.chal is not None else None
        if text is not None and decode_base64(text) is None:
            yield scene.hit(
                "NextNonce is not base64",
                part=part,
                xpath=f"{status.place}/Chal/Meta/NextNonce",
                evidence=_shape(text),
            )


def _shape(text: str) -> str:
    """A nonce in words: it is a secret unless it is the placeholder of the samples."""
    return "the literal text 'nonce'" if text == "nonce" else f"{len(text)} characters"


@rule("w7-missing-parm", kinds={Kind.RST})
def missing_parm(scene: Scene) -> Iterator[Hit]:
    """The w7 APPLICATION lacks PROVIDER-ID or ADDR, so no DM account is made and enrolment fails
    (0x8018001F). Write both, in upper case, as direct parms of the APPLICATION."""
    account = _account(scene)
    if account is None:
        return
    for name, value in (("PROVIDER-ID", account.provider_id), ("ADDR", account.addr)):
        if not (value or "").strip():
            yield scene.hit(
                f"the w7 APPLICATION has no {name}",
                part="document",
                xpath=account.path,
                evidence="absent" if value is None else "empty",
            )


@rule("w7-addr-not-https", kinds=_ISSUING)
def addr_not_https(scene: Scene) -> Iterator[Hit]:
    """ADDR is no https URL, so the device enrols but never opens a session. Give the https URL of
    the DM service, with a host name that its certificate covers."""
    account = _account(scene)
    addr = (account.addr or "").strip() if account is not None else ""
    if account is not None and addr and not addr.lower().startswith("https://"):
        yield scene.hit(
            "ADDR is not an https URL", part="document", xpath=account.addr_path, evidence=addr
        )


@rule("appauth-secret-missing", kinds=_ISSUING)
def secret_missing(scene: Scene) -> Iterator[Hit]:
    """An APPAUTH entry has no AAUTHSECRET, so the account cannot be used and no session succeeds.
    Give each entry a random secret of its own."""
    account = _account(scene)
    for auth in account.appauth if account is not None else ():
        if not auth.secret:
            yield _auth_hit(scene, auth, "AAUTHSECRET", auth.secret)


@rule("appauth-nonce-missing", kinds=_ISSUING)
def nonce_missing(scene: Scene) -> Iterator[Hit]:
    """An APPAUTH entry of type DIGEST has no AAUTHDATA, so the first digest fails and the device
    shows that authentication is required. Write 16 random bytes there, in base64."""
    account = _account(scene)
    for auth in account.appauth if account is not None else ():
        if auth.type == "DIGEST" and not auth.data:
            yield _auth_hit(scene, auth, "AAUTHDATA", auth.data)


def _auth_hit(scene: Scene, auth: AppAuth, name: str, value: str | None) -> Hit:
    return scene.hit(
        f"the APPAUTH entry {auth.level or 'without AAUTHLEVEL'} has no {name}",
        part="document",
        xpath=auth.path,
        evidence="absent" if value is None else "empty",
    )


@rule("appauth-nonce-reused", kinds={Kind.RST})
def nonce_reused(scene: Scene) -> Iterator[Hit]:
    """The same AAUTHDATA stands in both APPAUTH entries, or was already given to another device, so
    the nonce protects against nothing. Make fresh random bytes for each entry and enrolment."""
    account = _account(scene)
    seen: dict[str, AppAuth] = {}
    for auth in account.appauth if account is not None else ():
        if auth.type == "BASIC" or not auth.data:
            continue
        where = parm_path(auth.path, "AAUTHDATA")
        owner = scene.nonce_owners.get(auth.data)
        if auth.data in seen:
            both = f"{seen[auth.data].level} and {auth.level} have the same AAUTHDATA"
            yield scene.hit(both, part="document", xpath=where, evidence=_shape(auth.data))
        elif owner is not None and owner not in scene.life.parts:
            yield scene.hit(
                f"AAUTHDATA of the {auth.level} entry was already given to {owner}",
                part="document",
                xpath=where,
                evidence=_shape(auth.data),
            )
        seen.setdefault(auth.data, auth)


def _account(scene: Scene) -> W7Account | None:
    part = scene.decoded.provisioning
    return part.account if part is not None else None
