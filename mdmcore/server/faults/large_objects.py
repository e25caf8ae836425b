"""Mistakes with values that go in chunks (session.md 1.7, 8.1).

All but the first change an object that the server sends: they have room where a job is larger than
a message of the device may be, and the device takes large objects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mdmcore.http import Response
from mdmcore.profiles import device_profile
from mdmcore.server.faults.messages import next_cmd_id, sent_message, with_message, work_of
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.server_proof import account_of
from mdmcore.server.session.work import read_work, work_text
from mdmcore.syncml.model import Command, Container, Item, Meta, SyncML

_BUFFERED = "213"
_CHUNK = "a part of a value"
_GET = Command(name="Get", cmd_id="", items=(Item(target="./DevDetail/SwV"),))


@fault("large-object-on-phone", Step.MANAGE)
def chunk_for_a_phone(answered: Answered) -> Response | None:
    """A device that takes no large objects gets the first chunk of one as the last command."""
    account = account_of(answered)
    profile = (account.profile if account is not None else "") or answered.tools.settings.profile
    if device_profile(profile).takes_large_objects:
        return None
    provider = answered.tools.settings.provider_id
    item = Item(
        target=f"./Vendor/MSFT/DMClient/Provider/{provider}/EntDeviceName",
        meta=Meta(format="chr", size=str(2 * len(_CHUNK))),
        data=_CHUNK,
        more_data=True,
    )

    def change(message: SyncML) -> SyncML | None:
        commands = [one for one in message.commands if isinstance(one, Command | Container)]
        if not commands or _chunk_of(message) is not None or not _has_left_open(answered):
            return None
        chunk = Command(name="Replace", cmd_id=next_cmd_id(message.commands), items=(item,))
        return replace(message, commands=(*message.commands, chunk), is_final=False)

    return with_message(answered, change)


def _has_left_open(answered: Answered) -> bool:
    """Whether the server can be told that its package is still open: a chunk goes without Final,
    and the device then only asks for the next message."""
    sent, store = sent_message(answered), answered.tools.store
    session = None if sent is None else store.session(sent.header.source, sent.header.session_id)
    if session is None:
        return False
    work = replace(read_work(session), is_complete=True)
    store.save_message(replace(session, work=work_text(work)))
    return True


@fault("moredata-missing-size", Step.MANAGE)
def no_size(answered: Answered) -> Response | None:
    """The first chunk does not say how large the object is."""
    return _with_first_size(answered, lambda _size: None)


@fault("moredata-size-mismatch", Step.MANAGE)
def other_size(answered: Answered) -> Response | None:
    """The first chunk announces one byte more than comes."""
    return _with_first_size(answered, lambda size: str(int(size) + 1))


def _with_first_size(answered: Answered, change: Callable[[str], str | None]) -> Response | None:
    """Another Size, or none, in the first chunk of an object."""

    def changed(message: SyncML) -> SyncML | None:
        chunk = _chunk_of(message)
        meta = None if chunk is None else chunk.items[0].meta
        if chunk is None or meta is None or meta.size is None:
            return None
        item = replace(chunk.items[0], meta=replace(meta, size=change(meta.size)))
        other = replace(chunk, items=(item,))
        commands = tuple(other if one is chunk else one for one in message.commands)
        return replace(message, commands=commands)

    return with_message(answered, changed)


@fault("moredata-interleaved-chunk", Step.MANAGE)
def get_between(answered: Answered) -> Response | None:
    """A Get goes before the next chunk of an object."""
    sent = sent_message(answered)
    if sent is None or not any(status.data == _BUFFERED for status in sent.statuses):
        return None

    def change(message: SyncML) -> SyncML | None:
        work = work_of(message)
        if not work:
            return None
        get = replace(_GET, cmd_id=next_cmd_id(message.commands))
        place = message.commands.index(work[0])
        commands = (*message.commands[:place], get, *message.commands[place:])
        return replace(message, commands=commands)

    return with_message(answered, change)


def _chunk_of(message: SyncML) -> Command | None:
    """The command with a chunk that is not the last of its object."""
    for command in work_of(message):
        if isinstance(command, Command) and any(item.more_data for item in command.items):
            return command
    return None
