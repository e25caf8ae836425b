"""Mistakes that begin with something which a session sets up: push, status page, another address.

Sources: session.md 7 (DMClient, DMAcc), field-problems.md 3.3. Each order goes out once to a
device, in its first message with commands; what the server then fails to do is the mistake.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.http import Response
from mdmcore.server.faults.commands import with_commands
from mdmcore.server.faults.messages import sent_message, with_message
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.settings import DM_PATH
from mdmcore.syncml.dmacc import dm_account_uid
from mdmcore.syncml.model import AnyCommand, Command, Container, Item, Meta, SyncML

_PFN = "Example.Company_1a2b3c4d5e6f7"
_CHANNEL, _CHANNEL_STATE = "/Push/ChannelURI", "/Push/Status"
_RELEASE = "/FirstSyncStatus/ServerHasFinishedProvisioning"
_STATUS_PAGE_MINUTES = "60"


def _provider(answered: Answered, context: str = "") -> str:
    return f"./{context}Vendor/MSFT/DMClient/Provider/{answered.tools.settings.provider_id}"


def _write(name: str, uri: str, data: str, format: str) -> Command:
    item = Item(target=uri, meta=Meta(format=format), data=data)
    return Command(name=name, cmd_id="", items=(item,))


def _once(answered: Answered, rule_id: str, *commands: AnyCommand) -> Response | None:
    """The answer with these commands behind its own, unless the device had them before."""
    sent = sent_message(answered)
    if sent is None:
        return None
    memory, key = answered.tools.memory, (rule_id, sent.header.source)
    if memory.recall(*key):
        return None
    changed = with_commands(answered, *commands)
    if changed is not None:
        memory.note(b"sent", *key)
    return changed


def _read_instead(answered: Answered, leaf: str, other: str) -> Response | None:
    """The answer with a Get of the node ``other`` for each command about the node ``leaf``, those
    in containers included, but not in containers of containers."""

    def read(command: Command) -> Command:
        targets = [item.target or "" for item in command.items]
        if not any(target.endswith(leaf) for target in targets):
            return command
        beside = (one.removesuffix(leaf) + other if one.endswith(leaf) else one for one in targets)
        items = tuple(Item(target=target) for target in beside)
        return Command(name="Get", cmd_id=command.cmd_id, items=items)

    def changed(command: AnyCommand) -> AnyCommand:
        if isinstance(command, Container):
            inner = (read(one) if isinstance(one, Command) else one for one in command.commands)
            return replace(command, commands=tuple(inner))
        return read(command) if isinstance(command, Command) else command

    def change(message: SyncML) -> SyncML | None:
        commands = tuple(map(changed, message.commands))
        return None if commands == message.commands else replace(message, commands=commands)

    return with_message(answered, change)


@fault("push-channel-not-refreshed", Step.MANAGE)
def channel_forgotten(answered: Answered) -> Response | None:
    """Push is set up, and wherever ChannelURI would be read, only Push/Status is."""
    changed = _read_instead(answered, _CHANNEL, _CHANNEL_STATE)
    answered = answered if changed is None else replace(answered, response=changed)
    order = _write("Add", f"{_provider(answered)}/Push/PFN", _PFN, "chr")
    return _once(answered, "push-channel-not-refreshed", order) or changed


@fault("esp-never-released", Step.MANAGE)
def page_forgotten(answered: Answered) -> Response | None:
    """The status page is armed, and where it would be let go, its release is only read."""
    changed = _read_instead(answered, _RELEASE, _RELEASE)
    answered = answered if changed is None else replace(answered, response=changed)
    uri = f"{_provider(answered)}/FirstSyncStatus/TimeOutUntilSyncFailure"
    order = _write("Add", uri, _STATUS_PAGE_MINUTES, "int")
    return _once(answered, "esp-never-released", order) or changed


@fault("esp-release-not-acked", Step.MANAGE)
def release_of_the_user(answered: Answered) -> Response | None:
    """The user's release goes out once, whatever the device answers while it is being set up."""
    uri = f"{_provider(answered, 'User/')}{_RELEASE}"
    return _once(answered, "esp-release-not-acked", _write("Replace", uri, "true", "bool"))


@fault("dm-post-not-to-addr", Step.MANAGE)
def moved(answered: Answered) -> Response | None:
    """The account is moved to another host than ADDR of the document named."""
    settings = answered.tools.settings
    domain = settings.domain_of(answered.request.host)
    uid = dm_account_uid(settings.provider_id)
    order = _write(
        "Replace",
        f"./SyncML/DMAcc/{uid}/AppAddr/1/Addr",
        f"https://enterpriseenrollment.{domain}{DM_PATH}",
        "chr",
    )
    return _once(answered, "dm-post-not-to-addr", order)
