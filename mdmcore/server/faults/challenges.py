"""Mistakes in judging the device's credentials, and in asking for others (session.md 4.3, 8.2).

A challenge is forced on right credentials where the mistake needs one: the nonce in it is the one
that the server has stored for the device, so that it accepts the next digest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mdmcore.http import Response
from mdmcore.namespaces import ALERT_CLIENT_EVENT, ALERT_GENERIC, AUTH_BASIC, AUTH_MD5
from mdmcore.server.answers import plain_answer
from mdmcore.server.faults.messages import (
    answer_message,
    appended,
    sent_message,
    with_header_status,
    with_message,
    work_of,
)
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.server_proof import account_of
from mdmcore.syncml.model import Chal, Command, Item, Status, SyncML

_CHALLENGES = {"401", "407"}
_FORCED = "challenges forced"
_SHORT = 4
_SAME_NONCE = bytes(range(16))
_GET = Command(name="Get", cmd_id="", items=(Item(target="./DevDetail/SwV"),))
_ANSWERED = {ALERT_CLIENT_EVENT, ALERT_GENERIC}
_UNKNOWN_TYPE = "syncml:auth-securid"


def _was_accepted(answered: Answered) -> bool:
    """Whether the device proved itself with this message, by the right answer."""
    sent, message = sent_message(answered), answer_message(answered)
    if sent is None or message is None or sent.header.cred is None:
        return False
    status = message.header_status
    return status is not None and status.data == "212"


def _challenged(
    answered: Answered, chal: Callable[[bytes], Chal | None], *, again: bool = False
) -> SyncML | None:
    """The answer as a challenge, Statuses only; once in a session unless ``again``."""
    sent, message, account = sent_message(answered), answer_message(answered), account_of(answered)
    if sent is None or message is None or account is None or not _was_accepted(answered):
        return None
    key = (_FORCED, sent.header.source, sent.header.session_id)
    if answered.tools.memory.recall(*key) and not again:
        return None
    answered.tools.memory.note(b"once", *key)
    statuses = tuple(
        replace(one, data="401", chal=chal(account.nonce_c2s) if one.is_for_header else None)
        for one in message.statuses
    )
    header = replace(message.header, cred=None, source_name=None)
    return replace(message, header=header, commands=statuses, is_final=True)


def _md5(nonce: bytes) -> Chal:
    return Chal(type=AUTH_MD5, format="b64", next_nonce=nonce)


def _as_challenge(
    answered: Answered,
    chal: Callable[[bytes], Chal | None] = _md5,
    change: Callable[[SyncML], SyncML] = lambda message: message,
    *,
    again: bool = False,
) -> Response | None:
    challenge = _challenged(answered, chal, again=again)
    if challenge is None:
        return None
    return with_message(answered, lambda _message: change(challenge))


@fault("missing-212", Step.MANAGE)
def accepted_with_200(answered: Answered) -> Response | None:
    """Right credentials get 200 without a challenge."""
    if not _was_accepted(answered):
        return None
    return with_header_status(answered, lambda status: replace(status, data="200", chal=None))


@fault("challenge-without-chal", Step.MANAGE)
def no_chal(answered: Answered) -> Response | None:
    """401 without Chal."""
    return _as_challenge(answered, lambda _nonce: None, again=True)


@fault("chal-missing-format-or-type", Step.MANAGE)
def chal_without_format(answered: Answered) -> Response | None:
    """Chal does not say Format."""
    return _as_challenge(answered, lambda nonce: Chal(type=AUTH_MD5, next_nonce=nonce), again=True)


@fault("challenge-with-commands", Step.MANAGE)
def commands_beside(answered: Answered) -> Response | None:
    """A Get beside the 401."""
    return _as_challenge(answered, change=lambda message: appended(message, _GET))


@fault("challenge-incomplete-status", Step.MANAGE)
def statuses_left_out(answered: Answered) -> Response | None:
    """Only SyncHdr gets a Status beside the 401."""

    def change(message: SyncML) -> SyncML:
        return replace(message, commands=message.commands[:1])

    return _as_challenge(answered, change=change)


@fault("challenge-loop", Step.MANAGE)
def challenged_again(answered: Answered) -> Response | None:
    """Right credentials are challenged again and again."""
    return _as_challenge(answered, again=True)


@fault("unsupported-challenge-type", Step.MANAGE)
def unknown_type(answered: Answered) -> Response | None:
    """A challenge of a type that no device knows."""
    return _as_challenge(
        answered, lambda nonce: replace(_md5(nonce), type=_UNKNOWN_TYPE), again=True
    )


@fault("auth-type-changed", Step.MANAGE)
def other_type(answered: Answered) -> Response | None:
    """An accepted digest is followed by a challenge for Basic."""
    if not _was_accepted(answered):
        return None
    chal = Chal(type=AUTH_BASIC, format="b64")
    return with_header_status(answered, lambda status: replace(status, data="200", chal=chal))


@fault("uncredentialed-package-not-challenged", Step.MANAGE)
def strangers_welcome(answered: Answered) -> Response | None:
    """A first message without credentials is taken as it is."""
    sent, message = sent_message(answered), answer_message(answered)
    if sent is None or message is None or sent.header.cred is not None:
        return None
    status = message.header_status
    if status is None or status.data not in _CHALLENGES:
        return None
    statuses = tuple(replace(one, data="200", chal=None) for one in message.statuses)
    return with_message(answered, lambda one: replace(one, commands=statuses))


@fault("challenge-differs-by-device", Step.MANAGE)
def strangers_told_apart(answered: Answered) -> Response | None:
    """A device that is not known gets another answer than one with wrong credentials."""
    if answer_message(answered) is None or account_of(answered) is not None:
        return None
    return plain_answer(404, "no such device")


def _with_device_nonce(answered: Answered, nonce: bytes) -> Response | None:
    """Another NextNonce, which the server stores as if it had been its choice."""
    sent, message, account = sent_message(answered), answer_message(answered), account_of(answered)
    if sent is None or message is None or account is None:
        return None
    status = message.header_status
    if status is None or status.chal is None or status.chal.next_nonce is None:
        return None
    session = answered.tools.store.session(sent.header.source, sent.header.session_id)
    if session is None:
        return None
    if status.data in _CHALLENGES:
        session = replace(session, challenge_nonce=nonce)
    answered.tools.store.save_message(session, account=replace(account, nonce_c2s=nonce))

    def change(one: Status) -> Status:
        return one if one.chal is None else replace(one, chal=replace(one.chal, next_nonce=nonce))

    return with_header_status(answered, change)


@fault("nonce-reused-by-server", Step.MANAGE)
def same_nonce(answered: Answered) -> Response | None:
    """NextNonce is always the same."""
    return _with_device_nonce(answered, _SAME_NONCE)


@fault("nonce-short", Step.MANAGE)
def short_nonce(answered: Answered) -> Response | None:
    """NextNonce has four bytes."""
    return _with_device_nonce(answered, answered.tools.random(_SHORT))


@fault("replay-not-idempotent", Step.MANAGE)
def answered_anew(answered: Answered) -> Response | None:
    """A message that comes again gets another NextNonce."""
    body = answered.request.body or b""
    seen = answered.tools.memory.recall("bodies", answered.request.url)
    answered.tools.memory.note(body, "bodies", answered.request.url)
    if body not in seen:
        return None
    nonce = answered.tools.random(16)

    def change(one: Status) -> Status:
        return one if one.chal is None else replace(one, chal=replace(one.chal, next_nonce=nonce))

    return with_header_status(answered, change)


@fault("generic-alert-unanswered", Step.MANAGE)
def alert_ignored(answered: Answered) -> Response | None:
    """Alerts 1224 and 1226 get no Status."""
    sent = sent_message(answered)
    if sent is None:
        return None
    ids = {alert.cmd_id for alert in sent.alerts if alert.code in _ANSWERED}

    def change(message: SyncML) -> SyncML | None:
        kept = tuple(
            one
            for one in message.commands
            if not (isinstance(one, Status) and one.cmd == "Alert" and one.cmd_ref in ids)
        )
        return replace(message, commands=kept) if ids else None

    return with_message(answered, change)


@fault("cred-in-command", Step.MANAGE)
def cred_in_get(answered: Answered) -> Response | None:
    """A command carries the server's Cred."""

    def change(message: SyncML) -> SyncML | None:
        cred, work = message.header.cred, work_of(message)
        if cred is None or not work:
            return None
        commands = tuple(
            replace(one, cred=cred) if one is work[0] and isinstance(one, Command) else one
            for one in message.commands
        )
        return replace(message, commands=commands)

    return with_message(answered, change)
