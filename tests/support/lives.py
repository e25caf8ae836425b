"""Lives of many sessions, for tests of rules that need more than one message: basic credentials, so
that no nonce is in the way."""

from __future__ import annotations

from mdmcore.inspector import Inspection
from mdmcore.records import AuthScheme
from mdmcore.rules import Finding
from mdmcore.syncml.credentials import basic_cred
from mdmcore.syncml.model import AnyCommand, Container, Item, Results, Status
from tests.support.story import (
    CERT_CN,
    DEVICE_SECRET,
    Story,
    account,
    answer,
    document,
    header_status,
    package,
    package1,
)


class Sessions:
    """A device's sessions, each of two messages: commands out, their Statuses back."""

    def __init__(self, profile: str = "win10", *, wap: bytes | None = None) -> None:
        self.story = Story(profile).enrolled(
            wap or document(dm_account=account(scheme=AuthScheme.BASIC), profile=profile)
        )
        self._number = 0

    def hold(
        self,
        *commands: AnyCommand,
        code: str = "200",
        codes: dict[str, str] | None = None,
        told: tuple[AnyCommand, ...] = (),
        results: tuple[AnyCommand, ...] = (),
    ) -> tuple[Finding, ...]:
        """One session: what both of its exchanges show. ``codes`` are Statuses by CmdID, ``told``
        what the device adds to its first message, ``results`` to its second."""
        self._number += 1
        session_id = f"S{self._number}"
        first = package1(session_id=session_id, cred=basic_cred(CERT_CN, DEVICE_SECRET))
        first = package("1", *first.commands, *told, session_id=session_id, cred=first.header.cred)
        asked = self.story.sync(first, answer("2", "212", "1", *commands, session_id=session_id))
        if not commands:
            return asked.findings
        statuses = [
            Status(
                cmd_id=str(number),
                msg_ref="2",
                cmd_ref=one.cmd_id,
                cmd=one.name,
                data=(codes or {}).get(one.cmd_id, code),
            )
            for number, one in enumerate(_flat(commands), start=2)
        ]
        done: Inspection = self.story.sync(
            package("2", header_status("200", "2"), *statuses, *results, session_id=session_id),
            answer("3", "200", "2", session_id=session_id),
        )
        return (*asked.findings, *done.findings)


def _flat(commands: tuple[AnyCommand, ...]) -> list[AnyCommand]:
    found: list[AnyCommand] = []
    for one in commands:
        found.append(one)
        if isinstance(one, Container):
            found += _flat(one.commands)
    return found


def chunk(uri: str, data: str, *, more: bool, size: str | None = None) -> Results:
    """A Results of the device that is a part of a large object."""
    from mdmcore.syncml.model import Meta

    meta = None if size is None else Meta(size=size)
    item = Item(source=uri, meta=meta, data=data, more_data=more)
    return Results(cmd_id="9", msg_ref="2", cmd_ref="4", items=(item,))
