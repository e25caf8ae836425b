"""What a device itself tells, beside HTTP: an event of its log, a line of it, a report.

Such an observation stands in the place of an exchange, as a connection does (``http``). It is
evidence of the device's side: which step failed there, with which code, at which server. Reading it
is the concern of ``capture``, whose life it belongs to that of the inspector. Source: formats.md
sections 5.5 and 5.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from mdmcore.errors import ParseError

MAX_TEXT = 2000
"""Characters of what was said that are kept."""

_MAX_ITEMS = 64
_MAX_NUMBER = 10**9


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


def observation_fields(observation: Observation) -> dict[str, Any]:
    """The observation in plain JSON types; what is not known is left out."""
    result: dict[str, Any] = {}
    for item in fields(Observation):
        value = getattr(observation, item.name)
        if isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, Mapping):
            value = dict(value)
        if value not in ("", None, [], {}):
            result[item.name] = value
    return result


def parse_observation(data: object) -> Observation:
    """The observation of ``observation_fields``; unknown fields are passed over. Raises
    ParseError."""
    if not isinstance(data, Mapping):
        raise ParseError("an observation is no table of fields")
    values: dict[str, Any] = {"source": "", "text": ""}
    for item in fields(Observation):
        if item.name in data:
            values[item.name] = _read(item.name, str(item.type), data[item.name])
    return Observation(**values)


def _read(name: str, kind: str, value: object) -> object:
    if kind == "str" and isinstance(value, str):
        return value[:MAX_TEXT]
    if kind == "int | None" and isinstance(value, int) and 0 <= value <= _MAX_NUMBER:
        return value
    if kind.startswith("tuple") and isinstance(value, list | tuple) and len(value) <= _MAX_ITEMS:
        return tuple(str(each)[:MAX_TEXT] for each in value)
    if kind.startswith("Mapping") and isinstance(value, Mapping) and len(value) <= _MAX_ITEMS:
        pairs = ((str(key)[:MAX_TEXT], str(each)[:MAX_TEXT]) for key, each in value.items())
        return MappingProxyType(dict(pairs))
    raise ParseError(f"an observation has a wrong {name}")
