"""Rules on sessions that more than one message of a life must be seen for (session.md 1, 8.1)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.namespaces import ALERT_SESSION_ABORT
from mdmcore.rules.answered import session_before
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Chunks, DmSession
from mdmcore.rules.model import Hit
from mdmcore.rules.object_chunks import carrying_items, wanted_download
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import Command, Container, Results, SyncML

_TRIES = 3


def _is_resent(session: DmSession | None, scene: Scene) -> bool:
    """Whether the device's message is the one before, sent once more."""
    now = _session_now(scene)
    return session is not None and now is not None and session.client_digest == now.client_digest


def _session_now(scene: Scene) -> DmSession | None:
    asked = scene.decoded.request_syncml
    if asked is None:
        return None
    wanted = asked.header.session_id
    return next((s for s in reversed(scene.life.sessions) if s.session_id == wanted), None)


@rule("sessionid-parsed-as-int", kinds={Kind.SYNCML})
def session_id_as_number(scene: Scene) -> Iterator[Hit]:
    """A server fails on a SessionID of 0 or one that is no decimal number, so each session that has
    such an id ends there. Keep SessionID as text and echo it."""
    asked, response = scene.decoded.request_syncml, scene.exchange.response
    if asked is None or response is None or response.status < 500:
        return
    session_id = asked.header.session_id
    if session_id == "0" or not session_id.isdigit():
        yield scene.hit(
            f"SessionID {session_id!r} is answered with HTTP {response.status}",
            part="request",
            xpath="/SyncML/SyncHdr/SessionID",
            evidence=session_id,
        )


@rule("commands-before-previous-answered", kinds={Kind.SYNCML})
def too_early(scene: Scene) -> Iterator[Hit]:
    """New commands are sent while earlier ones of the session have no Status yet, so their order is
    not certain. Wait for the Statuses of all commands, and ask for them with alert 1222."""
    session, answered = session_before(scene), scene.decoded.response_syncml
    asked = scene.decoded.request_syncml
    if session is None or answered is None or asked is None or _is_resent(session, scene):
        return
    if any(alert.code == ALERT_SESSION_ABORT for alert in asked.alerts):
        return
    told = {status.cmd_ref for status in asked.statuses if status.msg_ref == session.server_msg_id}
    open_commands = [one for one in session.sent if one.cmd_id not in told and one.name != "Alert"]
    new = [one for one in answered.commands if isinstance(one, Command | Container)]
    if open_commands and new and asked.header_status is not None:
        first = open_commands[0]
        yield scene.hit(
            f"{new[0].name} is sent while {first.name} {first.cmd_id} has no Status",
            part="response",
            xpath=new[0].place,
            evidence=f"{first.name} {first.cmd_id}",
        )


@rule("replay-not-idempotent", kinds={Kind.SYNCML})
def answered_differently(scene: Scene) -> Iterator[Hit]:
    """A message that the device sent once more is answered otherwise than before, so nonces on both
    sides come apart. Keep the last answer of a session and give it again."""
    asked = scene.decoded.request_syncml
    if asked is None:
        return
    wanted = asked.header.session_id
    before = next((s for s in reversed(scene.before.sessions) if s.session_id == wanted), None)
    now = _session_now(scene)
    if before is None or now is None or scene.decoded.response_syncml is None:
        return
    is_same = before.number == now.number and before.client_digest == now.client_digest
    if is_same and before.answer_digest and before.answer_digest != now.answer_digest:
        yield scene.hit(
            f"message {asked.header.msg_id} came again and is answered differently",
            part="response",
            xpath="/SyncML",
            evidence=f"SessionID {wanted}, MsgID {asked.header.msg_id}",
        )


@rule("dm11-fallback-seen", kinds={Kind.SYNCML})
def fallback(scene: Scene) -> Iterator[Hit]:
    """The device sends its first package again as DM 1.1, so the answer to the first try was not to
    its liking. Mend that; BACKCOMPATRETRYDISABLED in the account keeps it from falling back."""
    asked = scene.decoded.request_syncml
    last = scene.before.sessions[-1] if scene.before.sessions else None
    if asked is None or last is None or last.is_ended:
        return
    if asked.header.ver_proto == "DM/1.1" and last.version == "DM/1.2" and last.messages <= 1:
        yield scene.hit(
            "the first package comes again as DM 1.1",
            part="request",
            xpath="/SyncML/SyncHdr/VerProto",
            evidence=asked.header.ver_proto,
        )


