"""Mistakes in the commands of a session: what is added to the first message that has commands.

Most are a list of commands each (``wrong_commands``). Sources: session.md 2, 7, 8.5;
field-problems.md 2.3, 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mdmcore.http import Response
from mdmcore.server.faults.messages import (
    appended,
    is_xml,
    with_message,
    work_of,
)
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.server_proof import account_of
from mdmcore.server.faults.texts import replaced, with_body
from mdmcore.server.faults.wrong_commands import (
    COMMANDS,
    FOR_WINDOWS_10,
    VENDOR,
    one_command,
    wlan_profile,
)
from mdmcore.syncml.model import AnyCommand, Command, Container, Item, Meta, SyncML


def _adding(rule_id: str) -> Callable[[Answered], Response | None]:
    def change(answered: Answered) -> Response | None:
        account = account_of(answered)
        is_newer = account is not None and account.profile == "win10"
        found = FOR_WINDOWS_10.get(rule_id) if is_newer else None
        return with_commands(answered, *(found or COMMANDS[rule_id]))

    change.__doc__ = f"Adds the commands of ``COMMANDS`` for {rule_id}."
    return change


for _rule in COMMANDS:
    fault(_rule, Step.MANAGE)(_adding(_rule))


def with_commands(answered: Answered, *commands: AnyCommand) -> Response | None:
    """The answer with more commands, where it has some already: no challenge and no last word."""

    def change(message: SyncML) -> SyncML | None:
        return numbered(message, *commands) if work_of(message) else None

    return with_message(answered, change)


def numbered(message: SyncML, *commands: AnyCommand) -> SyncML:
    """The message with commands behind the others, those inside containers numbered, too."""
    for command in commands:
        message = appended(message, command)
        *before, last = message.commands
        if isinstance(last, Container):
            last = _numbered_inside(last)
        message = replace(message, commands=(*before, last))
    return message


def _numbered_inside(container: Container) -> Container:
    inner = []
    for number, one in enumerate(container.commands, start=1):
        one = replace(one, cmd_id=f"{container.cmd_id}-{number}")
        inner.append(_numbered_inside(one) if isinstance(one, Container) else one)
    return replace(container, commands=tuple(inner))


@fault("unescaped-data-xml", Step.MANAGE)
def raw_xml(answered: Answered) -> Response | None:
    """A profile stands in Data without escaping."""
    item = Item(
        target=f"{VENDOR}/WiFi/Profile/Net/WlanXml",
        meta=Meta(format="chr"),
        data_xml=wlan_profile("Net").partition("?>")[2],
    )
    return with_commands(answered, Command(name="Add", cmd_id="", items=(item,)))


@fault("cdata-in-data", Step.MANAGE)
def cdata(answered: Answered) -> Response | None:
    """Data is a CDATA section."""
    if not is_xml(answered):
        return None
    mark = "text-to-be-wrapped"
    command = one_command("Replace", f"{VENDOR}/DMClient/Provider/MDMProxy/EntDMID", mark, "chr")
    response = with_commands(answered, command)
    if response is None:
        return None
    old, new = f"<Data>{mark}</Data>", f"<Data><![CDATA[{mark}]]></Data>"
    return with_body(response, replaced(response.body or b"", old.encode(), new.encode()))
