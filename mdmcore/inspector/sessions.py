"""Following the DM sessions of a life: which one a message belongs to, how it stands.

session.md 1.5 and 1.6. A message sent again by the device changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from mdmcore.http import Exchange
from mdmcore.inspector.large_objects import chunks_after
from mdmcore.namespaces import ALERT_CLIENT_EVENT, ALERT_GENERIC, LOGIN_STATUS_TYPE
from mdmcore.rules.decoded import Decoded
from mdmcore.rules.life import MAX_SESSIONS, MAX_TARGET, DmSession, Life, SentCommand
from mdmcore.rules.object_chunks import wanted_download
from mdmcore.rules.unenroll_exec import has_unenroll_exec
from mdmcore.syncml.model import AnyCommand, Command, Container, Results, Status, SyncML
from mdmcore.syncml.unenrollment import is_unenrollment

_CHALLENGES = frozenset({"401", "407"})


def find_session(life: Life, message: SyncML, body: bytes) -> tuple[DmSession, bool]:
    """The session of a device's message, and whether it begins with it.

    SessionIDs come again (a phone may always say 1), so MsgID 1 begins a new session unless it
    is the message just answered, sent once more.
    """
    wanted = message.header.session_id
    known = next((s for s in reversed(life.sessions) if s.session_id == wanted), None)
    if known is None:
        return DmSession(session_id=wanted), True
    is_repeated = message.header.msg_id == known.client_msg_id
    is_same = is_repeated and body_digest(body) == known.client_digest and not known.is_ended
    if is_same or (not is_repeated and message.header.msg_id != "1"):
        return known, False
    return DmSession(session_id=wanted), True


def body_digest(body: bytes) -> str:
    """What a message is recognised by when it comes again."""
    return hashlib.sha256(body).hexdigest()


def after_exchange(session: DmSession, exchange: Exchange, decoded: Decoded) -> DmSession:
    """The session with this exchange added."""
    asked, answered = decoded.request_syncml, decoded.response_syncml
    if asked is None:
        return session
    session = replace(
        session,
        client_msg_id=asked.header.msg_id,
        client_digest=body_digest(decoded.request.body),
        is_ended=_is_ended(exchange, decoded),
        version=asked.header.ver_proto,
    )
    session = replace(session, download=wanted_download(session, asked))
    session = _with_device_words(session, asked)
    if answered is None:
        return session
    session = _with_server_words(session, answered)
    is_same = answered.header.msg_id == asked.header.msg_id
    return replace(
        session,
        server_msg_id=answered.header.msg_id,
        sent=_sent(answered.commands),
        messages=session.messages + 1,
        answer_digest=body_digest(decoded.response.body) if decoded.response else "",
        is_mirrored=session.is_mirrored and is_same,
        is_refused=_code(answered) == "401",
    )


def _with_device_words(session: DmSession, message: SyncML) -> DmSession:
    """Who is logged on, how the device proves itself and whether it doubts the server."""
    for alert in message.alerts:
        for item in alert.items:
            kind = (item.meta.type if item.meta is not None else None) or ""
            if alert.code == ALERT_CLIENT_EVENT and kind == LOGIN_STATUS_TYPE:
                session = replace(session, login=(item.data or "").strip())
        if alert.code == ALERT_GENERIC and not is_unenrollment(alert):
            session = replace(session, has_other_alert=True)
    cred, code = message.header.cred, _code(message)
    return replace(
        session,
        scheme=cred.type.strip() if cred is not None and cred.type else session.scheme,
        device_challenges=session.device_challenges + (code in _CHALLENGES),
        upload=chunks_after(session.upload, message),
    )


def _with_server_words(session: DmSession, message: SyncML) -> DmSession:
    """Challenges, the Exec to leave, and a large object that is under way."""
    status, code = message.header_status, _code(message)
    asked = status.chal.type if status is not None and status.chal is not None else None
    return replace(
        session,
        asked_scheme=asked or session.asked_scheme if code in _CHALLENGES else session.asked_scheme,
        challenges=session.challenges + (code in _CHALLENGES and asked is not None),
        download=chunks_after(session.download, message),
        is_challenged=code in _CHALLENGES and asked is not None,
        has_unenroll=session.has_unenroll or has_unenroll_exec(message),
    )


def with_session(life: Life, session: DmSession, *, is_new: bool) -> Life:
    """The life with that session as its newest state."""
    if is_new:
        return replace(life, sessions=(*life.sessions, session)[-MAX_SESSIONS:])
    position = max(i for i, s in enumerate(life.sessions) if s.session_id == session.session_id)
    sessions = (*life.sessions[:position], session, *life.sessions[position + 1 :])
    return replace(life, sessions=sessions)


def _is_ended(exchange: Exchange, decoded: Decoded) -> bool:
    """Whether the server left nothing to do: credentials taken and no command sent.

    An empty 200 after the device's last Statuses ends a session too, if quietly.
    """
    asked, answered = decoded.request_syncml, decoded.response_syncml
    if answered is None:
        is_empty = exchange.response is not None and exchange.response.body == b""
        has_only_answers = asked is not None and not asked.alerts and bool(asked.statuses)
        return (
            is_empty
            and exchange.response is not None
            and (exchange.response.status == 200 and has_only_answers)
        )
    if _code(answered) not in ("200", "212"):
        return False
    return answered.is_final and all(
        isinstance(command, Status | Results) for command in answered.commands
    )


def _code(message: SyncML) -> str:
    status = message.header_status
    return "" if status is None else status.data.strip()


def _sent(commands: Iterable[AnyCommand], atomic: str | None = None) -> tuple[SentCommand, ...]:
    """What a device's Statuses will refer to; ``atomic`` as in SentCommand."""
    found: list[SentCommand] = []
    for command in commands:
        if isinstance(command, Status | Results):
            continue
        targets = tuple(
            item.target.strip()[:MAX_TARGET]
            for item in (command.items if isinstance(command, Command) else ())
            if item.target
        )
        found.append(
            SentCommand(cmd_id=command.cmd_id, name=command.name, targets=targets, atomic=atomic)
        )
        if isinstance(command, Container):
            is_outermost = atomic is None and command.name == "Atomic"
            found += _sent(command.commands, command.cmd_id if is_outermost else atomic)
    return tuple(found)
