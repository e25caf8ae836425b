"""The DM sessions of a capture, told apart by their own messages."""

from __future__ import annotations

from collections.abc import Iterable

from mdmcore.rules.scene import Scene

_FIRST = "1"


def sessions_of(scenes: Iterable[Scene]) -> list[list[Scene]]:
    """The messages of each session, in order. One begins with another SessionID, or with a first
    message; a message that was sent once more belongs to the session it was sent in."""
    found: list[list[Scene]] = []
    place = ("", "")
    for scene in scenes:
        message = scene.decoded.request_syncml
        if message is None:
            continue
        before, place = place, (message.header.session_id, message.header.msg_id)
        begins_anew = place[1] == _FIRST and before[1] != _FIRST
        if not found or place[0] != before[0] or begins_anew:
            found.append([])
        found[-1].append(scene)
    return found


def whole_sessions(scenes: Iterable[Scene]) -> dict[int, list[Scene]]:
    """Those whose beginning is in the capture, numbered."""
    found = enumerate(sessions_of(scenes), start=1)
    return {number: one for number, one in found if _begins(one[0])}


def _begins(scene: Scene) -> bool:
    message = scene.decoded.request_syncml
    return message is not None and (message.header.msg_id == _FIRST or bool(message.alerts))