@rule("first-session-never-completed", kinds={Kind.SYNCML})
def never_completed(scene: Scene) -> Iterator[Hit]:
    """Sessions begin, and none comes to its end: periodic polling never starts, and after the first
    window only the user can make the device connect. Mend the first thing that goes wrong."""
    is_new = scene.life.session_count > scene.before.session_count
    if is_new and scene.life.session_count == _TRIES and not scene.before.has_completed:
        yield scene.hit(
            f"session {_TRIES} begins, none before came to its end",
            part="request",
            xpath="/SyncML/SyncHdr/SessionID",
            evidence=scene.before.refusal or scene.before.stop,
        )


# --- large objects ---


@rule("large-object-on-phone", kinds={Kind.SYNCML})
def chunks_for_a_phone(scene: Scene) -> Iterator[Hit]:
    """A value is sent in chunks to a device that refuses them: large objects came with Windows 10.
    Send it in one message, or split the work into smaller values."""
    message = scene.decoded.response_syncml
    if message is None:
        return
    for item, uri in carrying_items(message):
        if item.more_data:
            yield scene.hit(
                "a chunk of a large object is sent to a device that takes none",
                part="response",
                xpath=f"{item.place}/MoreData",
                evidence=uri,
            )


@rule("moredata-missing-size", kinds={Kind.SYNCML})
def no_size(scene: Scene) -> Iterator[Hit]:
    """The first chunk of a large object does not say its size, so the object is refused (424). Put
    Meta/Size with the length of the whole into the first chunk."""
    for part, message, session in _sides(scene):
        for item, uri in carrying_items(message):
            is_first = session is None or session.uri != uri
            has_size = item.meta is not None and bool(item.meta.size)
            if item.more_data and is_first and not has_size:
                yield scene.hit(
                    "the first chunk of a large object has no Meta/Size",
                    part=part,
                    xpath=item.place,
                    evidence=uri,
                )


@rule("moredata-size-mismatch", kinds={Kind.SYNCML})
def other_size(scene: Scene) -> Iterator[Hit]:
    """The chunks of a large object do not add up to the size announced, so it is not stored (424).
    Count the bytes as they are transported: of base64 text, its characters."""
    for part, message, under_way in _sides(scene):
        if under_way is None or under_way.size is None:
            continue
        for item, uri in carrying_items(message):
            if uri != under_way.uri or item.more_data:
                continue
            total = under_way.received + len((item.data or "").encode())
            if total != under_way.size:
                yield scene.hit(
                    f"a large object of {under_way.size} bytes was announced, {total} came",
                    part=part,
                    xpath=f"{item.place}/Data",
                    evidence=uri,
                )


@rule("moredata-interleaved-chunk", kinds={Kind.SYNCML})
def interleaved(scene: Scene) -> Iterator[Hit]:
    """Another command comes between the chunks of a large object, so the object is given up (alert
    1225). Send nothing but its next chunk until it is complete."""
    for part, message, under_way in _sides(scene):
        if under_way is None:
            continue
        work = [one for one in message.commands if isinstance(one, Command | Container | Results)]
        first = work[0] if work else None
        if first is None:
            continue
        items = getattr(first, "items", ())
        if not any((item.target or item.source or "") == under_way.uri for item in items):
            yield scene.hit(
                f"{first.name} comes before the large object is complete",
                part=part,
                xpath=first.place,
                evidence=under_way.uri,
            )


def _sides(scene: Scene) -> Iterator[tuple[str, SyncML, Chunks | None]]:
    """Both messages, each with the large object that its sender had not completed before."""
    session = session_before(scene)
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    if _is_resent(session, scene):
        return
    if asked is not None:
        yield "request", asked, session.upload if session is not None else None
    if asked is not None and answered is not None:
        yield "response", answered, wanted_download(session, asked) if session is not None else None
