"""Symptoms: what a device does when something before was not to its liking (session.md 1.5, 1.6;
blog, T20, T51 and comment 17).

They say that something is wrong, not what; the likely causes are those found earlier in the same
life (``causes``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import DmSession, Life
from mdmcore.rules.life_tools import is_new_session
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.renew_settings import DEFAULT_RENEW_DAYS, renew_days
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import SyncML

_SESSION_ID = "/SyncML/SyncHdr/SessionID"


@rule("message-resent", kinds={Kind.SYNCML})
def resent(scene: Scene) -> Iterator[Hit]:
    """The device sends the same message once more: the answer did not reach it, or it could do
    nothing with it. Give the same answer again, and look at what was wrong with the first one."""
    asked = scene.decoded.request_syncml
    if asked is None or is_new_session(scene):
        return
    wanted = asked.header
    digests = [
        next((one.client_digest for one in reversed(life.sessions) if _is_of(one, asked)), None)
        for life in (scene.before, scene.life)
    ]
    if digests[0] is not None and digests[0] == digests[1]:
        yield scene.hit(
            f"message {wanted.msg_id} of session {wanted.session_id} comes again, unchanged",
            part="request",
            xpath="/SyncML/SyncHdr/MsgID",
            evidence=f"SessionID {wanted.session_id}, MsgID {wanted.msg_id}",
        )


def _is_of(session: DmSession, message: SyncML) -> bool:
    return session.session_id == message.header.session_id


@rule("session-dropped", kinds={Kind.SYNCML})
def dropped(scene: Scene) -> Iterator[Hit]:
    """The device begins a new session although commands, or a challenge, of the one before were
    not answered: it gave that one up. Look at the server's last message in it."""
    if not is_new_session(scene) or not scene.before.sessions:
        return
    last = scene.before.sessions[-1]
    is_over = last.is_ended or last.has_unenroll  # who is told to leave need not answer
    if is_over or not last.messages or not (last.sent or last.is_challenged):
        return
    what = "a challenge" if last.is_challenged else f"{len(last.sent)} commands"
    yield scene.hit(
        f"session {last.session_id} was given up after {last.messages} answers, with {what} open",
        part="request",
        xpath=_SESSION_ID,
        evidence=f"SessionID {last.session_id}, MsgID {last.client_msg_id}",
    )


@rule("renewal-not-attempted", kinds={Kind.SYNCML})
def no_renewal(scene: Scene) -> Iterator[Hit]:
    """Half of the time for renewal is over, the device keeps syncing and has not asked for a new
    certificate; when it ends, the device is cut off. Look at EntDMID and at the certificate's key;
    a phone that renews by hand needs its user's password."""
    life, last, now = scene.life, scene.before.last, scene.now
    half = _half_way(life)
    if half is None or last is None or now is None or life.refused_renewals:
        return
    if is_new_session(scene) and last < half <= now:
        assert life.certificate is not None
        left = (life.certificate.not_after - now).days
        yield scene.hit(
            f"no renewal was asked for, and the certificate ends in {left} days"
            if left >= 0
            else "no renewal was asked for, and the certificate has ended",
            part="request",
            xpath=_SESSION_ID,
            evidence=life.certificate.not_after.date().isoformat(),
        )


def _half_way(life: Life) -> datetime | None:
    """The middle of the renewal window of the certificate in force."""
    if life.certificate is None or life.enrolled_at is None:
        return None
    document = life.provisioning.document if life.provisioning is not None else None
    days = renew_days(document)
    window = timedelta(days=DEFAULT_RENEW_DAYS if days is None else days)
    return life.certificate.not_after - window / 2
