"""What a device itself tells of one life: names that recognise it, facts, its last failure.

Values only; ``inspector/observing.py`` gathers them out of observations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MAX_NAMES = 16
"""Names of one kind that are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Names as in ``Observation``; ``facts`` for people; ``failure`` is the last failure it tells.

    ``is_alone``: the life is known by what the device tells only, no exchange was seen.
    """

    devices: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    enrollments: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    failure: str = ""
    is_alone: bool = False

    def joined(self, other: Told) -> Told:
        """Both together; ``other`` was told later."""
        return Told(
            devices=_both(self.devices, other.devices),
            users=_both(self.users, other.users),
            hosts=_both(self.hosts, other.hosts),
            enrollments=_both(self.enrollments, other.enrollments),
            thumbprints=_both(self.thumbprints, other.thumbprints),
            facts=MappingProxyType({**self.facts, **other.facts}),
            failure=other.failure or self.failure,
            is_alone=self.is_alone and other.is_alone,
        )


NOTHING_TOLD = Told()


def _both(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))[:MAX_NAMES]
