"""A session's value: counters, nonces, who has been believed; and the messages made from it.

Sources: session.md 1.1, 1.2, 4.3, 4.4. What goes into a message is chosen in ``outbox``, the order
of events stands in ``dialogue``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mdmcore.http import Headers, Request
from mdmcore.namespaces import AUTH_MD5
from mdmcore.phone.answered import Answered
from mdmcore.phone.authentication import own_cred, own_mac
from mdmcore.phone.readiness import SessionAccount
from mdmcore.phone.server_message import Sent
from mdmcore.phone.settings import PhoneSettings
from mdmcore.phone.version import DM_12, Version
from mdmcore.records import AuthScheme
from mdmcore.syncml.model import (
    AnyCommand,
    Chal,
    Meta,
    Results,
    Status,
    SyncHdr,
    SyncML,
)
from mdmcore.syncml.wire import WireForm, encode_body

_HEADER_CMD_ID = "1"
"""Of the Status for SyncHdr; other commands begin at 2, in package 1 too (session.md 1.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session between two messages.

    ``nonce_c2s`` and ``nonce_s2c`` are in force now; the ``next_*`` values came with a 212 and
    are for the next session. ``sends_cred``: the next message carries credentials; ``uses_mac``:
    each message carries a MAC instead, to the end of the session.
    """

    session_id: str
    url: str
    scheme: AuthScheme
    sends_cred: bool
    uses_mac: bool = False
    version: Version = DM_12
    nonce_c2s: bytes | None = field(default=None, repr=False)
    nonce_s2c: bytes | None = field(default=None, repr=False)
    next_nonce_c2s: bytes | None = field(default=None, repr=False)
    next_nonce_s2c: bytes | None = field(default=None, repr=False)
    msg_id: int = 0
    server_msg_id: int = 0
    server_msg_text: str = ""
    last: tuple[AnyCommand, ...] = ()
    """The commands of the device's last message."""
    is_client_accepted: bool = False
    is_server_accepted: bool = False
    challenges: int = 0
    """How often the server challenged the device."""
    server_refusals: int = 0
    """How often the device challenged the server."""
    asked_for_more: bool = False

    def sent(self, account: SessionAccount) -> Sent:
        """What the next answer must fit."""
        return Sent(
            session_id=self.session_id,
            msg_id=str(self.msg_id),
            device_id=account.device_id,
            server_msg_id=self.server_msg_id,
            cmd_ids=tuple(
                (command.cmd_id, command.name)
                for command in self.last
                if not isinstance(command, Status | Results)
            ),
        )


def session_id(number: int, settings: PhoneSettings) -> str:
    """The SessionID of a device's session of that number: two bytes in hexadecimal
    on phones, decimal and of four digits at most on PCs (session.md 1.1)."""
    if settings.device.has_decimal_session_ids:
        return str(number % 10_000)
    return f"{number % 0x10000:X}"


def numbered(commands: Iterable[AnyCommand]) -> tuple[AnyCommand, ...]:
    """The commands of one message with their CmdIDs: 1 for the Status of SyncHdr, others from 2."""
    result: list[AnyCommand] = []
    following = 2
    for command in commands:
        if isinstance(command, Status) and command.is_for_header:
            result.append(replace(command, cmd_id=_HEADER_CMD_ID))
        else:
            result.append(replace(command, cmd_id=str(following)))
            following += 1
    return tuple(result)


def build_request(
    session: Session,
    commands: Iterable[AnyCommand],
    account: SessionAccount,
    settings: PhoneSettings,
    *,
    is_final: bool = True,
) -> tuple[Session, Request]:
    """The next message of the session as a POST, and the session that has sent it."""
    session = replace(session, msg_id=session.msg_id + 1, last=tuple(commands))
    body = message_body(session, session.last, account, settings, is_final=is_final)
    headers = [
        ("Content-Type", account.encoding),
        ("Accept", account.encoding),
        ("Accept-Charset", "UTF-8"),
        ("User-Agent", settings.device.dm_user_agent),
    ]
    if session.uses_mac:
        headers.append(own_mac(account, session.nonce_c2s or b"", body))
    return session, Request(method="POST", url=session.url, headers=Headers(headers), body=body)


def message_body(
    session: Session,
    commands: tuple[AnyCommand, ...],
    account: SessionAccount,
    settings: PhoneSettings,
    *,
    is_final: bool,
) -> bytes:
    """The session's message with these commands, encoded."""
    cred = None
    if session.sends_cred and not session.uses_mac:
        cred = own_cred(account, session.scheme, session.nonce_c2s or b"")
    limit = settings.message_limit
    header = SyncHdr(
        ver_dtd=session.version.dtd,
        ver_proto=session.version.proto,
        session_id=session.session_id,
        msg_id=str(session.msg_id),
        target=account.addr,
        source=account.device_id,
        source_name=account.user if cred is not None or session.uses_mac else None,
        cred=cred,
        meta=None if limit is None else Meta(max_msg_size=str(limit)),
    )
    message = SyncML(
        header=header, commands=commands, is_final=is_final, namespace=session.version.namespace
    )
    return encode_body(message, WireForm(media_type=account.encoding))


def header_answer(session: Session, code: int, nonce: bytes | None, type: str = AUTH_MD5) -> Status:
    """The Status for the server's SyncHdr, with a challenge when a nonce is given."""
    chal = None if nonce is None else Chal(type=type, format="b64", next_nonce=nonce)
    return Status(
        cmd_id=_HEADER_CMD_ID,
        msg_ref=session.server_msg_text,
        cmd_ref="0",
        cmd="SyncHdr",
        chal=chal,
        data=str(code),
    )


def statuses(session: Session, answered: Iterable[Answered]) -> tuple[Status, ...]:
    """The Statuses for commands of the server's last message, those it does not want left out."""
    return tuple(
        Status(
            cmd_id="",
            msg_ref=session.server_msg_text,
            cmd_ref=part.cmd_id,
            cmd=part.name,
            target_refs=() if part.target is None else (part.target,),
            data=str(part.code),
            items=part.items,
        )
        for part in answered
        if not part.is_silent
    )


def answers(session: Session, answered: tuple[Answered, ...]) -> tuple[AnyCommand, ...]:
    """All Statuses in order, then the Results; the CmdIDs are for ``numbered``."""
    results = (
        Results(cmd_id="", msg_ref=session.server_msg_text, cmd_ref=part.cmd_id, items=part.results)
        for part in answered
        if part.results
    )
    return (*statuses(session, answered), *results)
