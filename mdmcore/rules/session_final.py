"""Rules on how packages end: Final, next message, abort (OMA DM Protocol 1.2.1 6.2, 8.1)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.whole_messages import whole_request, whole_response
from mdmcore.syncml.model import Alert, AnyCommand, Item, Results, Status, SyncML

_NEXT_MESSAGE = "1222"
_ABORT = "1223"
_KEEP_ALIVE = "requestpending"
_FINAL = "/SyncML/SyncBody/Final"


@rule("missing-final", kinds={Kind.SYNCML})
def missing_final(scene: Scene) -> Iterator[Hit]:
    """The server's message has no Final although it continues nothing: the device waits, asks with
    1222, or ends the session. Add Final."""
    asked, answered = whole_request(scene), whole_response(scene)
    if answered is None or answered.is_final or (asked is not None and not asked.is_final):
        return
    if _is_full(scene, asked):
        return
    if _alert(answered, _NEXT_MESSAGE) is None and _unfinished(answered) is None:
        yield scene.hit(
            "the server's message has no Final, no alert 1222 and no MoreData",
            part="response",
            xpath="/SyncML/SyncBody",
            evidence=_names(answered),
        )


@rule("final-in-next-message", kinds={Kind.SYNCML})
def final_in_next_message(scene: Scene) -> Iterator[Hit]:
    """The server's message has Final beside alert 1222 or an unfinished object: the device closes
    the package early and data is lost. Leave Final out there."""
    answered = whole_response(scene)
    if answered is None or not answered.is_final:
        return
    alert = _alert(answered, _NEXT_MESSAGE)
    command = _unfinished(answered)
    if alert is not None:
        beside = f"alert 1222 ({alert.place})"
    elif command is not None:
        beside = f"MoreData ({command.place})"
    else:
        return
    yield scene.hit(
        f"Final stands beside {beside}",
        part="response",
        xpath=_FINAL,
        evidence="Final",
    )


@rule("client-unfinished-not-continued", kinds={Kind.SYNCML})
def client_unfinished_not_continued(scene: Scene) -> Iterator[Hit]:
    """The device's message has no Final, so more is to come, but the server answers with commands
    or Final: a protocol error that ends the session. Answer with Statuses and alert 1222 only."""
    asked, answered = whole_request(scene), whole_response(scene)
    if asked is None or answered is None or asked.is_final or _is_not_to_continue(asked, answered):
        return
    command = next(_new_commands(answered), None)
    if command is not None:
        yield scene.hit(
            f"a message without Final is answered with {command.name}",
            part="response",
            xpath=command.place,
            evidence=command.name,
        )
    elif answered.is_final and _alert(answered, _NEXT_MESSAGE) is None:
        yield scene.hit(
            "a message without Final is answered with Final and without alert 1222",
            part="response",
            xpath=_FINAL,
            evidence="Final",
        )


@rule("session-abort-with-commands", kinds={Kind.SYNCML})
def session_abort_with_commands(scene: Scene) -> Iterator[Hit]:
    """The device aborts the session with alert 1223 and the server answers with commands, which
    are ignored. Answer with Statuses only, and give the commands in the next session."""
    asked, answered = whole_request(scene), whole_response(scene)
    if asked is None or answered is None or _alert(asked, _ABORT) is None:
        return
    for command in _new_commands(answered):
        yield scene.hit(
            f"{command.name} in the answer to alert 1223",
            part="response",
            xpath=command.place,
            evidence=command.name,
        )


def _is_full(scene: Scene, asked: SyncML | None) -> bool:
    """Whether the answer takes more than half of the device's MaxMsgSize, so that the package may
    well go on in another message; the measure is ours."""
    meta = asked.header.meta if asked is not None else None
    limit = (meta.max_msg_size or "").strip() if meta is not None else ""
    side = scene.decoded.response
    return limit.isdecimal() and side is not None and 2 * len(side.body) > int(limit[:10])


def _is_not_to_continue(asked: SyncML, answered: SyncML) -> bool:
    """Whether either side ends the session, the server refuses the message, the device only keeps
    the connection alive, which has rules of its own (DMClient CSP), or it has no Final because it
    waits for the rest of the server's package (alert 1222; DMPRO 6.2)."""
    status = answered.header_status
    return (
        any(_alert(message, _ABORT) is not None for message in (asked, answered))
        or (_alert(asked, _NEXT_MESSAGE) is not None and _unfinished(asked) is None)
        or (status is not None and not status.data.strip().startswith("2"))
        or any(_KEEP_ALIVE in kind for alert in asked.alerts for kind in _types(alert))
    )


def _types(alert: Alert) -> Iterator[str]:
    for item in alert.items:
        if item.meta is not None and item.meta.type:
            yield item.meta.type


def _alert(message: SyncML, code: str) -> Alert | None:
    return next((alert for alert in message.alerts if alert.code.strip() == code), None)


def _new_commands(answered: SyncML) -> Iterator[AnyCommand]:
    """What is neither an answer nor a word about the session itself."""
    for command in answered.commands:
        is_talk = isinstance(command, Alert) and command.code.strip() in (_NEXT_MESSAGE, _ABORT)
        if not is_talk and not isinstance(command, Status | Results):
            yield command


def _unfinished(message: SyncML) -> AnyCommand | None:
    """The command of which more data is to come."""
    return next(
        (command for command in message.walk() if any(i.more_data for i in _items(command))), None
    )


def _items(command: AnyCommand) -> tuple[Item, ...]:
    return getattr(command, "items", ())


def _names(message: SyncML) -> str:
    return " ".join(command.name for command in message.commands) or "no command"
