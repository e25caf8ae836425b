"""Rules on credentials that more than one message must be seen for (session.md 4.3, 8.2)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.answered import session_before
from mdmcore.rules.challenges import CHALLENGE_CODES
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import Status, SyncML

_GOES_ON = frozenset({"200", "212"})


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
    wanted = session.asked_scheme.strip() if session is not None else ""
    given = (cred.type or "").strip() if cred is not None else ""
    if wanted and given and wanted != given:
        yield scene.hit(
            f"the challenge asked for {wanted}, the device sends {given}",
            part="request",
            xpath="/SyncML/SyncHdr/Cred/Meta/Type",
            evidence=given,
        )
    status = answered.header_status if answered is not None else None
    if status is None or status.chal is None or not given:
        return
    wanted = (status.chal.type or "").strip()
    if status.data.strip() in _GOES_ON and wanted and wanted != given:
        yield scene.hit(
            f"credentials of type {given} are accepted, the next shall be {wanted}",
            part="response",
            xpath=f"{status.place}/Chal/Meta/Type",
            evidence=wanted,
        )
