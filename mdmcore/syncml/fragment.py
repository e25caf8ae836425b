"""Commands outside of a message: a SyncBody as text, for what is kept and sent later.

The text is a SyncBody in the namespace of SyncML 1.2. CmdIDs stand in it only where the commands
have some; whoever sends them numbers them anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mdmcore.errors import DeviceFault, ProtocolError
from mdmcore.namespaces import SYNCML_12
from mdmcore.syncml.commands import read_commands
from mdmcore.syncml.model import AnyCommand, Container
from mdmcore.syncml.reading import Reader
from mdmcore.syncml.writing import body_node
from mdmcore.xml import local_name, namespace_of, parse_strict, serialize


def serialize_commands(commands: Iterable[AnyCommand]) -> str:
    """The commands as a SyncBody without Final. Raises XmlError as ``serialize_syncml``."""
    return serialize(body_node(tuple(commands), SYNCML_12)).decode()


def parse_commands(
    text: str | bytes, *, fault: type[ProtocolError] = DeviceFault
) -> tuple[AnyCommand, ...]:
    """The commands of a SyncBody. Raises XmlError for what is no XML, and ``fault`` for another
    element or for what ``parse_syncml`` refuses in a body."""
    root = parse_strict(text.encode() if isinstance(text, str) else text)
    reader = Reader(namespace=namespace_of(root), strict=True, fault=fault)
    if local_name(root) != "SyncBody":
        raise reader.refuse(f"root element is {local_name(root)}, not SyncBody", "/")
    reader.check_size(root)
    return read_commands(reader, root, "/SyncBody")


def without_ids(commands: Iterable[AnyCommand]) -> tuple[AnyCommand, ...]:
    """The same commands with empty CmdIDs, also inside containers."""
    return tuple(map(_without_id, commands))


def _without_id[AnyCommandT: AnyCommand](command: AnyCommandT) -> AnyCommandT:
    if isinstance(command, Container):
        return replace(command, cmd_id="", commands=tuple(map(_without_id, command.commands)))
    return replace(command, cmd_id="")
