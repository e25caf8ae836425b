"""Rules on leaving that more than one message must be seen for (enrollment.md 13)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import CredVerdict, DmSession
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.unenroll_exec import unenroll_items
from mdmcore.syncml.unenrollment import tells_unenrollment


@rule("unenroll-wrong-providerid", kinds={Kind.SYNCML})
def wrong_provider(scene: Scene) -> Iterator[Hit]:
    """The Exec on Unenroll names another provider than the account's PROVIDER-ID, so a phone
    refuses it and stays enrolled. Send the PROVIDER-ID of the enrolment, case by case."""
    account = scene.life.account
    if account is None or not account.provider_id:
        return
    for item in unenroll_items(scene.decoded.response_syncml):
        given = (item.data or "").strip()
        if given and given != account.provider_id:
            yield scene.hit(
                f"Unenroll is for {given!r}, the account's PROVIDER-ID is {account.provider_id!r}",
                part="response",
                xpath=f"{item.place}/Data",
                evidence=given,
            )


@rule("unenroll-waits-for-status", kinds={Kind.SYNCML})
def sent_again(scene: Scene) -> Iterator[Hit]:
    """The Exec on Unenroll goes out again, session after session, or to a device that tells that it
    has left: its Status never comes, since the device breaks the session off. Take alert 1226, or
    silence, for the answer."""
    asked = scene.decoded.request_syncml
    earlier = [one for one in scene.before.sessions if one.has_unenroll]
    has_left = bool(earlier) and asked is not None and tells_unenrollment(asked)
    if len(earlier) < 2 and not has_left:
        return
    why = "the device tells that it has left" if has_left else "it was sent"
    count = "" if has_left else f" in {len(earlier)} sessions before"
    for item in unenroll_items(scene.decoded.response_syncml):
        yield scene.hit(
            f"Unenroll goes out again, although {why}{count}",
            part="response",
            xpath=item.place,
            evidence=(item.target or "").strip(),
        )


@rule("unenroll-by-code-only", kinds={Kind.SYNCML})
def any_alert_counts(scene: Scene) -> Iterator[Hit]:
    """After a generic alert that is not about leaving the server does not know the device any more:
    it takes every alert 1226 for un-enrolment. Look at the alert's Type."""
    last = _last_session(scene)
    if last is None or not last.has_other_alert or last.has_unenroll:
        return
    check, response = scene.device_cred, scene.exchange.response
    answered = scene.decoded.response_syncml
    status = answered.header_status if answered is not None else None
    is_right = check is not None and check.verdict is CredVerdict.RIGHT
    if is_right and status is not None and status.data.strip() == "401":
        place, said = f"{status.place}/Data", "401 for right credentials"
    elif response is not None and response.status in {404, 410} and answered is None:
        place, said = "/", f"HTTP {response.status}"
    else:
        return
    yield scene.hit(
        f"{said} in the session after a generic alert of another type",
        part="response",
        xpath=place,
        evidence=said,
    )


@rule("unenroll-endpoint-closed", kinds={Kind.SYNCML})
def closed_door(scene: Scene) -> Iterator[Hit]:
    """After Unenroll the device's messages are answered with an HTTP error, so it cannot tell that
    it leaves, and stays enrolled if the Exec had no effect. Answer for some sessions more."""
    response, last = scene.exchange.response, _last_session(scene)
    if response is None or response.status < 400 or last is None or not last.has_unenroll:
        return
    yield scene.hit(
        f"HTTP {response.status} in the session after Unenroll",
        part="response",
        field="status",
        evidence=str(response.status),
    )


@rule("unenroll-no-effect", kinds={Kind.SYNCML})
def no_effect(scene: Scene) -> Iterator[Hit]:
    """The device was told to leave and comes back as before: the Exec had no effect, as with
    enrolments by a work account. Send it once more, then ask the user to leave."""
    asked, last = scene.decoded.request_syncml, _last_session(scene)
    if asked is None or last is None or not last.has_unenroll or tells_unenrollment(asked):
        return
    yield scene.hit(
        "a session as before after Unenroll",
        part="request",
        xpath="/SyncML/SyncBody",
        evidence=asked.header.session_id,
    )


def _last_session(scene: Scene) -> DmSession | None:
    """The session before the one that this exchange begins; ``None`` when it goes on with one."""
    if scene.life.session_count == scene.before.session_count or not scene.before.sessions:
        return None
    return scene.before.sessions[-1]
