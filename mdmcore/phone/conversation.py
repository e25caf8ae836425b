"""A session's value: counters, nonces, who has been believed; and the messages made from it.

Sources: session.md 1.1, 1.2, 4.3, 4.4. The order of events stands in ``management``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mdmcore.http import Headers, Request
from mdmcore.namespaces import (
    ALERT_CLIENT_INITIATED,
    ALERT_GENERIC,
    ALERT_NEXT_MESSAGE,
    AUTH_MD5,
)
from mdmcore.phone.authentication import own_cred
from mdmcore.phone.commands import Answered
from mdmcore.phone.readiness import SessionAccount
from mdmcore.phone.server_message import Sent
from mdmcore.phone.settings import PhoneSettings
from mdmcore.phone.tree import DeviceTree
from mdmcore.records import AuthScheme
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Chal,
    Command,
    Item,
    Results,
    Status,
    SyncHdr,
    SyncML,
)
from mdmcore.syncml.wire import WireForm, encode_body

_DEVICE_INFO = ("DevId", "Man", "Mod", "DmV", "Lang")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session between two messages.

    ``nonce_c2s`` and ``nonce_s2c`` are in force now; the ``next_*`` values came with a 212 and
    are for the next session. ``sends_cred``: the next message carries credentials.
    """

    session_id: str
    url: str
    scheme: AuthScheme
    sends_cred: bool
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

    def sent(self, settings: PhoneSettings) -> Sent:
        """What the next answer must fit."""
        return Sent(
            session_id=self.session_id,
            msg_id=str(self.msg_id),
            device_id=settings.device_id,
            server_msg_id=self.server_msg_id,
            cmd_ids=tuple(
                (command.cmd_id, command.name)
                for command in self.last
                if not isinstance(command, Status | Results)
            ),
        )


def build_request(
    session: Session,
    commands: Iterable[AnyCommand],
    account: SessionAccount,
    settings: PhoneSettings,
    *,
    is_final: bool = True,
) -> tuple[Session, Request]:
    """The next message of the session as a POST, and the session that has sent it."""
    numbered = tuple(commands)
    session = replace(session, msg_id=session.msg_id + 1, last=numbered)
    cred = None
    if session.sends_cred:
        cred = own_cred(account, session.scheme, session.nonce_c2s or b"")
    header = SyncHdr(
        session_id=session.session_id,
        msg_id=str(session.msg_id),
        target=account.addr,
        source=settings.device_id,
        source_name=account.user if cred is not None else None,
        cred=cred,
    )
    message = SyncML(header=header, commands=numbered, is_final=is_final)
    body = encode_body(message, WireForm(media_type=account.encoding))
    headers = Headers(
        [
            ("Content-Type", account.encoding),
            ("Accept", account.encoding),
            ("Accept-Charset", "UTF-8"),
            ("User-Agent", settings.device.dm_user_agent),
        ]
    )
    return session, Request(method="POST", url=session.url, headers=headers, body=body)


def package_1(
    tree: DeviceTree, header_answer: Status | None = None, alert: Item | None = None
) -> tuple[AnyCommand, ...]:
    """Session alert, perhaps a generic alert, and DevInfo, CmdIDs from 2; after a challenge a
    Status stands before them."""
    items = tuple(
        Item(source=f"./DevInfo/{name}", data=tree.value(f"./DevInfo/{name}"))
        for name in _DEVICE_INFO
    )
    commands: list[AnyCommand] = [Alert(cmd_id="2", code=ALERT_CLIENT_INITIATED)]
    if alert is not None:
        commands.append(Alert(cmd_id="3", code=ALERT_GENERIC, items=(alert,)))
    commands.append(Command(name="Replace", cmd_id=str(len(commands) + 2), items=items))
    return (*commands,) if header_answer is None else (header_answer, *commands)


def header_answer(session: Session, code: int, nonce: bytes | None) -> Status:
    """The Status for the server's SyncHdr, with a challenge when a nonce is given."""
    chal = None if nonce is None else Chal(type=AUTH_MD5, format="b64", next_nonce=nonce)
    return Status(
        cmd_id="1",
        msg_ref=session.server_msg_text,
        cmd_ref="0",
        cmd="SyncHdr",
        chal=chal,
        data=str(code),
    )


def package_3(
    session: Session, first: Status, answered: tuple[Answered, ...], *, asks_for_more: bool
) -> tuple[AnyCommand, ...]:
    """All Statuses in order, then the Results, then perhaps the request for more."""
    commands: list[AnyCommand] = [first]
    for part in answered:
        commands.append(
            Status(
                cmd_id=str(len(commands) + 1),
                msg_ref=session.server_msg_text,
                cmd_ref=part.cmd_id,
                cmd=part.name,
                target_refs=() if part.target is None else (part.target,),
                data=str(part.code),
            )
        )
    for part in answered:
        if part.results:
            commands.append(
                Results(
                    cmd_id=str(len(commands) + 1),
                    msg_ref=session.server_msg_text,
                    cmd_ref=part.cmd_id,
                    items=part.results,
                )
            )
    if asks_for_more:
        commands.append(Alert(cmd_id=str(len(commands) + 1), code=ALERT_NEXT_MESSAGE))
    return tuple(commands)
