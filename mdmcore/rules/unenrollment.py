"""Rules on removing the enrolment (enrollment.md 13)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import Command

# The node of Windows Phone 8.0, and the newer one below the provider.
_UNENROLL = re.compile(r"(?i)(?:^|/)DMClient(?:/Provider/[^/]+)?/Unenroll/?\Z")


@rule("unenroll-data-missing", kinds={Kind.SYNCML})
def data_missing(scene: Scene) -> Iterator[Hit]:
    """The Exec on DMClient Unenroll has no Data, so a phone ignores it and stays enrolled. Send
    the PROVIDER-ID of the enrolment as Data, with Format chr."""
    message = scene.decoded.response_syncml
    for command in message.walk() if message is not None else ():
        if not isinstance(command, Command) or command.name != "Exec":
            continue
        for item in command.items:
            target = (item.target or "").strip()
            if _UNENROLL.search(target) and not (item.data or item.data_xml or "").strip():
                yield scene.hit(
                    "the Exec on Unenroll has no Data",
                    part="response",
                    xpath=item.place,
                    evidence=target,
                )
