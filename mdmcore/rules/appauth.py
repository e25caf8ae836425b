"""Rules on the APPAUTH entries, the first credentials of device and server (enrollment.md 9.3)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.provisioning_view import AppAuth, parm_path
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.provisioned import ISSUING, account_of, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_SHORT = 8


@rule("appauth-entry-missing", kinds=ISSUING)
def appauth_entry_missing(scene: Scene) -> Iterator[Hit]:
    """The account has not both APPAUTH entries, CLIENT for the server's credentials and APPSRV for
    the device's, so the device never opens a session. Provide both."""
    account, any_case = account_of(scene), provisioned(scene).any_case
    if account is None or (scene.decoded.kind is Kind.RENEW and not account.appauth):
        return
    for level in ("CLIENT", "APPSRV"):
        # What is there in other letters is a matter of w7-name-case.
        is_misspelt = any_case is not None and any_case.auth(level) is not None
        if account.auth(level) is None and not is_misspelt:
            levels = [auth.level or "no AAUTHLEVEL" for auth in account.appauth]
            yield document_hit(
                scene,
                f"the account has no APPAUTH entry {level}",
                account.path,
                f"{level} absent; there is {', '.join(levels) or 'no APPAUTH at all'}",
            )


@rule("appauth-client-not-digest", kinds=ISSUING)
def client_not_digest(scene: Scene) -> Iterator[Hit]:
    """The CLIENT entry, for the server's credentials, is not DIGEST: the device refuses what the
    server presents. Set AAUTHTYPE DIGEST."""
    account = account_of(scene)
    auth = account.auth("CLIENT") if account is not None else None
    if auth is not None and auth.type != "DIGEST" and not _is_misspelt(scene, auth, "type"):
        yield document_hit(
            scene,
            f"AAUTHTYPE of the CLIENT entry is {auth.type!r}",
            parm_path(auth.path, "AAUTHTYPE"),
            auth.type or "",
        )


@rule("appauth-nonce-not-base64")
def nonce_not_base64(scene: Scene) -> Iterator[Hit]:
    """A nonce (AAUTHDATA or NextNonce) is not base64, so the account is refused or the two sides
    digest different bytes. Send the base64 of 16 random bytes."""
    for auth in _entries(scene):
        if auth.type != "BASIC" and auth.data is not None and auth.nonce is None:
            yield document_hit(
                scene,
                f"AAUTHDATA of the {auth.level} entry is not base64",
                parm_path(auth.path, "AAUTHDATA"),
                _shape(auth.data),
            )
    for part, place, text in _next_nonces(scene):
        if decode_base64(text) is None:
            yield scene.hit(
                "NextNonce is not base64", part=part, xpath=place, evidence=_shape(text)
            )


@rule("nonce-short")
def nonce_short(scene: Scene) -> Iterator[Hit]:
    """A nonce (AAUTHDATA or NextNonce) has fewer than 8 bytes; nothing fails, but it is easier to
    guess. Use 16 random bytes."""
    for auth in _entries(scene):
        # Empty is a matter of appauth-nonce-missing.
        if auth.type != "BASIC" and auth.nonce and len(auth.nonce) < _SHORT:
            yield document_hit(
                scene,
                f"AAUTHDATA of the {auth.level} entry has {len(auth.nonce)} bytes",
                parm_path(auth.path, "AAUTHDATA"),
                f"{len(auth.nonce)} bytes",
            )
    for part, place, text in _next_nonces(scene):
        nonce = decode_base64(text)
        if nonce is not None and len(nonce) < _SHORT:
            size = f"{len(nonce)} bytes"
            yield scene.hit(f"NextNonce has {size}", part=part, xpath=place, evidence=size)


def _next_nonces(scene: Scene) -> Iterator[tuple[str, str, str]]:
    """Part, place and text of each NextNonce."""
    for side in scene.decoded.sides:
        for status in side.syncml.statuses if side.syncml is not None else ():
            text = status.chal.next_nonce_text if status.chal is not None else None
            if text is not None:
                yield side.part, f"{status.place}/Chal/Meta/NextNonce", text


def _shape(text: str) -> str:
    """A nonce in words: it is a secret unless it is the placeholder of the samples."""
    return "the literal text 'nonce'" if text == "nonce" else f"{len(text)} characters"


@rule("appauth-secret-missing", kinds=ISSUING)
def secret_missing(scene: Scene) -> Iterator[Hit]:
    """An APPAUTH entry has no AAUTHSECRET, so the account cannot be used and no session succeeds.
    Give each entry a random secret of its own."""
    for auth in _entries(scene):
        if not auth.secret and not _is_misspelt(scene, auth, "secret"):
            yield _auth_hit(scene, auth, "AAUTHSECRET", auth.secret)


@rule("appauth-nonce-missing", kinds=ISSUING)
def nonce_missing(scene: Scene) -> Iterator[Hit]:
    """An APPAUTH entry of type DIGEST has no AAUTHDATA, so the first digest fails and the device
    shows that authentication is required. Write 16 random bytes there, in base64."""
    for auth in _entries(scene):
        if auth.type == "DIGEST" and not auth.data and not _is_misspelt(scene, auth, "data"):
            yield _auth_hit(scene, auth, "AAUTHDATA", auth.data)


def _auth_hit(scene: Scene, auth: AppAuth, name: str, value: str | None) -> Hit:
    return document_hit(
        scene,
        f"the APPAUTH entry {auth.level or 'without AAUTHLEVEL'} has no {name}",
        auth.path,
        "absent" if value is None else "empty",
    )


@rule("appauth-nonce-reused", kinds={Kind.RST})
def nonce_reused(scene: Scene) -> Iterator[Hit]:
    """The same AAUTHDATA stands in both APPAUTH entries, or was already given to another device, so
    the nonce protects against nothing. Make fresh random bytes for each entry and enrolment."""
    seen: dict[str, AppAuth] = {}
    for auth in _entries(scene):
        if auth.type == "BASIC" or not auth.data:
            continue
        where = parm_path(auth.path, "AAUTHDATA")
        owner = scene.nonce_owners.get(auth.data)
        if auth.data in seen:
            both = f"{seen[auth.data].level} and {auth.level} have the same AAUTHDATA"
            yield document_hit(scene, both, where, _shape(auth.data))
        elif owner is not None and owner not in scene.life.parts:
            given = f"AAUTHDATA of the {auth.level} entry was already given to {owner}"
            yield document_hit(scene, given, where, _shape(auth.data))
        seen.setdefault(auth.data, auth)


def _entries(scene: Scene) -> tuple[AppAuth, ...]:
    account = account_of(scene)
    return account.appauth if account is not None else ()


def _is_misspelt(scene: Scene, auth: AppAuth, field: str) -> bool:
    """Whether the entry has that value under a name in other letters: see w7-name-case."""
    any_case = provisioned(scene).any_case
    entries = any_case.appauth if any_case is not None else ()
    is_absent = not getattr(auth, field)
    return is_absent and any(e.path == auth.path and getattr(e, field) for e in entries)
