"""Rules on the server's Status for the device's SyncHdr ([MS-MDM] 2.2.6.1).

What its code says of credentials stands in ``authentication``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.unchallenged import is_unchallenged
from mdmcore.rules.whole_messages import whole_request, whole_response

_ABORT = "1223"


@rule("missing-synchdr-status", kinds={Kind.SYNCML})
def missing_synchdr_status(scene: Scene) -> Iterator[Hit]:
    """The server's message has no Status with Cmd SyncHdr and CmdRef 0: the device does not see its
    credentials acknowledged and gives the session up. Send it first in every message."""
    answered = whole_response(scene)
    if answered is None or _is_none_wanted(scene):
        return
    status = answered.header_status
    if status is None and not is_unchallenged(scene):
        yield scene.hit(
            "the server's message has no Status for SyncHdr",
            part="response",
            xpath="/SyncML/SyncBody",
            evidence=" ".join(command.name for command in answered.commands) or "no command",
        )
    elif status is not None and status.cmd_ref != "0":
        yield scene.hit(
            f"the Status for SyncHdr has CmdRef {status.cmd_ref or 'nothing'}, not 0",
            part="response",
            xpath=f"{status.place}/CmdRef" if status.cmd_ref else status.place,
            evidence=status.cmd_ref,
        )


@rule("synchdr-status-not-first", kinds={Kind.SYNCML})
def synchdr_status_not_first(scene: Scene) -> Iterator[Hit]:
    """Another Status stands before the one for SyncHdr: strict clients misread the message. Put the
    Status for SyncHdr first."""
    answered = whole_response(scene)
    status = None if answered is None else answered.header_status
    if answered is None or status is None:
        return
    first = answered.statuses[0]
    if first is not status:
        yield scene.hit(
            f"a Status for {first.cmd or 'another command'} stands before the one for SyncHdr",
            part="response",
            xpath=status.place,
            evidence=f"{first.cmd} {first.cmd_ref}".strip(),
        )


def _is_none_wanted(scene: Scene) -> bool:
    """Whether the device wanted none, or has left the session and reads no answer."""
    asked = whole_request(scene)
    return asked is not None and (
        asked.header.no_resp or any(alert.code.strip() == _ABORT for alert in asked.alerts)
    )
