"""Rules on the challenges of a server and what stands beside them (session.md 4.3).

A 401 to a message behind the first may be the last word of a server that has challenged before:
it needs no Chal. Which credentials follow a challenge is judged in ``authentication``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.namespaces import AUTH_BASIC
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import Alert, AnyCommand, Chal, Results, Status, SyncML

CHALLENGE_CODES = frozenset({"401", "407"})
"""Codes of a Status for SyncHdr that ask for credentials."""
_FIRST = "1"
_NOT_SUPPORTED = "406"
_ABORT = "1223"
_SHOWN = 5


@rule("challenge-without-chal", kinds={Kind.SYNCML})
def challenge_without_chal(scene: Scene) -> Iterator[Hit]:
    """The server answers a first message with 401 or 407 for SyncHdr and no Chal, so the device
    cannot compute credentials. Add Chal with Type, Format and NextNonce."""
    status = _challenge(scene)
    if status is not None and status.chal is None and status.msg_ref.strip() == _FIRST:
        yield scene.hit(
            f"the server answers {status.data.strip()} for SyncHdr without Chal",
            part="response",
            xpath=status.place,
            evidence=status.data.strip(),
        )


@rule("chal-missing-format-or-type", kinds={Kind.SYNCML})
def chal_incomplete(scene: Scene) -> Iterator[Hit]:
    """A Chal lacks Type, Format b64 or, unless it asks for Basic, NextNonce: the device cannot
    compute credentials. Complete the Meta of Chal."""
    answered = scene.decoded.response_syncml
    for status in answered.statuses if answered is not None else ():
        missing = _missing_of(status.chal) if status.chal is not None else ()
        if missing:
            yield scene.hit(
                f"the server's Chal has {', '.join(missing)}",
                part="response",
                xpath=f"{status.place}/Chal",
                evidence=", ".join(missing),
            )


def _missing_of(chal: Chal) -> tuple[str, ...]:
    scheme, form = chal.type.strip(), chal.format.strip()
    missing = ["no Type"] if not scheme else []
    if not form:
        missing.append("no Format")
    elif form.lower() != "b64":
        missing.append(f"Format {form}")
    if scheme and scheme != AUTH_BASIC and chal.next_nonce_text is None:
        missing.append("no NextNonce")
    return tuple(missing)


@rule("challenge-with-commands", kinds={Kind.SYNCML})
def challenge_with_commands(scene: Scene) -> Iterator[Hit]:
    """Commands stand beside a 401 or 407 for SyncHdr, and the device ignores them. Send Statuses
    only, and the commands when the device has authenticated."""
    status, answered = _challenge(scene), scene.decoded.response_syncml
    if status is None or answered is None:
        return
    commands = [command for command in answered.commands if _is_command(command)]
    if commands:
        names = _listed([command.name for command in commands])
        yield scene.hit(
            f"beside the {status.data.strip()} for SyncHdr stand commands: {names}",
            part="response",
            xpath=commands[0].place,
            evidence=names,
        )


def _is_command(command: AnyCommand) -> bool:
    """Whether it wants something of the device; an abort wants nothing."""
    if isinstance(command, Alert):
        return command.code.strip() != _ABORT
    return not isinstance(command, Status | Results)


@rule("challenge-incomplete-status", kinds={Kind.SYNCML})
def challenge_incomplete_status(scene: Scene) -> Iterator[Hit]:
    """A message that challenges has no Status for some command of the device's message; no effect
    is known. Answer each command, with 401 or 407 too."""
    status = _challenge(scene)
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    if status is None or asked is None or answered is None or asked.header.no_resp:
        return
    missing = _listed(list(_unanswered(asked, answered)))
    if missing:
        yield scene.hit(
            f"the {status.data.strip()} for SyncHdr stands without a Status for {missing}",
            part="response",
            xpath="/SyncML/SyncBody",
            evidence=missing,
        )


def _unanswered(asked: SyncML, answered: SyncML) -> Iterator[str]:
    msg_id = asked.header.msg_id.strip()
    told = {s.cmd_ref.strip() for s in answered.statuses if s.msg_ref.strip() == msg_id}
    for command in asked.commands:
        if isinstance(command, Status | Results) or getattr(command, "no_resp", False):
            continue
        if command.cmd_id.strip() not in told:
            yield f"{command.name} {command.cmd_id.strip()}".strip()


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


@rule("unsupported-challenge-type", kinds={Kind.SYNCML})
def unsupported_challenge_type(scene: Scene) -> Iterator[Hit]:
    """The device answers 406 to a challenge: it does not support the scheme that was asked for, and
    the session ends. Challenge for MD5 or Basic."""
    asked = scene.decoded.request_syncml
    # A Status about a Status is about its challenge [MDM 2.2.6.1].
    told = (
        () if asked is None else (s for s in asked.statuses if s.is_for_header or s.cmd == "Status")
    )
    for status in told:
        if status.data.strip() == _NOT_SUPPORTED:
            yield scene.hit(
                "the device answers the challenge with 406, it does not support that scheme",
                part="request",
                xpath=f"{status.place}/Data",
                evidence=_NOT_SUPPORTED,
            )
            return


def _challenge(scene: Scene) -> Status | None:
    """The server's Status for SyncHdr, where it asks for credentials."""
    answered = scene.decoded.response_syncml
    status = answered.header_status if answered is not None else None
    return status if status is not None and status.data.strip() in CHALLENGE_CODES else None
