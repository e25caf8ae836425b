"""The DM sessions of a capture, told apart by their own messages."""

from __future__ import annotations

from collections.abc import Iterable

from mdmcore.rules.scene import Scene

_FIRST = "1"


def captured_sessions(scenes: Iterable[Scene]) -> dict[int, list[Scene]]:
    """The captured sessions, numbered, each with its messages in order. One begins with another
    SessionID, or with a first message; what has no beginning in the capture is none."""
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
    return {number: one for number, one in enumerate(found, start=1) if _begins(one[0])}


def _begins(scene: Scene) -> bool:
    message = scene.decoded.request_syncml
    return message is not None and (message.header.msg_id == _FIRST or bool(message.alerts))
