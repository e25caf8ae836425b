"""What a device itself tells, beside HTTP: an event of its log, a line of it, a report.

Such an observation stands in the place of an exchange, as a connection does (``http``). It is
evidence of the device's side: which step failed there, with which code, at which server. Reading it
is the concern of ``capture``, whose life it belongs to that of the inspector. Source: formats.md
sections 5.5 and 5.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MAX_TEXT = 2000
"""Characters of what was said that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One thing that a device tells.

    ``source`` says where it stands (the channel or provider of an event, ``pasted text``), ``text``
    what is said there. ``event`` is the event's number, ``level`` its level in lower case
    (``error``, ``warning``, ``information``), ``session`` the SessionID of a DM session.
    ``device`` is the computer's name, ``users`` are e-mail addresses, ``hosts`` those of servers in
    lower case, ``enrollments`` GUIDs of enrolments in upper case, ``thumbprints`` those of device
    certificates (SHA-1, hex, upper case). ``local_time`` is a time as it was written, where nothing
    tells its zone. ``facts`` are further facts for people, none of them secret.
    """

    source: str
    text: str
    event: int | None = None
    level: str = ""
    session: str = ""
    device: str = ""
    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    enrollments: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()
    local_time: str = ""
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def title(self) -> str:
        """``event 76``, or the source where there is no number."""
        return self.source if self.event is None else f"event {self.event}"
