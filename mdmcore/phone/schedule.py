"""When a device contacts its server: one value for both ways to write a schedule (9.5).

How it is read from the document stands in ``schedule_branch``.
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.profiles import PollScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySet:
    """So many attempts, so many minutes apart."""

    count: int = 0
    interval: int = 0

    @property
    def is_off(self) -> bool:
        """Without an interval nothing is attempted."""
        return self.interval <= 0

    @property
    def is_infinite(self) -> bool:
        """Count 0 with an interval: for ever."""
        return self.count == 0 and not self.is_off


OFF = RetrySet()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The sets in the order in which they are used.

    ``first`` is Aux in the registry, ``remaining`` is Aux2; ``remaining`` begins after the first
    good session. ``own`` is what the client adds where no set is infinite. ``scheme`` and ``place``
    say where the values came from, or would have stood. Without ``is_given`` the server gave none.
    """

    first: RetrySet
    second: RetrySet
    remaining: RetrySet
    own: RetrySet | None = None
    scheme: PollScheme
    place: str = ""
    is_given: bool = True

    @property
    def sets(self) -> tuple[RetrySet, RetrySet, RetrySet]:
        """All three."""
        return self.first, self.second, self.remaining

    @property
    def never_begins(self) -> bool:
        """Whether there is no contact at all: a first set of 0 in the registry (blog, T34); in
        Poll it is a set like the others."""
        is_zero = self.first.count <= 0 or self.first.is_off
        return self.scheme is PollScheme.REGISTRY and is_zero
