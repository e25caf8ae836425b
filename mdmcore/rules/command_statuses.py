"""Rules on Status and Results: which commands they answer, in which order (session.md 2.1).

The Status for SyncHdr stands in ``header_status``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.whole_messages import whole_request, whole_response
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Container,
    Results,
    Status,
    SyncML,
)

_ABORT = "1223"
_GENERIC = frozenset({"1224", "1226"})
"""Alerts of which generic-alert-unanswered speaks."""
_ASSUMED = "1"
"""What a reference that is left out in Results means ([MS-MDM] 2.2.7.8)."""


@rule("missing-command-status", kinds={Kind.SYNCML})
def missing_command_status(scene: Scene) -> Iterator[Hit]:
    """A command of the device has no Status in the server's message: the device may send it again
    or stall. Send one Status for each Alert, Replace and other command."""
    asked, answered = whole_request(scene), whole_response(scene)
    if asked is None or answered is None or not _is_to_answer_all(asked, answered):
        return
    given = {status.cmd_ref for status in answered.statuses if not status.is_for_header}
    for command in asked.commands:
        if _wants_status(command) and command.cmd_id not in given:
            yield scene.hit(
                f"the device's {command.name} (CmdID {command.cmd_id}) has no Status",
                part="response",
                xpath="/SyncML/SyncBody",
                evidence=f"{command.name} {command.cmd_id}",
            )


def _is_to_answer_all(asked: SyncML, answered: SyncML) -> bool:
    """Whether the server has taken the message, and does not spread its answer over several."""
    status = answered.header_status
    if status is not None and not status.data.strip().startswith("2"):
        return False  # challenge-incomplete-status tells of challenges
    is_aborted = any(alert.code.strip() == _ABORT for alert in asked.alerts)
    return answered.is_final and not asked.header.no_resp and not is_aborted


def _wants_status(command: AnyCommand) -> bool:
    if not isinstance(command, Alert | Command | Container) or command.no_resp:
        return False
    is_generic = isinstance(command, Alert) and command.code.strip() in _GENERIC
    return bool(command.cmd_id) and not is_generic


@rule("status-order-mismatch", kinds={Kind.SYNCML})
def status_order_mismatch(scene: Scene) -> Iterator[Hit]:
    """The server's Statuses do not stand in the order of the device's commands, as the
    specifications want it; no effect is known. Answer in the order of the commands."""
    asked, answered = whole_request(scene), whole_response(scene)
    if asked is None or answered is None:
        return
    order = {
        command.cmd_id: at
        for at, command in enumerate(asked.walk())
        if command.cmd_id and not isinstance(command, Status | Results)
    }
    known = [
        (order[status.cmd_ref], status)
        for status in answered.statuses
        if not status.is_for_header
        and status.msg_ref == asked.header.msg_id
        and status.cmd_ref in order
    ]
    for (first, before), (second, status) in pairwise(known):
        if second < first:
            yield scene.hit(
                f"the Status for command {status.cmd_ref} stands behind that for {before.cmd_ref}",
                part="response",
                xpath=status.place,
                evidence=f"{status.cmd} {status.cmd_ref}".strip(),
            )
            return


@rule("status-for-results", kinds={Kind.SYNCML})
def status_for_results(scene: Scene) -> Iterator[Hit]:
    """The server answers Results with Status 200, which the device ignores. Leave it out; only
    another code is worth a Status."""
    asked, answered = whole_request(scene), whole_response(scene)
    if asked is None or answered is None:
        return
    for status in answered.statuses:
        if status.cmd == "Results" and status.data.strip() == "200":
            yield scene.hit(
                f"Status 200 for Results (CmdRef {status.cmd_ref})",
                part="response",
                xpath=status.place,
                evidence="Results",
            )


@rule("results-before-status", kinds={Kind.SYNCML})
def results_before_status(scene: Scene) -> Iterator[Hit]:
    """The device's Results stand before the Status of their Get, so a server that reads in order
    may miss them. A device must send the Status first."""
    asked = whole_request(scene)
    if asked is None:
        return
    early: dict[tuple[str, str], Results] = {}
    seen: set[tuple[str, str]] = set()
    for command in asked.commands:
        if isinstance(command, Results):
            of = (command.msg_ref or _ASSUMED, command.cmd_ref or _ASSUMED)
            if of not in seen:
                early.setdefault(of, command)
        elif isinstance(command, Status):
            of = (command.msg_ref, command.cmd_ref)
            seen.add(of)
            results = early.pop(of, None)
            if results is not None:
                yield scene.hit(
                    f"Results of command {of[1]} stand before its Status",
                    part="request",
                    xpath=results.place,
                    evidence=f"CmdRef {of[1]}",
                )


@rule("msgref-mismatch", kinds={Kind.SYNCML})
def msgref_mismatch(scene: Scene) -> Iterator[Hit]:
    """MsgRef of the server's Status or Results is not the MsgID of the message that it answers: the
    device takes its command as unanswered, sends it again and ends. Copy the device's MsgID."""
    asked, answered = whole_request(scene), whole_response(scene)
    if asked is None or answered is None or not asked.header.msg_id:
        return
    now = asked.header.msg_id
    right = {status.cmd_ref for status in answered.statuses if status.msg_ref == now}
    unanswered = {
        command.cmd_id
        for command in asked.walk()
        if not isinstance(command, Status | Results) and command.cmd_id not in right
    }
    for answer in answered.commands:
        if not isinstance(answer, Status | Results):
            continue
        found = answer.msg_ref
        if isinstance(answer, Results) and not found:
            found = _ASSUMED
        is_header = isinstance(answer, Status) and answer.is_for_header
        # Answers to earlier messages may still come, but none that this message waits for.
        is_late = _is_lower(found, now) and not is_header and answer.cmd_ref not in unanswered
        if found != now and not is_late:
            yield scene.hit(
                f"MsgRef is {found or 'missing'}, the device's message is {now}",
                part="response",
                xpath=f"{answer.place}/MsgRef" if answer.msg_ref else answer.place,
                evidence=found,
            )


def _is_lower(found: str, now: str) -> bool:
    return found.isdecimal() and now.isdecimal() and 0 < int(found[:9]) < int(now[:9])
