"""Rules on credentials that more than one message must be seen for (session.md 4.3, 8.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from mdmcore.namespaces import AUTH_BASIC, AUTH_MAC
from mdmcore.rules.answered import session_before
from mdmcore.rules.challenges import CHALLENGE_CODES
from mdmcore.rules.decoded import Kind
from mdmcore.rules.earlier_account import is_of_earlier_account
from mdmcore.rules.life import CredVerdict
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.syncml.hmac_header import HMAC_HEADER
from mdmcore.syncml.model import Status, SyncML

_GOES_ON = frozenset({"200", "212"})
_RETRY_TIME = timedelta(minutes=2)
"""An answer to a challenge comes at once; what comes later is a session of its own."""


def _challenge(message: SyncML | None) -> Status | None:
    """The Status for SyncHdr by which a message challenges."""
    status = message.header_status if message is not None else None
    if status is None or status.chal is None or status.data.strip() not in CHALLENGE_CODES:
        return None
    return status


@rule("challenge-loop", kinds={Kind.SYNCML})
def challenge_loop(scene: Scene) -> Iterator[Hit]:
    """One side challenges the other more than once in a session, so both go round until one gives
    up. After the second failure answer without Chal and close the session."""
    session = session_before(scene)
    if session is None:
        return
    sides = (
        ("response", scene.decoded.response_syncml, session.challenges, "server"),
        ("request", scene.decoded.request_syncml, session.device_challenges, "device"),
    )
    for part, message, before, who in sides:
        status = _challenge(message)
        if status is not None and before > 0:
            yield scene.hit(
                f"the {who} challenges for the {before + 1}. time in this session",
                part=part,
                xpath=f"{status.place}/Chal",
                evidence=f"Status {status.data} for SyncHdr",
            )


@rule("auth-type-changed", kinds={Kind.SYNCML})
def auth_type_changed(scene: Scene) -> Iterator[Hit]:
    """The type of credentials changes inside a session: a challenge asks for another type than was
    accepted, or a Cred is of another type than was asked for. The session ends. Keep to one."""
    session = session_before(scene)
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    cred = asked.header.cred if asked is not None else None
    wanted = (session.asked_scheme or session.scheme).strip() if session is not None else ""
    given = (cred.type or "").strip() if cred is not None else ""
    # A Cred in a session with HMAC is hmac-with-cred.
    if wanted and given and given != wanted != AUTH_MAC:
        yield scene.hit(
            f"the session's credentials are {wanted}, the device sends {given}",
            part="request",
            xpath="/SyncML/SyncHdr/Cred/Meta/Type",
            evidence=given,
        )
    status = answered.header_status if answered is not None else None
    is_mac = HMAC_HEADER in scene.exchange.request.headers
    if status is None or status.chal is None or not given or is_mac:
        return
    wanted = (status.chal.type or "").strip()
    if status.data.strip() in _GOES_ON and wanted and wanted != given:
        yield scene.hit(
            f"credentials of type {given} are accepted, the next shall be {wanted}",
            part="response",
            xpath=f"{status.place}/Chal/Meta/Type",
            evidence=wanted,
        )


@rule("retry-changed-session", kinds={Kind.SYNCML})
def other_session(scene: Scene) -> Iterator[Hit]:
    """The device answers a challenge in another session, or with a MsgID that does not follow on,
    so the server cannot tell what it answers. Look for a proxy or a retry between both."""
    asked = scene.decoded.request_syncml
    last = scene.before.sessions[-1] if scene.before.sessions else None
    if asked is None or asked.header.cred is None or last is None or not last.is_challenged:
        return
    header = asked.header
    if header.session_id != last.session_id:
        if header.msg_id == "1" or not _is_soon(scene):
            return  # a new session: the device gave up the one before
        name, given, wanted = "SessionID", header.session_id, last.session_id
    elif header.msg_id.isdigit() and last.client_msg_id.isdigit():
        name, given, wanted = "MsgID", header.msg_id, str(int(last.client_msg_id) + 1)
        if given in {wanted, last.client_msg_id}:
            return
    else:
        return
    yield scene.hit(
        f"the answer to the challenge has {name} {given}, {wanted} was to come",
        part="request",
        xpath=f"/SyncML/SyncHdr/{name}",
        evidence=given,
    )


def _is_soon(scene: Scene) -> bool:
    last, now = scene.before.last, scene.exchange.started
    return last is not None and now is not None and now - last <= _RETRY_TIME


@rule("basic-over-digest", kinds={Kind.SYNCML})
def basic_over_digest(scene: Scene) -> Iterator[Hit]:
    """The device sends Basic credentials although its account says DIGEST. Accept them, or answer
    401 with a challenge for MD5."""
    asked, account = scene.decoded.request_syncml, scene.before.account
    cred = asked.header.cred if asked is not None else None
    if cred is None or account is None or account.device is None:
        return
    session = session_before(scene)
    was_asked = session is not None and session.asked_scheme.strip() == AUTH_BASIC
    is_basic = (cred.type or "").strip() == AUTH_BASIC
    if account.device.scheme == "DIGEST" and is_basic and not was_asked:
        yield scene.hit(
            "Basic credentials, the account says DIGEST",
            part="request",
            xpath="/SyncML/SyncHdr/Cred/Meta/Type",
            evidence=AUTH_BASIC,
        )


@rule("re-enrolled-state-kept", kinds={Kind.SYNCML})
def old_state(scene: Scene) -> Iterator[Hit]:
    """A digest is made with secret or nonce of the enrolment before the last one, so the other side
    answers 401. Forget account, nonces, queue and delivery marks when a device enrols anew."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    sides = (
        ("request", "device's", asked, scene.device_cred),
        ("response", "server's", answered, scene.server_cred),
    )
    for part, whose, message, check in sides:
        cred = message.header.cred if message is not None else None
        if cred is None or check is None or check.verdict is not CredVerdict.WRONG:
            continue
        if is_of_earlier_account(scene, part, cred.data):
            yield scene.hit(
                f"the {whose} digest was made with the account of the enrolment before",
                part=part,
                xpath="/SyncML/SyncHdr/Cred/Data",
            )
