"""Mistakes in judging the device's credentials, and in asking for others (session.md 4.3, 8.2).

Where the mistake needs a challenge the server does not get to see the device's credentials, so that
it asks for them.
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
    first_without_credentials,
    sent_message,
    with_header_status,
    with_message,
    with_nonce,
    without_credentials,
    work_of,
)
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.server_proof import account_of
from mdmcore.syncml.model import Chal, Command, Item, Status, SyncML

_CHALLENGES = {"401", "407"}
_SHORT = 4
_NONCE_BYTES = 16
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


def _is_challenge(message: SyncML) -> bool:
    status = message.header_status
    return status is not None and status.data in _CHALLENGES


def _with_challenge(
    answered: Answered, change: Callable[[SyncML], SyncML | None]
) -> Response | None:
    """The answer changed, where it is a challenge."""
    return with_message(answered, lambda one: change(one) if _is_challenge(one) else None)


def _with_chal(answered: Answered, change: Callable[[Chal], Chal | None]) -> Response | None:
    """Another Chal, or none, where the answer has one."""

    def changed(status: Status) -> Status:
        return status if status.chal is None else replace(status, chal=change(status.chal))

    return with_header_status(answered, changed)


@fault("missing-212", Step.MANAGE)
def accepted_with_200(answered: Answered) -> Response | None:
    """Right credentials get 200 without a challenge."""
    if not _was_accepted(answered):
        return None
    return with_header_status(answered, lambda status: replace(status, data="200", chal=None))


@fault("challenge-without-chal", Step.MANAGE, prepare=first_without_credentials)
def no_chal(answered: Answered) -> Response | None:
    """A challenge without Chal."""
    return _with_chal(answered, lambda _chal: None) if _challenges(answered) else None


@fault("chal-missing-format-or-type", Step.MANAGE, prepare=first_without_credentials)
def chal_without_format(answered: Answered) -> Response | None:
    """Chal does not say Format."""
    if not _challenges(answered):
        return None
    return _with_chal(answered, lambda chal: replace(chal, format=""))


def _challenges(answered: Answered) -> bool:
    message = answer_message(answered)
    return message is not None and _is_challenge(message)


@fault("challenge-with-commands", Step.MANAGE, prepare=first_without_credentials)
def commands_beside(answered: Answered) -> Response | None:
    """A Get beside the challenge."""
    return _with_challenge(answered, lambda message: appended(message, _GET))


@fault("challenge-incomplete-status", Step.MANAGE, prepare=first_without_credentials)
def statuses_left_out(answered: Answered) -> Response | None:
    """Only SyncHdr gets a Status beside the challenge."""
    return _with_challenge(
        answered, lambda message: replace(message, commands=message.commands[:1])
    )


@fault("challenge-loop", Step.MANAGE, prepare=without_credentials)
def challenged_again(answered: Answered) -> Response | None:
    """Right credentials are challenged again and again."""
    nonce = answered.tools.random(_NONCE_BYTES)
    chal = Chal(type=AUTH_MD5, format="b64", next_nonce=nonce)
    if not _challenges(answered):
        return None
    return with_header_status(answered, lambda status: replace(status, chal=status.chal or chal))


@fault("unsupported-challenge-type", Step.MANAGE, prepare=first_without_credentials)
def unknown_type(answered: Answered) -> Response | None:
    """A challenge of a type that no device knows."""
    return _with_chal(answered, lambda chal: replace(chal, type=_UNKNOWN_TYPE))


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

    return _with_chal(answered, lambda chal: with_nonce(chal, nonce))


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

    return _with_chal(answered, lambda chal: with_nonce(chal, nonce))


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
