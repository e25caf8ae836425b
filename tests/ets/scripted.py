"""A server by hand for the simulated phone: its turns are text, its answers read by the stdlib."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, SessionOutcome, enroll, run, sync
from tests.ets import text as t
from tests.ets.text import Message
from tests.phone.generations import phone_of, script_for
from tests.phone.scripted import (
    DEVICE_NONCE,
    DEVICE_SECRET,
    DEVICE_USER,
    DM_URL,
    PROVIDER,
    SERVER_NONCE,
    SERVER_SECRET,
    EnrollmentScript,
    answer,
)
from tests.support.keys import load_key
from tests.support.server import FixedClock, counted_random

NEXT_NONCE = bytes(range(64, 80))
PROFILES = ("wp8", "wp81", "win81", "win10")

type Turn = Callable[[Message, Request], Response]


@cache
def enrolled(profile: str = "wp8", **changes: Any) -> EnrolledPhone:
    """A phone that has enrolled at a scripted server with the printed document."""
    return _enroll(script_for(profile), profile, **changes)


@cache
def enrolled_with(*changes: tuple[str, str], profile: str = "wp8") -> EnrolledPhone:
    """A phone whose document has these texts replaced."""
    script = script_for(profile)
    document = str(script.document)
    for old, new in changes:
        assert old in document, f"{old!r} is not in the document"
        document = document.replace(old, new)
    script.document = document
    return _enroll(script, profile)


def _enroll(script: EnrollmentScript, profile: str, **changes: Any) -> EnrolledPhone:
    return run(
        enroll(
            phone_of(profile, **changes),
            private_key=load_key("device"),
            random=counted_random("phone"),
            clock=FixedClock(),
        ),
        script,
    )


def server_cred(nonce: bytes = SERVER_NONCE, *, secret: str = SERVER_SECRET) -> str:
    """The server's proof."""
    return t.md5_cred(PROVIDER, secret, nonce)


def device_digest(nonce: bytes = DEVICE_NONCE) -> str:
    """What the phone's Cred must hold."""
    return t.digest(DEVICE_USER, DEVICE_SECRET, nonce)


def turn(
    body: str = "",
    *,
    code: str = "200",
    chal: str = "",
    cred: str = "",
    final: bool = True,
    msg_id: str | None = None,
    header: str = "",
    statuses: bool = True,
    content_type: str = t.XML_TYPE,
    **more: Any,
) -> Turn:
    """A message: the Statuses that the phone's message wants, then ``body``.

    MsgID is the phone's plus one unless given. Every command of the phone gets 200, or ``code``
    where that is a refusal.
    """

    def say(received: Message, _request: Request) -> Response:
        ref = received.msg_id
        told = t.status("901", ref, "0", "SyncHdr", code, chal)
        for number, one in enumerate(received.commands, start=902):
            refused = code if code in {"401", "407"} else "200"
            told += t.status(str(number), ref, t.text(one, "CmdID"), t.local(one), refused)
        data = t.message(
            (told if statuses else "") + body,
            target=received.header("Source/LocURI"),
            source=DM_URL,
            name=PROVIDER,
            session_id=received.header("SessionID"),
            msg_id=str(int(received.msg_id) + 1) if msg_id is None else msg_id,
            header=header,
            cred=cred,
            final=final,
            **more,
        )
        return answer(data, content_type)

    return say


def first(body: str = "", **values: Any) -> Turn:
    """Package 2: the phone is believed (212, next nonce), the server proves itself."""
    given = {"code": "212", "chal": t.chal(NEXT_NONCE), "cred": server_cred(), **values}
    return turn(body, **given)


LAST = turn()
"""Package 4 that closes the session."""


@dataclass
class Script:
    """Plays its turns; one message more than it has turns fails the test."""

    turns: tuple[Turn, ...]
    received: list[Message] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        assert len(self.requests) < len(self.turns), f"a message too many: {request.body!r}"
        self.requests.append(request)
        message = Message(request.body or b"")
        self.received.append(message)
        return self.turns[len(self.requests) - 1](message, request)


def hold(
    *turns: Turn, phone: EnrolledPhone | None = None, profile: str = "wp8"
) -> tuple[list[Message], SessionOutcome]:
    """A session with these turns: what the phone said, and what came of it."""
    script = Script(turns)
    known = phone or enrolled(profile)
    outcome = run(sync(known, random=counted_random("session"), clock=FixedClock()), script)
    assert len(script.received) == len(turns), "the phone fell silent early"
    return script.received, outcome


def ask(
    *commands: str,
    phone: EnrolledPhone | None = None,
    profile: str = "wp8",
) -> Message:
    """What the phone says to these commands in package 2."""
    said, _ = hold(first("".join(commands)), LAST, phone=phone, profile=profile)
    return said[1]


def ask_phone(
    *commands: str, phone: EnrolledPhone | None = None, profile: str = "wp8"
) -> tuple[Message, EnrolledPhone]:
    """The same, and the phone after the session."""
    said, outcome = hold(first("".join(commands)), LAST, phone=phone, profile=profile)
    return said[1], outcome.phone


def next_cred(phone: EnrolledPhone) -> str:
    """The server's proof for the phone's next session."""
    assert phone.nonce_s2c is not None
    return server_cred(phone.nonce_s2c)


def then(phone: EnrolledPhone, *commands: str) -> tuple[Message, EnrolledPhone]:
    """A later session of a phone with these commands."""
    said, outcome = hold(first("".join(commands), cred=next_cred(phone)), LAST, phone=phone)
    return said[1], outcome.phone
