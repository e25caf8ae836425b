"""Rules on credentials, challenges and nonces in DM sessions (session.md 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import CredCheck, CredVerdict, NonceAge
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.unchallenged import is_unchallenged

_AT_ONCE = frozenset({"200", "401", "407"})
_CRED = "/SyncML/SyncHdr/Cred/Data"


@rule("missing-212", kinds={Kind.SYNCML})
def missing_212(scene: Scene) -> Iterator[Hit]:
    """The server answers right credentials with 200 and no Chal instead of 212: 200 asks for the
    credentials again, so the phone sends the same package once more and ends. Answer 212."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    if asked is None or answered is None or asked.header.cred is None:
        return
    check = scene.device_cred
    if check is not None and check.verdict is CredVerdict.WRONG:
        return
    status = answered.header_status
    if status is not None and status.data.strip() == "200" and status.chal is None:
        yield scene.hit(
            "the device's credentials are answered with 200 without Chal, not with 212",
            part="response",
            xpath=f"{status.place}/Data",
            evidence="200",
        )


@rule("uncredentialed-package-not-challenged", kinds={Kind.SYNCML})
def not_challenged(scene: Scene) -> Iterator[Hit]:
    """A first message without credentials and without a client certificate is not challenged, so
    the device never proves who it is. Answer 407 with a Chal."""
    response, answered = scene.exchange.response, scene.decoded.response_syncml
    if response is None or not is_unchallenged(scene):
        return
    status = answered.header_status if answered is not None else None
    if status is not None:
        said, where = f"Status {status.data} for SyncHdr", f"{status.place}/Data"
    elif answered is not None:
        said, where = "no Status for SyncHdr", "/SyncML/SyncBody"
    else:
        said, where = f"HTTP {response.status} without a SyncML message", "/"
    yield scene.hit(
        f"a first message without credentials is answered with {said}, not with 407 and Chal",
        part="response",
        xpath=where,
        evidence=said,
    )


@rule("stale-nonce", kinds={Kind.SYNCML})
def stale_nonce(scene: Scene) -> Iterator[Hit]:
    """A digest was made with an older nonce than the one in force, so the other side answers 401.
    Store each NextNonce when it arrives, and try once more with the new one."""
    for part, check in _checks(scene):
        if _is_old(check) and not _is_not_stored(check) and not _is_too_late(check):
            yield _nonce_hit(scene, part, "with an older nonce than the one in force")


@rule("nextnonce-not-stored", kinds={Kind.SYNCML})
def nextnonce_not_stored(scene: Scene) -> Iterator[Hit]:
    """The first digest of a session was made with the nonce of the session before, although a
    NextNonce had come: 401 at the start of every session. Store NextNonce when it arrives."""
    for part, check in _checks(scene):
        if _is_not_stored(check):
            yield _nonce_hit(scene, part, "with the nonce of the session before")


@rule("nonce-used-too-late", kinds={Kind.SYNCML})
def nonce_used_too_late(scene: Scene) -> Iterator[Hit]:
    """A NextNonce that came with 200, 401 or 407 was not used in the next message, so the digest is
    refused again. Use such a nonce at once."""
    for part, check in _checks(scene):
        if _is_too_late(check):
            text = f"without the nonce that came with {check.came_with} in the message before"
            yield _nonce_hit(scene, part, text)


@rule("nonce-used-too-early", kinds={Kind.SYNCML})
def nonce_used_too_early(scene: Scene) -> Iterator[Hit]:
    """A NextNonce that came with 212 was used inside the same session, so the digest is refused.
    Keep it for the next session."""
    for part, check in _checks(scene):
        if check.age is NonceAge.PENDING:
            yield _nonce_hit(scene, part, "with the nonce that is meant for the next session")


@rule("digest-nonce-ignored", kinds={Kind.SYNCML})
def nonce_ignored(scene: Scene) -> Iterator[Hit]:
    """A digest was made with an empty nonce, so the other side answers 401. Append a colon and the
    nonce's bytes to the inner digest."""
    for part, check in _checks(scene):
        if check.age is NonceAge.EMPTY:
            yield _nonce_hit(scene, part, "with an empty nonce")


@rule("nonce-reused-by-server", kinds={Kind.SYNCML})
def nonce_reused(scene: Scene) -> Iterator[Hit]:
    """A server hands out a nonce that it gave the device before, so a digest that somebody has
    recorded can be used once more. Make fresh random bytes each time."""
    answered, account = scene.decoded.response_syncml, scene.before.account
    status = answered.header_status if answered is not None else None
    nonce = status.chal.next_nonce if status is not None and status.chal is not None else None
    if status is None or nonce is None or account is None or account.device is None:
        return
    state = account.device.nonces
    if nonce in {state.current, state.pending, *state.older} and not _is_sent_again(scene):
        yield scene.hit(
            "NextNonce is one that the server gave before",
            part="response",
            xpath=f"{status.place}/Chal/Meta/NextNonce",
        )


def _is_sent_again(scene: Scene) -> bool:
    """Whether the device's message came before, so that the same answer is right."""
    digest = hashlib.sha256(scene.decoded.request.body).hexdigest()
    return any(session.client_digest == digest for session in scene.before.sessions)


def _checks(scene: Scene) -> Iterator[tuple[str, CredCheck]]:
    if scene.device_cred is not None:
        yield "request", scene.device_cred
    if scene.server_cred is not None:
        yield "response", scene.server_cred


def _is_old(check: CredCheck) -> bool:
    return check.age in (NonceAge.PREVIOUS, NonceAge.OLDER)


def _is_not_stored(check: CredCheck) -> bool:
    return check.age is NonceAge.PREVIOUS and check.is_first_of_session


def _is_too_late(check: CredCheck) -> bool:
    is_next = not check.is_first_of_session and not check.was_in_use
    return _is_old(check) and is_next and check.came_with in _AT_ONCE


def _nonce_hit(scene: Scene, part: str, how: str) -> Hit:
    whose = "device's" if part == "request" else "server's"
    return scene.hit(f"the {whose} digest was made {how}", part=part, xpath=_CRED)
