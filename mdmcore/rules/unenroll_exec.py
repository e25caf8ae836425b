"""Finding the Exec by which a server lets a device leave (enrollment.md 13, L-Unenroll)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.syncml.model import Command, Item, SyncML

# The node of Windows Phone 8.0, and the newer one below the provider.
_UNENROLL = re.compile(r"(?i)(?:^|/)DMClient(?:/Provider/[^/]+)?/Unenroll/?\Z")


def unenroll_items(message: SyncML | None) -> Iterator[Item]:
    """The items of each such Exec in a server's message."""
    for command in message.walk() if message is not None else ():
        if isinstance(command, Command) and command.name == "Exec":
            for item in command.items:
                if _UNENROLL.search((item.target or "").strip()):
                    yield item


def has_unenroll_exec(message: SyncML) -> bool:
    """Whether the message lets the device leave."""
    return next(unenroll_items(message), None) is not None
